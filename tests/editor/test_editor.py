"""The editor, through the traits of its own widgets: what a click or a keystroke sets."""

import gc
import math
import weakref
from typing import Any

import pytest

from talos_magic.editor.context import Context
from talos_magic.editor.editor import GridEditor
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid


class Adam:
    pass


class SGD:
    pass


ARTICLE = {
    "first_hidden_layer": [500],
    "opt": [Adam, SGD],
    "dropout": [0, 0.5],
    "weight_regulizer": [None],
    "lr": [1],
    "emb_output_dims": [None],
    "kernel_initializer": ["glorot_uniform"],
}


def edit(params: dict[str, Any], **context: Any) -> GridEditor:
    return GridEditor(params, context=Context(**context))


def contents(editor: GridEditor, name: str) -> Any:
    return editor.rows[name].contents


def message(editor: GridEditor, name: str) -> str:
    return str(editor.rows[name].message.value)


def texts(widget: Any) -> str:
    own = str(getattr(widget, "value", "")) + str(getattr(widget, "description", ""))
    return own + "".join(texts(child) for child in getattr(widget, "children", ()))


def test_each_hyperparameter_has_a_row_with_its_name_kind_and_count() -> None:
    editor = edit(ARTICLE)
    assert list(editor.rows) == list(ARTICLE)
    assert [row.kind.value[0] for row in editor.rows.values()] == [
        "fixed",
        "choices",
        "numbers",
        "fixed",
        "fixed",
        "fixed",
        "fixed",
    ]
    assert [row.on.description for row in editor.rows.values()] == list(ARTICLE)
    assert ">2<" in editor.rows["opt"].count.value


def test_nothing_changes_before_something_is_edited() -> None:
    assert edit(ARTICLE).grid.to_dict() == ARTICLE


# Ranges.


def test_a_range_is_set_by_its_handles() -> None:
    editor = edit({"units": (32, 160, 4)})
    slider = contents(editor, "units").slider
    stops = [value for _, value in slider.options]
    slider.index = (stops.index(32), stops.index(200))
    assert editor.grid.to_dict() == {"units": (32, 256, 4)}
    assert editor.grid["units"].values == (32, 88, 144, 200)
    assert contents(editor, "units").end.value == "200"


def test_a_handle_stays_where_it_was_dragged_to() -> None:
    editor = edit({"units": (32, 160, 4)})
    slider = contents(editor, "units").slider
    options = slider.options
    slider.index = (slider.index[0], slider.index[1] + 3)
    assert slider.options == options


def test_the_ends_and_steps_of_a_range_can_be_typed() -> None:
    editor = edit({"lr": [0.001, 0.1]})
    editor.rows["lr"].kind.value = ("range", True)
    row = contents(editor, "lr")
    row.start.value = "0.0001"
    row.steps.value = 4
    assert editor.grid.to_dict() == {"lr": [0.0001, 0.001, 0.01, 0.1]}
    assert row.preview.value == "0.0001, 0.001, 0.01, 0.1"


def test_whole_numbers_stay_whole_and_a_fraction_makes_them_floats() -> None:
    editor = edit({"units": (8, 40, 4)})
    row = contents(editor, "units")
    row.end.value = "64"
    assert {type(value) for value in editor.grid["units"].values} == {int}
    row.end.value = "64.5"
    assert editor.grid["units"].values[-1] == 64.5


@pytest.mark.parametrize(
    ("control", "typed", "said"),
    [
        ("steps", 0, "0 steps: give a whole number from 1"),
        ("steps", -3, "-3 steps: give a whole number from 1"),
        ("steps", 10**6, "1,000,000 steps: give at most 1,000"),
        ("steps", 200, "8 to 32 has only 25 whole numbers to try"),
        ("end", "4", "the end 4 is below the start 8"),
        ("end", "nan", "nan is not a number"),
        ("end", "1e999", "a range needs two finite numbers"),
        ("start", "", "type a number"),
        ("start", "<b>", "&lt;b&gt; is not a number"),
    ],
)
def test_a_bad_range_is_explained_in_its_row_and_changes_nothing(
    control: str, typed: Any, said: str
) -> None:
    editor = edit({"units": (8, 40, 4), "lr": [0.1]})
    getattr(contents(editor, "units"), control).value = typed
    assert said in message(editor, "units")
    assert editor.grid.to_dict() == {"units": (8, 40, 4), "lr": [0.1]}


