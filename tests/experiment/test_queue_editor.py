"""The editor of a running scan's grid, and the search that changes that grid meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anywidget import AnyWidget
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets.widget import _instances

from talos_magic.editor.context import Context
from talos_magic.editor.editor import GridEditor
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.experiment.queue_editor import QueueEditor
from talos_magic.grid.grid import Grid
from talos_magic.scan.session import ScanSession


@pytest.fixture(autouse=True)
def _notebook() -> Iterator[None]:
    """Outputs that can be replaced are to be had in IPython only."""
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


def listen(session: ScanSession) -> None:
    """Do what a fit does between two batches."""
    session._receive_requests()


def edit_in_round(
    root: Path, number: int, params: dict[str, Any], name: str, values: list[int], **options: Any
) -> tuple[Plan, list[Any]]:
    """Open the editor in the first round, edit a row in another; give what the editor showed."""
    seen: list[Any] = []

    def model(*arguments: Any) -> Any:
        session, own = plan.session, arguments[-1]
        running = session.rounds[-1].number
        if running == 0:
            editor.toggle()
        listen(session)
        assert editor.editor is not None
        grid = editor.editor.grid
        if running == number:
            grid.put(grid[name].with_numbers(values))
            listen(session)
        seen.append(grid.label_lists)
        return {"acc": [own.get("a", 0) / 10 + (own.get("opt") == "adam")]}, None

    asked = ScanOptions(metric="acc", seed=1, **options)
    plan = Plan.make(Grid(params), asked)
    editor = QueueEditor(plan, Context())
    plan.run(model, root=root)
    editor.close()
    return plan, seen


def test_what_a_reducer_has_taken_out_leaves_the_open_editor_and_does_not_come_back(
    tmp_path: Path,
) -> None:
    params = {"opt": ["adam", "sgd"], "a": list(range(30))}
    plan, seen = edit_in_round(tmp_path, 25, params, "a", [*range(28)], reduce="correlation")
    (taken,) = [text for text in plan.session.notices if "opt sgd has left" in text]
    assert "after 20 rounds" in taken
    assert seen[19]["opt"] == ["adam", "sgd"]
    assert seen[20]["opt"] == ["adam"]
    assert {round_.params["opt"] for round_ in plan.session.rounds[20:]} == {"adam"}


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_the_editor_shows_a_continuous_range_as_it_was_given(tmp_path: Path, search: str) -> None:
    params = {"a": (0.0, 10.0, 5), "b": [1, 2, 3]}
    options = {"search": search, "continuous": True, "rounds": 20}
    plan, seen = edit_in_round(tmp_path, 12, params, "b", [1, 2], **options)
    assert all(rows["a"] == [0.0, 2.0, 4.0, 6.0, 8.0] for rows in seen)
    rounds = plan.session.rounds
    assert len(rounds) == 20
    assert 3 not in {round_.params["b"] for round_ in rounds[13:]}
    assert any(round_.params["a"] not in seen[0]["a"] for round_ in rounds[:13])


def test_rounds_between_the_steps_are_still_learnt_from_after_an_edit(tmp_path: Path) -> None:
    """The best lies where no step is, and was found before the edit of another row."""
    params = {"a": (0.0, 10.0, 5), "b": [1, 2, 3]}
    options = {"search": "bayes", "continuous": True, "rounds": 25}
    plan, _ = edit_in_round(tmp_path, 18, params, "b", [1, 2, 4], **options)
    assert "start" not in " ".join(round_.reason for round_ in plan.session.rounds[19:])
    later = [round_.params["a"] for round_ in plan.session.rounds[19:]]
    assert sum(a > 5 for a in later) > len(later) / 2


def test_an_editor_without_edits_changes_nothing(tmp_path: Path) -> None:
    params = {"a": [1, 2, 3]}
    plan = Plan.make(Grid(params), ScanOptions(seed=1, metric="acc"))
    editor = QueueEditor(plan, Context())
    editor.toggle()
    assert isinstance(editor.editor, GridEditor)
    listen(plan.session)
    assert plan.grid.label_lists == params
    editor.close()


def test_a_refused_edit_leaves_the_editor_as_the_scan_is(tmp_path: Path) -> None:
    params = {"a": [1, 2, 3]}
    asked = ScanOptions(seed=1, metric="acc", where=lambda params: params["a"] < 9)
    plan = Plan.make(Grid(params), asked)
    editor = QueueEditor(plan, Context())
    editor.toggle()
    assert editor.editor is not None
    editor.editor.grid.put(editor.editor.grid["a"].with_numbers([9]))
    listen(plan.session)
    assert editor.editor.grid.label_lists == plan.grid.label_lists == params
    assert "no combination meets the condition" in editor.editor.problem.value
    editor.close()


def test_it_closes_and_opens_again_where_it_was_with_what_the_scan_has_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(
        InteractiveShell.instance().display_pub,
        "publish",
        lambda data, **told: shown.append((data, told["transient"], told.get("update", False))),
    )
    plan = Plan.make(Grid({"a": [1, 2, 3]}), ScanOptions(seed=1, metric="acc"))
    editor = QueueEditor(plan, Context())
    assert editor.toggle()
    assert editor.editor is not None
    assert editor._place.children == (editor.editor.box,)
    assert not editor.toggle()
    assert editor._place.children == ()
    plan.edit(Grid({"a": [1, 2]}))
    assert editor.toggle()
    assert editor._place.children == (editor.editor.box,)
    assert editor.editor.grid.label_lists == {"a": [1, 2]}
    editor.editor.grid.put(editor.editor.grid["a"].with_numbers([1]))
    assert not editor.toggle()  # the edit that came with the click counts
    assert plan.grid.label_lists == {"a": [1]}
    editor.close()
    views, places, updates = zip(*shown, strict=True)
    assert ["widget-view" in "".join(data) for data in views] == [True, False]
    assert len({place["display_id"] for place in places}) == 1
    assert updates == (False, True)


def test_nothing_of_it_is_left_in_the_kernel() -> None:
    plan = Plan.make(Grid({"a": (1, 9, 5), "b": [1, 2]}), ScanOptions(seed=1, metric="acc"))
    left = []
    for _ in range(3):
        editor = QueueEditor(plan, Context())
        editor.toggle()
        assert editor.editor is not None
        editor.editor.rows["b"].on.value = False
        editor.close()
        left.append(len(_instances))
    assert left[0] == left[1] == left[2]


def test_a_page_without_custom_widgets_gets_an_editor_of_core_widgets() -> None:
    plan = Plan.make(Grid({"a": (1, 9, 5)}), ScanOptions(seed=1, metric="acc"))
    editor = QueueEditor(plan, Context())
    before = set(_instances)
    editor.toggle(custom_widgets=False)
    made = [_instances[key] for key in set(_instances) - before]
    assert made
    assert not any(isinstance(widget, AnyWidget) for widget in made)
    editor.close()


def test_its_header_says_what_is_left_and_leaves_the_time_to_the_view(tmp_path: Path) -> None:
    seen: list[str] = []

    def model(*_: Any) -> Any:
        if not seen:
            editor.toggle()
        listen(plan.session)
        assert editor.editor is not None
        seen.append(editor.editor.header.total.value)
        return {"acc": [0.5]}, None

    plan = Plan.make(Grid({"a": [1, 2, 3]}), ScanOptions(metric="acc", seed=1))
    editor = QueueEditor(plan, Context())
    plan.run(model, root=tmp_path)
    editor.close()
    for left, text in zip(("2 rounds", "1 round", "0 rounds"), seen, strict=True):
        assert "3 combinations = 3 a" in text
        assert f"{left} left after the running one" in text
        assert "about" not in text
