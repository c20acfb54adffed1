"""What a person reads: lines and tables about a session."""

from talos_magic.scan.session import ScanSession
from talos_magic.words import headline, text_table


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


def test_a_scan_without_rounds_has_a_line() -> None:
    assert text_table(ScanSession(total=3)) == "no round has ended"


def test_a_skipped_round_is_marked_and_comes_after_those_that_are_done() -> None:
    session = ScanSession(total=3)
    session.begin()
    for value in (0.2, 0.1, 0.3):
        session.start_round({"lr": value})
        session.end_epoch({"loss": value})
        if value == 0.1:
            session.skip_round()
        else:
            session.finish_round({"loss": [value]})
    assert [line.split()[:3] for line in text_table(session).splitlines()] == [
        ["round", "loss", "best"],
        ["0", "0.2", "1"],
        ["2", "0.3", "1"],
        ["1", "0.1", "skipped"],
        ["best:", "round", "0"],
    ]
    assert "3 of 3 rounds · 1 skipped" in headline(session)