def test_a_good_edit_takes_the_message_away() -> None:
    editor = edit({"units": (8, 40, 4)})
    contents(editor, "units").steps.value = 0
    contents(editor, "units").steps.value = 5
    assert message(editor, "units") == ""
    assert editor.grid["units"].values == (8, 14, 20, 26, 32)


def test_a_range_that_starts_at_zero_is_offered_no_logarithm() -> None:
    editor = edit({"dropout": [0.0, 0.5]})
    kinds = [text for text, _ in editor.rows["dropout"].kind.options]
    assert kinds == ["numbers", "range", "choices", "fixed"]


# Numbers.


def test_numbers_are_added_and_removed_one_by_one() -> None:
    editor = edit({"lr": [0.1, 0.01]})
    row = contents(editor, "lr")
    row.add.value = "0.001, 1e-4"
    assert editor.grid.to_dict() == {"lr": [0.1, 0.01, 0.001, 0.0001]}
    assert row.add.value == ""
    row.chips.children[1].click()
    assert editor.grid.to_dict() == {"lr": [0.1, 0.001, 0.0001]}
    assert [chip.description for chip in row.chips.children] == ["0.1 ×", "0.001 ×", "0.0001 ×"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.1", "0.1 is already in the list"),
        ("float('nan')", "nan is not a finite number"),
        ("'a'", "a is not a finite number"),
        ("True", "True is not a finite number"),
        ("1 /", "1 / is not a Python expression"),
        ("1 / 0", "1 / 0: ZeroDivisionError: division by zero"),
        ("rate", "rate: NameError"),
    ],
)
def test_a_bad_number_is_explained_and_stays_to_be_mended(typed: str, said: str) -> None:
    editor = edit({"lr": [0.1, 0.01]})
    row = contents(editor, "lr")
    row.add.value = typed
    assert said in message(editor, "lr").replace("&#x27;", "'")
    assert row.add.value == typed
    assert editor.grid.to_dict() == {"lr": [0.1, 0.01]}


def test_numbers_are_shown_as_a_person_writes_them() -> None:
    editor = edit({"lr": [0.1 + 0.2, 1e-5]})
    chips = contents(editor, "lr").chips.children
    assert [chip.description for chip in chips] == ["0.3 ×", "1e-05 ×"]


def test_the_last_number_cannot_be_removed() -> None:
    editor = edit({"lr": [0.1, 0.01]})
    contents(editor, "lr").chips.children[0].click()
    contents(editor, "lr").chips.children[0].click()
    assert "give at least one value" in message(editor, "lr")
    assert editor.grid.to_dict() == {"lr": [0.01]}


# Choices.


def test_choices_have_a_checkbox_each_by_their_labels() -> None:
    editor = edit({"opt": [Adam, SGD, "adam", None]})
    row = contents(editor, "opt")
    assert [tick.description for tick in row.ticks] == ["Adam", "SGD", "adam", "None"]
    row.ticks[0].value = False
    assert editor.grid.to_dict() == {"opt": [SGD, "adam", None]}
    assert len(row.ticks) == 4
    row.ticks[0].value = True
    assert editor.grid.to_dict() == {"opt": [Adam, SGD, "adam", None]}


def test_values_are_typed_as_expressions_of_the_notebook() -> None:
    editor = edit({"opt": ["sgd", "adam"]}, namespace={"Adam": Adam})
    contents(editor, "opt").add.value = "Adam, 'rmsprop', (3, 3)"
    assert editor.grid.to_dict() == {"opt": ["sgd", "adam", Adam, "rmsprop", (3, 3)]}


@pytest.mark.parametrize(
    ("name", "there", "typed", "values"),
    [
        ("act", ["relu", "tanh"], "selu", ["selu"]),
        ("act", ["relu", None], "selu, 'elu', None2", ["selu", "elu", "None2"]),
        ("pooling", ["avg", "sum"], "max", ["max"]),  # also a function of Python
        ("loss", ["mse", "mae"], "mean squared error", ["mean squared error"]),
        ("data", ["a.csv", "b.csv"], "../data/c-1.csv, d.csv", ["../data/c-1.csv", "d.csv"]),
        ("reg", ["l1", "l2"], "l1-l2", ["l1-l2"]),
        ("opt", ["sgd", "adam"], "Adam, SGD", [Adam, "SGD"]),
        ("opt", ["sgd", "adam"], "32, True", [32, True]),
    ],
)
def test_a_text_in_a_row_of_texts_needs_no_quotes(
    name: str, there: list[Any], typed: str, values: list[Any]
) -> None:
    editor = edit({name: there}, namespace={"Adam": Adam})
    contents(editor, name).add.value = typed
    assert editor.grid.to_dict()[name] == [*there, *values]


