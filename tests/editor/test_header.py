"""The head of the editor: how much there is to train, and what does not fit the cell."""

import pytest

from talos_magic.editor.context import Context
from talos_magic.editor.editor import GridEditor
from talos_magic.editor.summary import summary
from talos_magic.grid.condition import Condition
from talos_magic.grid.grid import Grid

ARTICLE = {"opt": ["Adam", "SGD"], "dropout": [0, 0.5], "reg": [None], "emb": [1, 2], "lr": [1]}


def test_combinations_are_a_product_factor_by_factor() -> None:
    assert summary(Grid(ARTICLE), Context()).product == (
        "8 combinations = 2 opt × 2 dropout × 2 emb, 2 fixed"
    )


@pytest.mark.parametrize(
    ("options", "plan"),
    [
        ({}, "time unknown until a round has run"),
        ({"seconds": 30.0}, "about 4:00 at 0:30 a round"),
        ({"rounds": 5, "seconds": 0.5}, "--rounds 5 draws 5 rounds · about 0:02 at 0.5 s a round"),
        ({"rounds": 100, "seconds": 1.0}, "--rounds 100 draws 8 rounds · about 0:08 at 0:01"),
        ({"fraction": 0.1, "seconds": 1.0}, "--fraction 0.1 draws 1 round · about 0:01 at"),
    ],
)
def test_the_plan_says_what_is_drawn_and_how_long_it_takes(
    options: dict[str, float], plan: str
) -> None:
    assert summary(Grid(ARTICLE), Context(**options)).plan.startswith(plan)


def test_a_condition_is_counted_exactly() -> None:
    where = Condition("params['dropout'] > 0", {})
    said = summary(Grid(ARTICLE), Context(where=where, rounds=3))
    assert said.plan.startswith("4 meet --where params['dropout'] > 0 · --rounds 3 draws 3 rounds")


def test_a_condition_on_a_huge_grid_is_an_estimate_and_says_so() -> None:
    grid = Grid({f"p{number}": list(range(10)) for number in range(12)})
    said = summary(grid, Context(where=Condition("sum(params.values()) < 54", {})))
    assert said.product.startswith("1,000,000,000,000 combinations = 10 p0")
    assert said.plan.startswith("about ")
    assert "(95 % confidence, from a sample) meet --where" in said.plan


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("params['dropout'] > 9", "no combination meets the condition"),
        ("params['x'] > 9", "KeyError: 'x'; params has opt, dropout"),
    ],
)
def test_a_condition_that_leaves_nothing_or_fails_is_a_problem(where: str, problem: str) -> None:
    assert problem in summary(Grid(ARTICLE), Context(where=Condition(where, {}))).problem


def test_an_empty_grid_says_what_to_do() -> None:
    assert summary(Grid(), Context()).problem == "no hyperparameter yet: add one below"
    editor = GridEditor({"lr": [0.1]})
    editor.rows["lr"].on.value = False
    assert "all are switched off" in editor.header.total.value


def chips(editor: GridEditor) -> list[str]:
    shown = editor.header.usual.items()
    return [name for name, chip in shown if "talos-hidden" not in chip._dom_classes]


def test_an_empty_grid_offers_the_usual_ones_and_a_click_adds_one_with_values() -> None:
    editor = GridEditor({})
    assert chips(editor)[:3] == ["lr", "units", "dropout"]
    for name in ("lr", "dropout"):
        editor.header.usual[name].click()
    assert editor.grid.to_dict() == {"lr": [0.001, 0.01], "dropout": [0.0, 0.25, 0.5]}
    assert not {"lr", "dropout"} & {*chips(editor)}
    editor.undo.click()
    assert "dropout" in chips(editor)


def test_a_grid_with_rows_and_a_cell_that_says_what_it_reads_offer_none() -> None:
    assert chips(GridEditor(ARTICLE)) == []
    assert chips(GridEditor({}, context=Context(reads={"lr"}))) == []


def warnings(editor: GridEditor) -> list[str]:
    return [line.children[0].value for line in editor.header.warnings.children]


def test_what_the_cell_never_reads_is_reported_and_switched_off_by_a_click() -> None:
    editor = GridEditor(ARTICLE, context=Context(reads={"opt", "dropout", "lr"}))
    assert warnings(editor) == [
        "the cell never reads reg, emb: 1 of 2 combinations only repeats another"
    ]
    editor.header.warnings.children[0].children[1].click()
    assert list(editor.grid.to_dict()) == ["opt", "dropout", "lr"]
    assert warnings(editor) == []


def test_what_the_grid_lacks_is_added_by_a_click_with_values_by_its_name() -> None:
    context = Context(reads={"lr", "batch_size", "foo"})
    editor = GridEditor({"lr": [0.1]}, context=context)
    assert warnings(editor) == ["the cell reads hyperparameters that the grid does not have:"]
    batch_size, foo = editor.header.warnings.children[0].children[1:]
    assert [batch_size.description, foo.description] == ["Add batch_size", "Add foo"]
    batch_size.click()
    foo.click()
    assert editor.grid.to_dict() == {"lr": [0.1], "batch_size": [32, 128], "foo": [None]}


def test_an_optimizer_that_the_cell_calls_is_suggested_as_a_class() -> None:
    import keras

    context = Context(reads={"opt"}, called={"opt"})
    editor = GridEditor({"lr": [0.1]}, context=context)
    editor.header.warnings.children[1].children[1].click()
    assert editor.grid.to_dict()["opt"] == [keras.optimizers.Adam, keras.optimizers.SGD]


@pytest.mark.parametrize("rate", ["lr", "learning_rate", "optimizer_lr", "eta"])
def test_an_optimizer_beside_a_learning_rate_is_suggested_as_a_class(rate: str) -> None:
    import keras

    editor = GridEditor({rate: [0.1]})
    editor.adding.enter("optimizer", "")
    assert editor.grid.to_dict()["optimizer"] == [keras.optimizers.Adam, keras.optimizers.SGD]


def test_the_cell_counts_for_more_than_a_learning_rate() -> None:
    context = Context(reads={"lr", "optimizer"})  # as in optimizers.get(params["optimizer"])
    editor = GridEditor({"lr": [0.1]}, context=context)
    editor.header.warnings.children[0].children[1].click()
    assert editor.grid.to_dict()["optimizer"] == ["adam", "sgd"]


def test_a_switched_off_row_that_the_cell_reads_is_switched_on_again() -> None:
    editor = GridEditor({"lr": [0.7], "units": [8]}, context=Context(reads={"lr", "units"}))
    editor.rows["lr"].on.value = False
    assert warnings(editor) == ["the cell reads hyperparameters that the grid does not have:"]
    editor.header.warnings.children[0].children[1].click()
    assert editor.grid.to_dict() == {"lr": [0.7], "units": [8]}


def test_names_are_text_and_never_markup() -> None:
    editor = GridEditor({"<img src=x>": [1, 2]}, context=Context(reads={"lr"}))
    assert "<img" not in editor.header.total.value
    assert "<img" not in warnings(editor)[0]


def test_the_head_follows_what_the_notebook_learns() -> None:
    context = Context()
    editor = GridEditor({"lr": [0.1, 0.2]}, context=context)
    context.set(seconds=60.0, reads={"units"})
    assert "about 2:00" in editor.header.total.value
    assert len(warnings(editor)) == 2
