"""The leaderboard in words."""

from talos_magic.live.leaderboard import leaderboard, status_texts, text_table
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


def test_the_table_is_ranked_and_tells_failures() -> None:
    session = ScanSession(total=3)
    session.begin()
    for value in (0.2, 0.1):
        session.start_round({"lr": value})
        session.finish_round({"loss": [value]})
    session.start_round({"lr": 9.0})
    session.fail_round("ValueError: bad", "")
    assert text_table(session).splitlines() == [
        "round    loss  best epoch   lr  time",
        "    1     0.1      1 of 1  0.1  0:00",
        "    0     0.2      1 of 1  0.2  0:00",
        "    2  failed                9  0:00",
        "best: round 1 · loss 0.1 · lr 0.1",
    ]


def test_a_second_metric_has_a_column() -> None:
    session = ScanSession(total=2, second_metric="size")
    session.begin()
    for loss, size in ((0.2, 5), (0.1, 7)):
        session.start_round({"lr": loss})
        session.finish_round({"loss": [loss], "size": [size]})
    assert [line.split()[:3] for line in text_table(session).splitlines()[:3]] == [
        ["round", "loss", "size"],
        ["1", "0.1", "7"],
        ["0", "0.2", "5"],
    ]


def test_a_scan_without_rounds_has_a_line() -> None:
    assert text_table(ScanSession(total=3)) == "no round has ended"


def test_a_skipped_round_is_marked_and_comes_after_those_that_are_done() -> None:
    session = ScanSession(total=3)
    session.begin()
    for value in (0.2, 0.1, 0.3):
        session.start_round({"lr": value})
        session.end_epoch({"loss": value})
        if value == 0.1:
            session.cut_round(RoundStatus.SKIPPED)
        else:
            session.finish_round({"loss": [value]})
    assert [line.split()[:3] for line in text_table(session).splitlines()] == [
        ["round", "loss", "best"],
        ["0", "0.2", "1"],
        ["2", "0.3", "1"],
        ["1", "0.1", "skipped"],
        ["best:", "round", "0"],
    ]


def repeated(*outcomes: float | str) -> ScanSession:
    """Two rounds a combination; what is no number ends the round in that way."""
    session = ScanSession(total=len(outcomes), repeats=2)
    session.begin()
    for number, outcome in enumerate(outcomes):
        session.start_round({"lr": number // 2 / 10})
        if isinstance(outcome, float):
            session.finish_round({"loss": [outcome + 1, outcome]})
        elif outcome == "skipped":
            session.cut_round(RoundStatus.SKIPPED)
        else:
            session.fail_round("ValueError: bad", "")
    return session


def test_repeated_rounds_share_a_row_with_mean_and_deviation() -> None:
    session = repeated(0.4, 0.6, 0.2, 0.4)
    assert [line.rstrip() for line in text_table(session).splitlines()] == [
        "rounds        loss  best epoch   lr  time",
        "   2–3  0.3 ± 0.14      2 of 2  0.1  0:00",
        "   0–1  0.5 ± 0.14      2 of 2    0  0:00",
        "best: rounds 2–3 · loss 0.3 ± 0.14 · lr 0.1",
    ]


def test_rounds_of_a_combination_that_ended_otherwise_are_counted() -> None:
    session = repeated(0.4, "failed", "failed", "failed", float("nan"), 0.1, 0.2)
    table = leaderboard(session)
    others = map(status_texts, table.combinations)
    results = {row[0]: (row[1], texts) for row, texts in zip(table.rows, others, strict=True)}
    assert results == {
        "6": ("0.2", []),
        "0–1": ("0.4", ["1 failed"]),
        "2–3": ("", ["2 failed"]),
        "4–5": ("nan", []),
    }
    assert "  0.4, 1 failed  " in text_table(session)
    assert session.best is not None
    assert session.best.number == 6


def test_paused_rounds_come_after_those_that_are_done_by_their_rungs() -> None:
    session = ScanSession(total=9, metric="acc")
    session.begin()
    for epochs, acc in ((1, 0.9), (3, 0.7), (3, 0.8), (9, 0.6)):
        session.start_round({"lr": acc})
        for _ in range(epochs):
            session.end_epoch({"acc": acc})
        if epochs < 9:
            session.pause_round()
        else:
            session.finish_round({"acc": [acc] * epochs})
    assert [line.split()[:3] for line in text_table(session).splitlines()] == [
        ["round", "acc", "best"],
        ["3", "0.6", "1"],
        ["2", "0.8", "paused"],
        ["1", "0.7", "paused"],
        ["0", "0.9", "paused"],
        ["best:", "round", "3"],
    ]