@pytest.mark.parametrize("typed", ["selu", "keras.optimizers.Adm"])
def test_a_name_in_a_row_of_objects_is_explained(typed: str) -> None:
    import keras

    editor = edit({"opt": [Adam, SGD]}, namespace={"keras": keras})
    contents(editor, "opt").add.value = typed
    said = "write &#x27;selu&#x27; for a string" if typed == "selu" else "AttributeError"
    assert said in message(editor, "opt")


@pytest.mark.parametrize(
    ("name", "values", "example"),
    [
        ("units", [16, 32], "add, e.g. 64"),
        ("dropout", [0.0, 0.25, 0.5], "add, e.g. 0.125"),
        ("learning_rate", [0.1, 0.01], "add, e.g. 0.05"),
        ("optimizer", ["sgd", "rmsprop"], "add, e.g. adam"),
        ("optimizer", ["adam", "sgd"], "add, e.g. rmsprop"),
        ("activation", ["relu", "tanh"], "add, e.g. elu"),
        ("color", ["red", "blue"], "add a value"),
        ("opt", [Adam, SGD], "add a value"),
        ("kernel_size", [(3, 3), (5, 5)], "add a value"),
    ],
)
def test_the_example_in_a_box_fits_its_row(name: str, values: list[Any], example: str) -> None:
    editor = edit({name: values})
    assert contents(editor, name).add.placeholder == example


def test_an_example_that_was_followed_gives_way_to_another() -> None:
    editor = edit({"units": [16, 32]})
    contents(editor, "units").add.value = "64"
    assert contents(editor, "units").add.placeholder == "add, e.g. 128"


def test_a_value_that_is_there_already_is_refused() -> None:
    editor = edit({"act": ["relu", "tanh"]})
    contents(editor, "act").add.value = "'relu'"
    assert "is already in the list" in message(editor, "act")


def test_the_last_tick_stays_and_says_why() -> None:
    editor = edit({"act": ["relu", "tanh"]})
    row = contents(editor, "act")
    row.ticks[0].value = False
    row.ticks[1].value = False
    assert "tick at least one value" in message(editor, "act")
    assert row.ticks[1].value is True
    assert editor.grid.to_dict() == {"act": ["tanh"]}


def test_a_boolean_has_two_checkboxes_and_nothing_to_type() -> None:
    editor = edit({"bn": [True, False]})
    row = contents(editor, "bn")
    assert [tick.description for tick in row.ticks] == ["True", "False"]
    assert list(row.box.children) == [row.list]
    assert list(row.list.children) == row.ticks
    row.ticks[1].value = False
    assert editor.grid.to_dict() == {"bn": [True]}


# One value.


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("bn", True, [True]),
        ("dropout", 0.1, [0.0, 0.1, 0.25, 0.5]),
        ("x", 8, [4, 8, 16]),
        ("activation", "relu", ["relu", "tanh"]),
        ("x", None, [None]),
    ],
)
def test_one_click_opens_a_fixed_value_up(name: str, value: Any, expected: list[Any]) -> None:
    editor = edit({name: [value]})
    contents(editor, name).open.click()
    assert set(expected) <= set(editor.grid[name].values)
    assert editor.rows[name].kind.value[0] != "fixed"


def test_a_fixed_value_can_be_typed() -> None:
    editor = edit(ARTICLE, namespace={"SGD": SGD})
    contents(editor, "lr").value.value = "0.01"
    contents(editor, "kernel_initializer").value.value = "he_normal"
    contents(editor, "weight_regulizer").value.value = "SGD"
    params = editor.grid.to_dict()
    assert params["lr"] == [0.01]
    assert params["kernel_initializer"] == ["he_normal"]
    assert params["weight_regulizer"] == [SGD]
    assert contents(editor, "weight_regulizer").value.value == "SGD"


# What the editor cannot show stays as it is.


@pytest.mark.parametrize("count", [61, 10**5])
def test_more_values_than_can_be_shown_stay_as_they_are(count: int) -> None:
    params = {"seed": list(range(count)), "lr": [0.1, 0.2]}
    editor = edit(params)
    assert "too many to edit one by one: they stay as they are" in texts(editor.rows["seed"].box)
    editor.rows["lr"].contents.add.value = "0.3"
    assert editor.grid.to_dict()["seed"] == params["seed"]


def test_a_value_whose_repr_fails_is_shown_by_its_type() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    shy = Shy()
    editor = edit({"block": [shy, None]})
    assert contents(editor, "block").ticks[0].description == "Shy"
    assert editor.grid.to_dict()["block"][0] is shy


