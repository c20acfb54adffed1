"""What a person reads about a session in a line."""

from talos_magic.scan.session import ScanSession
from talos_magic.words import headline


def test_the_headline_counts_what_did_not_end_as_it_should() -> None:
    session = ScanSession(total=3)
    session.begin()
    session.start_round({"lr": 1})
    session.cut_round("skipped")
    session.start_round({"lr": 2})
    session.fail_round("ValueError: bad", "")
    assert "2 of 3 rounds · 1 skipped · 1 failed" in headline(session)
