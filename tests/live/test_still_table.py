"""The leaderboard as HTML that needs no script."""

import re

import pytest

from talos_magic.live.still_table import MARKS, table_html
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


def session_of(*scores: float | RoundStatus, **traits: object) -> ScanSession:
    """A round for each score; of those that have none, how they ended."""
    session = ScanSession(name="demo", total=9, **traits)
    session.begin()
    for number, score in enumerate(scores):
        session.start_round({"lr": 10.0 ** (number - 6), "opt": ("Adam", "SGD")[number % 2]})
        if not isinstance(score, RoundStatus):
            session.finish_round({"loss": [score]})
        elif score == RoundStatus.FAILED:
            session.end_epoch({"loss": 0.5})
            session.fail_round("ValueError: <bad>", "")
        else:
            session.end_epoch({"loss": 0.5})
            session.cut_round(score)
    return session


def cells(html: str, column: int) -> list[str]:
    """The texts of a column's cells, with the blanks behind them."""
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>.*?</tr>", html)]
    return [re.sub("<[^>]*>", "", row[column]) for row in rows if len(row) > 1]


def test_scores_have_as_many_digits_and_their_points_below_each_other() -> None:
    html = table_html(session_of(0.5, 0.1234, 2.0))
    assert cells(html, 1) == ["0.1234", "0.5000", "2.0000"]
    assert cells(html, 3) == ["1e-5", "1e-6", "1e-4"]


def test_texts_are_aligned_to_the_left_and_numbers_to_the_right() -> None:
    html = table_html(session_of(0.5, 0.1234))
    assert '<th align="right">lr</th><th align="left" style="text-align:left">opt</th>' in html
    assert '<td align="left" style="text-align:left">SGD</td>' in html


@pytest.mark.parametrize("is_minimized", [True, False])
def test_a_bar_below_a_score_goes_from_the_worst_to_the_best(is_minimized: bool) -> None:
    session = session_of(0.1, 0.3, 0.5, RoundStatus.PRUNED)
    session.minimize = is_minimized
    html = table_html(session)
    widths = re.findall(r"0 100% / (\d+)% 3px", html)
    assert widths == ["100", "50", "0"]  # the pruned round has none


def test_each_outcome_has_a_mark_of_its_own() -> None:
    session = session_of(0.5, 0.4, RoundStatus.SKIPPED, RoundStatus.PRUNED, RoundStatus.FAILED)
    html = table_html(session)
    assert cells(html, 0) == ["● 1", "0", "» 2", "✂ 3", "✕ 4"]
    for kind in ("best", "skipped", "pruned", "failed"):
        assert f'<span title="{kind}">{MARKS[kind]}</span>' in html
    assert "ValueError: &lt;bad&gt;</td></tr>" in html
    assert len(set(MARKS.values())) == len(MARKS)
    known = set(RoundStatus) - {RoundStatus.DONE, RoundStatus.RUNNING}
    assert set(MARKS) == {"best", *known}


def test_without_rounds_there_is_no_table() -> None:
    assert table_html(ScanSession(name="demo", total=3)) == ""