def test_nan_among_the_values_is_a_choice_by_its_name() -> None:
    editor = edit({"x": [math.nan, 1.0]})
    assert [tick.description for tick in contents(editor, "x").ticks] == ["nan", "1.0"]


def test_repeats_in_the_dict_are_reported() -> None:
    editor = edit({"lr": [0.1, 0.2, 0.1]})
    assert "1 repeated value: each value is tried once" in message(editor, "lr")
    assert editor.grid.to_dict() == {"lr": [0.1, 0.2, 0.1]}


def test_a_name_that_is_a_metric_too_is_reported() -> None:
    editor = edit({"loss": ["mse", "mae"]})
    assert "loss is also a metric: tables call this column param__loss" in message(editor, "loss")


# Rows.


def test_a_row_that_is_switched_off_leaves_the_dict_and_comes_back() -> None:
    editor = edit(ARTICLE)
    editor.rows["dropout"].on.value = False
    assert "dropout" not in editor.grid.to_dict()
    editor.rows["dropout"].on.value = True
    assert editor.grid.to_dict() == ARTICLE


def press(editor: GridEditor, name: str, what: str) -> None:
    actions = editor.rows[name].box.children[4]
    next(button for button in actions.children if button.tooltip == f"{what} {name}").click()


def test_rows_move_and_the_dict_with_them() -> None:
    editor = edit({"a": [1], "b": [2], "c": [3]})
    press(editor, "c", "move up")
    press(editor, "a", "move down")
    assert list(editor.grid.to_dict()) == ["c", "a", "b"]
    assert list(editor.list.children) == [editor.rows[name].box for name in "cab"]
    press(editor, "c", "move up")
    assert list(editor.grid.to_dict()) == ["c", "a", "b"]


def test_a_removed_row_comes_back_by_undo() -> None:
    editor = edit({"a": [1], "b": [2]})
    press(editor, "a", "remove")
    assert editor.grid.to_dict() == {"b": [2]}
    editor.undo.click()
    assert list(editor.grid.to_dict()) == ["a", "b"]
    assert list(editor.list.children) == [editor.rows[name].box for name in "ab"]
    assert editor.undo.disabled


def test_reset_goes_back_to_the_first_and_can_be_undone() -> None:
    editor = edit({"a": [1, 2]})
    contents(editor, "a").add.value = "3"
    contents(editor, "a").add.value = "4"
    editor.reset.click()
    assert editor.grid.to_dict() == {"a": [1, 2]}
    editor.undo.click()
    assert editor.grid.to_dict() == {"a": [1, 2, 3, 4]}


def test_undo_clears_what_was_typed_wrongly() -> None:
    editor = edit({"units": (8, 40, 4)})
    contents(editor, "units").steps.value = 5
    contents(editor, "units").steps.value = 0
    editor.undo.click()
    assert contents(editor, "units").steps.value == 4
    assert message(editor, "units") == ""


def test_a_hyperparameter_is_added_with_values_or_those_its_name_suggests() -> None:
    editor = edit({"lr": [0.1]})
    editor.adding.name.value = "width"
    editor.adding.values.value = "8, 16"
    editor.adding.button.click()
    editor.adding.name.value = "batch_size"
    editor.adding.button.click()
    assert editor.grid.to_dict() == {"lr": [0.1], "width": [8, 16], "batch_size": [32, 128]}
    assert editor.adding.name.value == editor.adding.values.value == ""


@pytest.mark.parametrize(
    ("name", "typed", "values"),
    [
        ("activation", "relu, selu", ["relu", "selu"]),
        ("kernel_regularizer", "l2, None", ["l2", None]),
        ("units", "8, 16", [8, 16]),
    ],
)
def test_the_values_of_a_name_that_suggests_texts_need_no_quotes(
    name: str, typed: str, values: list[Any]
) -> None:
    editor = edit({})
    assert editor.adding.enter(name, typed)
    assert editor.grid.to_dict() == {name: values}


def test_a_refused_hyperparameter_keeps_the_scan_from_starting() -> None:
    editor = edit({"lr": [0.1]})
    assert not editor.adding.enter("units", "1 /")
    with pytest.raises(ScanError, match="new hyperparameter: 1 / is not a Python expression"):
        editor.check()
    assert editor.adding.enter("", "")
    editor.check()


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("", "1", "a hyperparameter needs a name"),
        ("x", "(3, 3)", "is the tuple (3, 3): a range is (start, end, steps)"),
        ("lr", "1", "lr is already in the grid"),
        ("x", "1 /", "1 / is not a Python expression"),
        ("x", "y", "NameError"),
    ],
)
def test_a_bad_new_hyperparameter_is_explained(name: str, values: str, said: str) -> None:
    editor = edit({"lr": [0.1]})
    editor.adding.name.value, editor.adding.values.value = name, values
    editor.adding.button.click()
    assert said in editor.adding.message.value
    assert editor.grid.to_dict() == {"lr": [0.1]}


