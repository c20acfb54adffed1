"""The editor in a real kernel: what a page sends while the cell waits, and while it is idle."""

from html import escape
from typing import Any

import pytest

from talos_magic.editor.entries import Entries
from tests.conftest import RunCells, texts

from .client import Kernel

SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
p = {"lr": [0.1, 0.2], "activation": ["relu", "tanh"]}
"""
CELL = """\
%%talos_scan {options}
for epoch in range(3):
    time.sleep(0.01)
    report(epoch, loss=params["lr"])
return {{"loss": [params["lr"]]}}, params["activation"] and None
"""
ENTRIES = Entries._esm
ROUNDS = "print(scan.data[['lr', 'activation']].values.tolist())"


def start(kernel: Kernel, options: str = "--edit") -> str:
    """Run the scan cell and wait until its editor is there."""
    request: str = kernel.client.execute(CELL.format(options=options))
    kernel.wait_for_display()
    return request


def printed(messages: list[Any]) -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def test_the_cell_waits_for_start_and_trains_what_was_edited(kernel: Kernel) -> None:
    request = start(kernel)
    kernel.set(kernel.wait_for_widget(description="tanh"), value=False)
    kernel.press(kernel.wait_for_widget(description="Start"))
    seen = kernel.wait_until_idle(request)
    assert [m["content"]["evalue"] for m in seen if m["msg_type"] == "error"] == []
    assert kernel.run(ROUNDS) == "[[0.1, 'relu'], [0.2, 'relu']]\n"
    assert kernel.run("print(p)") == "{'lr': [0.1, 0.2], 'activation': ['relu']}\n"


def test_the_editor_gives_way_to_the_grid_as_static_text(kernel: Kernel) -> None:
    request = start(kernel)
    kernel.press(kernel.wait_for_widget(description="Start"))
    seen = kernel.wait_until_idle(request)
    updates = [m["content"]["data"] for m in seen if m["msg_type"] == "update_display_data"]
    assert "<summary>4 combinations = 2 lr × 2 activation</summary>" in updates[0]["text/html"]
    assert '"lr": [0.1, 0.2],' in updates[0]["text/html"].replace("&quot;", '"')
    assert "<img" in updates[1]["text/html"]


def test_cancel_trains_nothing_and_changes_nothing(kernel: Kernel) -> None:
    kernel.run("scan = 'before'")
    request = start(kernel)
    kernel.set(kernel.wait_for_widget(description="tanh"), value=False)
    kernel.press(kernel.wait_for_widget(description="Cancel"))
    assert printed(kernel.wait_until_idle(request)) == "cancelled: nothing was trained\n"
    assert kernel.run("print(scan, p)") == (
        "before {'lr': [0.1, 0.2], 'activation': ['relu', 'tanh']}\n"
    )


def test_an_interrupt_while_it_waits_is_a_cancel(kernel: Kernel) -> None:
    request = start(kernel)
    kernel.set(kernel.wait_for_widget(description="activation: add a value"), value="selu(")
    kernel.press(kernel.wait_for_widget(description="Start"))
    for is_disabled in (True, False):  # it answers, so it waits
        kernel.wait_for_widget(description="Start", disabled=is_disabled)
    kernel.manager.interrupt_kernel()
    seen = kernel.wait_until_idle(request)
    assert printed(seen) == "cancelled: nothing was trained\n"
    assert [m["content"]["evalue"] for m in seen if m["msg_type"] == "error"] == []


def test_without_params_the_editor_has_what_the_cell_reads(kernel: Kernel) -> None:
    kernel.run("del p")
    request = start(kernel, "")
    kernel.press(kernel.wait_for_widget(description="Start"))
    kernel.wait_until_idle(request)
    assert kernel.run("print(params)") == "{'activation': ['relu', 'tanh'], 'lr': [0.001, 0.01]}\n"
    assert kernel.run("print(len(scan.data))") == "4\n"


def test_nothing_starts_while_a_row_shows_a_mistake(kernel: Kernel) -> None:
    request = start(kernel)
    kernel.set(kernel.wait_for_widget(description="activation: add a value"), value="selu(")
    kernel.press(kernel.wait_for_widget(description="Start"))
    kernel.wait_for_widget(description="Start", disabled=False)
    kernel.set(kernel.wait_for_widget(description="activation: add a value"), value="selu")
    kernel.press(kernel.wait_for_widget(description="Start"))
    kernel.wait_until_idle(request)
    assert kernel.run("print(p['activation'], len(scan.data))") == "['relu', 'tanh', 'selu'] 6\n"


def test_bad_options_are_told_before_the_editor_opens(kernel: Kernel) -> None:
    request = kernel.client.execute(CELL.format(options="--edit --rounds 0"))
    seen = kernel.wait_until_idle(request)
    assert printed(seen) == "UsageError: --rounds is 0: give a whole number from 1\n"
    assert kernel.find_widget(description="Start") is None


def test_a_start_that_cannot_be_is_refused_and_the_editor_stays(kernel: Kernel) -> None:
    request = start(kernel, "--edit --order sequential --where \"params['lr'] > 0.15\"")
    kernel.set(kernel.wait_for_widget(description="lr"), value=False)
    kernel.press(kernel.wait_for_widget(description="Start"))
    has_not = "which is not in params: add it, or read it with .get()"
    problem = escape(f"line 4: the cell reads 'lr', {has_not}")
    kernel.wait_for_widget(value=f"<span role='alert'>{problem}</span>")
    kernel.set(kernel.wait_for_widget(description="lr"), value=True)
    kernel.press(kernel.wait_for_widget(description="Start", disabled=False))
    kernel.wait_until_idle(request)
    assert kernel.run(ROUNDS) == "[[0.2, 'relu'], [0.2, 'tanh']]\n"


def finish(kernel: Kernel, request: str) -> None:
    """End a search by hand, and see that nothing was amiss."""
    kernel.press(kernel.wait_for_widget(description="Finish"))
    seen = kernel.wait_until_idle(request)
    assert [m["content"]["evalue"] for m in seen if m["msg_type"] == "error"] == []


def try_one(kernel: Kernel) -> None:
    kernel.set(kernel.wait_for_widget(_model_name="ToggleButtonsModel"), index=1)
    kernel.press(kernel.wait_for_widget(description="Run this round"))


def test_rounds_are_tried_one_by_one_into_one_experiment(kernel: Kernel) -> None:
    request = start(kernel, "demo --edit")
    try_one(kernel)
    kernel.wait_for_change("ended", 0)
    kernel.wait_for_widget(description="Run this round", disabled=False)
    kernel.set(kernel.wait_for_widget(description="lr: another value"), value="0.05")
    kernel.press(kernel.wait_for_widget(description="Run this round"))
    kernel.wait_for_change("ended", 1)
    finish(kernel, request)
    assert kernel.run(ROUNDS) == "[[0.1, 'relu'], [0.05, 'relu']]\n"
    assert kernel.run("print(p['lr'])") == "[0.1, 0.2]\n"
    assert kernel.run("import os; print(len(os.listdir('demo')))") == "1\n"


def test_a_manual_search_begins_with_one_round(kernel: Kernel) -> None:
    request = start(kernel, "--search manual")
    kernel.press(kernel.wait_for_widget(description="Run this round"))
    kernel.wait_for_change("ended", 0)
    finish(kernel, request)
    assert kernel.run(ROUNDS) == "[[0.1, 'relu']]\n"


def test_a_manual_search_goes_on_with_what_was_typed_in(kernel: Kernel) -> None:
    request = start(kernel, "demo --search manual")
    kernel.set(kernel.wait_for_widget(description="lr: another value"), value="0.05")
    kernel.press(kernel.wait_for_widget(description="Run this round"))
    kernel.wait_for_change("ended", 0)
    finish(kernel, request)
    kernel.widgets.clear()
    request = start(kernel, "demo --search manual --resume")
    kernel.wait_for_widget(value="1 earlier round, shown when the next one runs")
    choice = kernel.wait_for_widget(description="lr: value to try")
    assert "0.05" in kernel.widgets[choice]["_options_labels"]
    kernel.press(kernel.wait_for_widget(description="Run this round"))
    kernel.wait_for_change("ended", 1)
    finish(kernel, request)
    assert kernel.run(ROUNDS) == "[[0.05, 'relu'], [0.1, 'relu']]\n"


def test_rounds_by_hand_keep_their_hyperparameters(kernel: Kernel) -> None:
    request = start(kernel)
    try_one(kernel)
    kernel.wait_for_change("ended", 0)
    kernel.set(kernel.wait_for_widget(description="lr"), value=False)
    kernel.press(kernel.wait_for_widget(description="Run this round", disabled=False))
    kernel.wait_for_widget(
        value="<span role='alert'>the hyperparameters of this scan are lr, activation: end it and "
        "start another one to change them</span>"
    )
    finish(kernel, request)
    assert kernel.run(ROUNDS) == "[[0.1, 'relu']]\n"


FAILING = """\
%%talos_scan --edit
if params["lr"] == 0.1:
    raise ValueError("too small")
