"""How a choice of an adaptive search is explained."""

from typing import Any

import pytest

from talos_magic.grid.number_range import NumberRange
from talos_magic.scan.session import ScanSession
from talos_magic.search.adaptive import difference

SPANS = {"lr": NumberRange(0.0, 1.0, 2)}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"lr": 0.9, "units": 8}, "like round 0, the best so far, but with lr 0.9"),
        ({"lr": 0.15, "units": 8}, "near round 0, the best so far"),
        ({"lr": 0.9, "units": 16}, "2 of 2 values differ from round 0, the best so far"),
    ],
)
def test_a_choice_is_compared_with_the_best(labels: dict[str, Any], expected: str) -> None:
    session = ScanSession(varying=["lr", "units"])
    assert difference(session, labels, SPANS) == "no round is done yet"
    session.start_round({"lr": 0.1, "units": 8})
    session.finish_round({"loss": [0.5]})
    assert difference(session, labels, SPANS) == expected