@pytest.mark.parametrize(
    ("typed", "spec"),
    [("[8, 16]", [8, 16]), ("range(3)", range(3)), ("(32, 160, 4)", (32, 160, 4)), ("8,", [8])],
)
def test_new_values_can_be_typed_as_a_params_dict_has_them(typed: str, spec: Any) -> None:
    editor = edit({"lr": [0.1]})
    editor.adding.name.value, editor.adding.values.value = "x", typed
    editor.adding.button.click()
    assert editor.grid.to_dict()["x"] == spec


def test_a_mistake_is_forgotten_when_its_box_is_emptied() -> None:
    editor = edit({"lr": [0.1, 0.2], "act": ["relu", "tanh"]})
    for name in editor.rows:
        contents(editor, name).add.value = "1 /"
        with pytest.raises(ScanError, match=f"{name}: 1 / is not a Python expression. Correct it"):
            editor.check()
        contents(editor, name).add.value = ""
        assert message(editor, name) == ""
        editor.check()


def hidden(widget: Any) -> bool:
    return "talos-hidden" in widget._dom_classes


def test_more_than_ten_rows_can_be_searched() -> None:
    editor = edit({f"layer_{number}": [1] for number in range(10)})
    assert hidden(editor.search)
    editor.adding.name.value = "dropout"
    editor.adding.button.click()
    assert not hidden(editor.search)
    editor.search.value = "DROP"
    assert [name for name, row in editor.rows.items() if not hidden(row.box)] == ["dropout"]


def test_a_grid_that_changes_elsewhere_shows_in_the_rows() -> None:
    grid = Grid({"lr": [0.1, 0.2]})
    editor = GridEditor(grid)
    grid.dimensions = Grid({"lr": [0.5, 0.6, 0.7], "new": ["a", "b"]}).dimensions
    chips = contents(editor, "lr").chips.children
    assert [chip.description for chip in chips] == ["0.5 ×", "0.6 ×", "0.7 ×"]
    assert list(editor.rows) == ["lr", "new"]


def test_the_code_follows_every_edit() -> None:
    editor = edit({"lr": [0.1]})
    editor.code.wanted = True
    contents(editor, "lr").value.value = "0.2"
    assert editor.code.code == 'params = {\n    "lr": [0.2],\n}'


def test_a_value_that_has_no_source_is_reported_beside_the_button() -> None:
    editor = edit({"block": [object(), None]})
    editor.code.wanted = True
    assert editor.code.code == ""
    assert "block" in editor.code.problem


def test_where_there_are_no_widgets_the_grid_is_text() -> None:
    bundle, _ = edit({"lr": [0.1, 0.2]})._repr_mimebundle_()
    assert "2 combinations = 2 lr" in bundle["text/plain"]


def test_a_closed_editor_leaves_no_widget_of_its_own_behind() -> None:
    import ipywidgets

    edit({"a": [1]})  # makes what editors share
    instances = ipywidgets.widgets.widget._instances
    before = set(instances)
    editor = edit(ARTICLE)
    editor.close()
    kinds = {type(instances[key]).__name__ for key in set(instances) - before}
    assert not {kind for kind in kinds if not kind.endswith(("Layout", "Style", "StyleModel"))}


def test_a_closed_editor_is_forgotten() -> None:
    context = Context()
    value = Adam()
    editor = GridEditor({"block": [value, None]}, context=context)
    gone = weakref.ref(value)
    editor.close()
    del editor, value
    gc.collect()
    assert gone() is None
    context.set(seconds=1.0)


def test_a_typed_exit_is_a_mistake_and_ends_nothing() -> None:
    editor = edit({"opt": ["a", "b"]})
    contents(editor, "opt").add.value = "exit()"
    assert "exit(): SystemExit" in message(editor, "opt")


def test_no_more_numbers_can_be_added_than_can_be_edited() -> None:
    editor = edit({"n": list(range(60))})
    contents(editor, "n").add.value = "60"
    assert "at most 60 numbers: use a range for more" in message(editor, "n")
    assert len(editor.grid["n"].values) == 60
