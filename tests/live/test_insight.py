"""What the rounds say so far, and no sooner than the words after a scan say it."""

import random
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pandas as pd
import pytest

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.effects import main_effects
from talos_magic.live.insight import Insights
from talos_magic.live.messages import Changes
from talos_magic.live.snapshot import snapshot_html
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

GRID = [{"lr": lr, "opt": opt} for lr, opt in product([0.1, 0.01], ["Adam", "SGD"])]
Score = Callable[[Mapping[str, Any]], float]


def scan(rounds: int, score: Score, seed: int = 1) -> ScanSession:
    """A scan whose rounds run through a grid of two hyperparameters again and again."""
    session = ScanSession(name="demo", total=100, seed=1)
    session.varying = ["lr", "opt"]
    session.begin()
    go_on(session, rounds, score, seed)
    return session


def go_on(session: ScanSession, rounds: int, score: Score, seed: int = 2) -> None:
    rng = random.Random(seed)
    for _ in range(rounds):
        params = GRID[len(session.rounds) % len(GRID)]
        session.start_round(params)
        session.finish_round({"val_acc": [score(params) + rng.gauss(0, 0.01)]})


def by_opt(params: Mapping[str, Any]) -> float:
    return 0.84 + 0.07 * (params["opt"] == "Adam")


def by_both(params: Mapping[str, Any]) -> float:
    return by_opt(params) + 0.03 * (params["lr"] == 0.1)


def by_nothing(_params: Mapping[str, Any]) -> float:
    return 0.8


def by_lr(params: Mapping[str, Any]) -> float:
    return 0.5 + 0.3 * (params["lr"] == 0.1)


def test_it_says_which_matters_by_what_share_and_which_value_leads() -> None:
    lines = Insights(scan(12, by_both)).lines
    assert [line.name for line in lines] == ["opt", "lr"]
    assert lines[0].text == "matters most (68%): Adam leads, val_acc 0.925 against 0.8525 with SGD"
    assert lines[1].text == "matters (20%): 0.1 leads, 0.9083 against 0.8691 with 0.01"


def test_the_least_leads_where_less_is_better() -> None:
    session = ScanSession(name="demo", total=100, minimize=True)
    session.varying = ["lr", "opt"]
    session.begin()
    go_on(session, 12, by_opt)
    assert "SGD leads" in Insights(session).lines[0].text


def test_nothing_is_said_of_few_rounds() -> None:
    assert Insights(scan(7, by_both)).lines == []
    assert Insights(scan(8, by_both)).lines != []


def test_nothing_is_said_where_the_rounds_cannot_tell() -> None:
    session = ScanSession(name="demo", total=100)
    session.varying = ["a", "b"]
    session.begin()
    for number in range(12):
        session.start_round({"a": f"value {number}", "b": number % 2})
        session.finish_round({"val_acc": [number / 20]})
    assert Insights(session).lines == []  # as many values as rounds
    both = ScanSession(name="demo", total=100)
    both.varying = ["a", "b"]
    both.begin()
    for number in range(12):
        both.start_round({"a": number % 2, "b": number % 2})
        both.finish_round({"val_acc": [number % 2]})
    assert Insights(both).lines == []  # two that always changed together


def test_chance_is_said_to_be_none() -> None:
    found = [Insights(scan(20, by_nothing, seed)).lines for seed in range(200)]
    none = [("", "no hyperparameter stands out yet")]
    assert found.count(none) >= 186  # 95 of 100 are expected
    assert found.count(none) < 200


@pytest.mark.parametrize("seed", range(40))
def test_it_names_what_the_words_after_the_scan_do_not_call_chance(seed: int) -> None:
    session = scan(12, lambda params: 0.84 + 0.013 * (params["opt"] == "Adam"), seed)
    table = pd.DataFrame([{**r.params, **r.metrics} for r in session.rounds])
    effects = main_effects(Comparison.of(table, "val_acc"))
    sure = {effect.name for effect in effects if not effect.is_doubtful}
    assert {line.name for line in Insights(session).lines} - {""} == sure


def test_it_is_renewed_every_four_rounds_then_every_tenth_of_them() -> None:
    session = scan(0, by_both)
    insights = Insights(session)
    renewed, before = [], insights.lines
    for number in range(1, 101):
        go_on(session, 1, by_both, seed=number)
        insights.renew_if_due()
        if insights.lines != before:
            renewed.append(number)
        before = insights.lines
    assert renewed[:9] == [8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert renewed[-3:] == [81, 89, 97]


def test_what_matters_comes_first_and_does_not_flip_at_each_renewal() -> None:
    session = scan(4, by_both)
    insights = Insights(session)
    assert insights.order == ["lr", "opt"]  # as in the grid
    go_on(session, 8, by_both)
    insights.renew_if_due()
    assert insights.order == ["opt", "lr"]
    go_on(session, 40, by_lr)
    insights.renew_if_due()
    assert insights.lines[0].name == "lr"
    assert insights.order == ["opt", "lr"]  # both were known to matter
    assert session.varying == ["lr", "opt"]


def test_the_page_is_sent_the_order_and_the_line_when_they_change() -> None:
    session = scan(7, by_opt)
    changes = Changes(session)
    everything = changes.everything()
    assert (everything["varying"], everything["insights"]) == (["lr", "opt"], [])
    session.subscribe(changes.note)
    go_on(session, 1, by_opt)
    (sent,) = [change["session"] for change in changes.take() if "session" in change]
    assert sent["varying"] == ["opt", "lr"]
    assert [name for name, _ in sent["insights"]] == ["opt"]
    go_on(session, 1, by_opt)
    (sent,) = [change["session"] for change in changes.take() if "session" in change]
    assert not {"varying", "insights"} & sent.keys()


def test_at_the_end_the_last_rounds_count_and_yet_is_left_out() -> None:
    session = scan(8, by_nothing)
    insights = Insights(session)
    assert insights.lines == [("", "no hyperparameter stands out yet")]
    session.end(ScanState.DONE)
    insights.renew_if_due()
    assert insights.lines == [("", "no hyperparameter stands out")]


def test_the_picture_has_it_as_a_paragraph() -> None:
    session = scan(12, by_both)
    text = Insights(session).text
    assert text.startswith("opt matters most (")
    assert " · lr matters (" in text
    assert f"<p>{text}</p>" in snapshot_html(session)
    assert Insights(scan(7, by_both)).text == ""
