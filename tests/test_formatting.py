"""Numbers, durations and params as text, and what a person reads about a session in a line."""

import math
from typing import Any

import pytest

from talos_magic import formatting
from talos_magic.formatting import align_columns, format_mean, format_params, pluralize, shorten
from talos_magic.live.status_lines import headline
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("number", 0.123456, "0.1235"),
        ("number", 12, "12"),
        ("number", None, "None"),
        ("number", "two\nlines", "two lines"),
        ("value", 0.1 + 0.2, "0.3"),
        ("value", 1, "1"),
        ("value", 0.0, "0.0"),
        ("value", "relu", "relu"),
        ("round_numbers", [4], "4"),
        ("round_numbers", [4, 5, 6], "4–6"),
        ("round_numbers", [0, 8], "0, 8"),
        ("duration", 7.2, "0:07"),
        ("duration", 95, "1:35"),
        ("duration", 3723, "1:02:03"),
        ("bytes", 61_000, "61 kB"),
        ("bytes", 1_250_000, "1.2 MB"),
        ("bytes", 3e9, "3.0 GB"),
    ],
)
def test_values_are_formatted(kind: str, value: Any, text: str) -> None:
    assert getattr(formatting, f"format_{kind}")(value) == text


def test_a_mean_has_its_deviation_if_there_is_one() -> None:
    assert format_mean(0.9311, 0.00412) == "0.9311 ± 0.0041"
    assert format_mean(0.9311, math.nan) == "0.9311"


def test_a_long_text_keeps_its_ends() -> None:
    assert shorten("a rather long label 1", 11) == "a rat…bel 1"
    assert shorten("short", 11) == "short"
    assert format_params({"opt": "Adam", "dropout": 0.5}) == "opt Adam, dropout 0.5"


def test_columns_are_aligned_to_the_right() -> None:
    assert align_columns([["lr", "loss"], ["0.1", "2"]]) == [" lr  loss", "0.1     2"]


def test_a_count_has_its_unit() -> None:
    assert [pluralize(1, "round"), pluralize(1200, "epoch")] == ["1 round", "1,200 epochs"]


def test_the_headline_counts_what_did_not_end_as_it_should() -> None:
    session = ScanSession(total=3)
    session.begin()
    session.start_round({"lr": 1})
    session.cut_round(RoundStatus.SKIPPED)
    session.start_round({"lr": 2})
    session.fail_round("ValueError: bad", "")
    assert "2 of 3 rounds · 1 skipped · 1 failed" in headline(session)