return {"loss": [params["lr"]]}, params["activation"] and None
"""


def test_a_failing_try_is_told_and_the_next_can_follow(kernel: Kernel) -> None:
    request = kernel.client.execute(FAILING)
    kernel.wait_for_display()
    try_one(kernel)
    kernel.wait_for_widget(
        value="1 tried; the last one failed: ValueError: too small; pick other values, or finish"
    )
    kernel.set(kernel.wait_for_widget(description="lr: value to try"), index=1)
    kernel.press(kernel.wait_for_widget(description="Run this round", disabled=False))
    kernel.wait_for_widget(value="2 tried; pick other values, or finish")
    finish(kernel, request)
    assert kernel.run("print(scan.data['loss'].dropna().tolist(), len(scan.failures))") == (
        "[0.2] 1\n"
    )


def test_a_second_click_trains_no_second_round(kernel: Kernel) -> None:
    request = start(kernel)
    try_one(kernel)
    kernel.press(kernel.wait_for_widget(description="Run this round"))
    kernel.wait_for_widget(value="1 tried; pick other values, or finish")
    finish(kernel, request)
    assert kernel.run(ROUNDS) == "[[0.1, 'relu']]\n"


def test_a_try_meets_the_condition(kernel: Kernel) -> None:
    request = start(kernel, "--edit --where \"params['lr'] > 0.15\"")
    try_one(kernel)
    kernel.wait_for_widget(
        value="<span role='alert'>these values do not meet the condition of --where</span>"
    )
    kernel.press(kernel.wait_for_widget(description="Cancel"))
    kernel.wait_until_idle(request)


def test_after_a_try_a_huge_grid_is_not_listed(kernel: Kernel) -> None:
    kernel.run("p |= {f'x{n}': list(range(10)) for n in range(12)}")
    request = start(kernel)
    try_one(kernel)
    kernel.wait_for_change("ended", 0)
    kernel.set(kernel.wait_for_widget(_model_name="ToggleButtonsModel"), index=0)
    kernel.press(kernel.wait_for_widget(description="Start", disabled=False))
    view = kernel.wait_for_change("ended", 2)
    kernel.ask(view, "stop")
    kernel.wait_until_idle(request)
    assert kernel.run("print(len(scan.data) >= 3)") == "True\n"


def test_a_variable_that_is_no_dict_is_kept(kernel: Kernel) -> None:
    kernel.run("del p; params = 'precious'")
    seen = kernel.wait_until_idle(kernel.client.execute(CELL.format(options="")))
    assert printed(seen) == (
        "UsageError: params is of type str, not a dict of lists: name one with -p\n"
    )
    assert kernel.run("print(params)") == "precious\n"


def test_after_a_try_the_whole_grid_can_follow_without_repeating_it(kernel: Kernel) -> None:
    request = start(kernel, "--edit --order sequential")
    try_one(kernel)
    kernel.wait_for_change("ended", 0)
    kernel.set(kernel.wait_for_widget(_model_name="ToggleButtonsModel"), index=0)
    kernel.press(kernel.wait_for_widget(description="Start", disabled=False))
    kernel.wait_until_idle(request)
    assert kernel.run(ROUNDS) == ("[[0.1, 'relu'], [0.1, 'tanh'], [0.2, 'relu'], [0.2, 'tanh']]\n")
    assert kernel.run("print(scan.status)") == "complete\n"


@pytest.mark.parametrize("how", ["stop", "interrupt"])
def test_a_scan_by_hand_is_stopped_between_two_rounds(kernel: Kernel, how: str) -> None:
    request = start(kernel)
    try_one(kernel)
    view = kernel.wait_for_change("ended", 0)
    kernel.wait_for_widget(description="Run this round", disabled=False)
    if how == "stop":
        kernel.ask(view, "stop")
    else:
        kernel.manager.interrupt_kernel()
    seen = kernel.wait_until_idle(request)
    assert [m["content"]["evalue"] for m in seen if m["msg_type"] == "error"] == []
    assert kernel.run(ROUNDS) == "[[0.1, 'relu']]\n"


def test_an_edit_of_the_variable_is_what_the_next_scan_runs(kernel: Kernel) -> None:
    request = kernel.client.execute("%talos_grid p")
    kernel.wait_until_idle(request)
    kernel.set(kernel.wait_for_widget(description="lr: add a number"), value="0.3")
    kernel.wait_for_widget(description="0.3 ×")
    only_relu = "-q --order sequential --where \"params['activation'] == 'relu'\""
    kernel.run(CELL.format(options=only_relu))
    assert kernel.run(ROUNDS) == "[[0.1, 'relu'], [0.2, 'relu'], [0.3, 'relu']]\n"


def test_the_editor_learns_from_the_scan(kernel: Kernel) -> None:
    kernel.run("p['unread'] = [1, 2]")
    kernel.wait_until_idle(kernel.client.execute("%talos_grid p"))
    kernel.client.execute(CELL.format(options="-q --rounds 2"))
    kernel.wait_for_widget(
        value="the cell never reads unread: 1 of 2 combinations only repeats another"
    )
    for _ in kernel.messages():
        heads = [str(state.get("value")) for state in kernel.widgets.values()]
        if any("--rounds 2 draws 2 rounds · about" in head for head in heads):
            break


def enter(kernel: Kernel, label: str, *lines: str) -> None:
    """Send what a page sends when lines are entered into a box."""
    entries = kernel.wait_for_widget(_esm=ENTRIES)
    box = kernel.widgets[kernel.wait_for_widget(description=label)]
    name = next(name for name in box["_dom_classes"] if name.startswith("talos-entry-"))
    kernel.ask(entries, "enter", number=0, box=name, lines=lines)


def test_lines_that_are_entered_while_the_kernel_is_busy_are_all_taken(kernel: Kernel) -> None:
    kernel.wait_until_idle(kernel.client.execute("%talos_grid p"))
    busy = kernel.client.execute("time.sleep(1)")
    for name, values in (("units", ""), ("dropout", "0.1, 0.2"), ("optimizer", "")):
        enter(kernel, "new hyperparameter: name", name, values)
    for line in ("0.3", "1 /", "0.4"):
        enter(kernel, "lr: add a number", line)
    enter(kernel, "activation: add a value", "selu")
    kernel.wait_until_idle(busy)
    kernel.wait_for_widget(description="selu")
    assert kernel.run(
        "print({k: [getattr(x, '__name__', x) for x in v] for k, v in p.items()})"
    ) == (
        "{'lr': [0.1, 0.2, 0.3, 0.4], 'activation': ['relu', 'tanh', 'selu'], 'units': [32, 64], "
        "'dropout': [0.1, 0.2], 'optimizer': ['Adam', 'SGD']}\n"
    )


DIGITS = """\
import keras
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
del p
"""
OPTIMIZERS = """\
%%talos_scan
optimizer = params["optimizer"]
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer(params["learning_rate"]), "sparse_categorical_crossentropy")
history = model.fit(x_train, y_train, batch_size=512)
"""


def test_suggested_values_work_in_the_cell_as_it_is(kernel: Kernel) -> None:
    kernel.run(DIGITS)
    request = kernel.client.execute(OPTIMIZERS)
    kernel.wait_for_display()
    kernel.press(kernel.wait_for_widget(description="Start"))
    kernel.wait_until_idle(request)
    assert kernel.run("print(len(scan.data), len(scan.failures), *params['optimizer'])") == (
        "4 0 <class 'keras.src.optimizers.adam.Adam'> <class 'keras.src.optimizers.sgd.SGD'>\n"
    )


def test_a_cell_that_calls_a_text_is_told_which(run_in_turn: RunCells) -> None:
    cell = OPTIMIZERS.replace("%%talos_scan", "%%talos_scan -p bad {}")
    notebook = run_in_turn(
        SETUP,
        DIGITS + "bad = {'learning_rate': [0.1], 'optimizer': ['adam', 'sgd']}",
        cell.format("-q"),
        cell.format("--check -q"),
        errors=True,
    )
    said = "'str' object is not callable: the cell calls optimizer, which is the text"
    for place in (2, 3):
        assert said in texts(notebook.cells[place])


def test_a_cell_that_assigns_the_variable_updates_the_open_editor(kernel: Kernel) -> None:
    kernel.wait_until_idle(kernel.client.execute("%talos_grid p"))
    kernel.client.execute("p = {'dropout': [0.1, 0.2, 0.7]}")
    kernel.wait_for_widget(description="0.7 ×")


def test_the_editor_of_a_variable_is_the_same_each_time(kernel: Kernel) -> None:
    kernel.wait_until_idle(kernel.client.execute("%talos_grid p"))
    count = len(kernel.widgets)
    kernel.wait_until_idle(kernel.client.execute("%talos_grid p"))
    assert len(kernel.widgets) == count


# Where nobody can click.


def test_without_a_page_edit_says_so_at_once(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(SETUP, CELL.format(options="--edit"), errors=True)
    assert "UsageError: --edit needs a notebook page to click in" in texts(notebook.cells[1])


def test_without_a_page_missing_params_are_suggested(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(SETUP, "del p", CELL.format(options=""), errors=True)
    assert (
        'define params = {"activation": ["relu", "tanh"], "lr": [0.001, 0.01]} in an earlier cell'
        in texts(notebook.cells[2])
    )


def test_without_a_page_called_optimizers_are_suggested_as_classes(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(SETUP, DIGITS, OPTIMIZERS, errors=True)
    assert '"optimizer": [Adam, SGD]} in an earlier cell' in texts(notebook.cells[2])


def test_without_a_page_the_grid_is_a_table(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(SETUP, "%talos_grid")
    assert texts(notebook.cells[1]).splitlines() == [
        "hyperparameter  kind     tried  values",
        "lr              numbers      2  0.1, 0.2",
        "activation      choices      2  relu, tanh",
        "4 combinations = 2 lr × 2 activation",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%talos_grid 3x", "%talos_grid 3x: give the name of a variable"),
        ("%talos_grid {'lr': [1]}", "give the name of a variable"),
        ("%talos_grid time", "time is of type module: name a dict, or a new variable"),
        ("%talos_grid bad", "params['lr'] is 0.1: write a list, [0.1]"),
    ],
)
def test_what_is_no_grid_is_explained(run_in_turn: RunCells, line: str, said: str) -> None:
    notebook = run_in_turn(SETUP, "bad = {'lr': 0.1}", line, errors=True)
    assert said in texts(notebook.cells[2])


def test_after_unloading_nothing_looks_at_the_notebook(run_cells: RunCells) -> None:
    notebook = run_cells(
        SETUP,
        "%talos_grid p",
        "%unload_ext talos_magic",
        "print([f for f in get_ipython().events.callbacks['post_run_cell'] if 'talos' in repr(f)])",
    )
    assert texts(notebook.cells[3]).strip() == "[]"
