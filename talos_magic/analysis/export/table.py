"""All rounds of a scan as a table: status, params, metrics."""

import re
from typing import Any

import pandas as pd

from talos_magic.analysis.comparison import EXPORTED
from talos_magic.engine.result import ScanResult
from talos_magic.engine.tables import apart
from talos_magic.values.labels import encodable

*FIRST, ERROR = EXPORTED
FORMULA = re.compile(r"[=@\t\n]|[+-](?!inf$)")


def table(result: ScanResult) -> pd.DataFrame:
    """Make a table with one row per round, failed and unfinished rounds included.

    Its columns are round, status, seed, epochs (number) and seconds, the params' labels, the
    metrics at the last epoch, and error if any round failed. A hyperparameter with the name of
    one of these columns becomes param__NAME, a metric metric__NAME.
    """
    rows = []
    for round_ in result.rounds:
        own = (round_.number, str(round_.status), round_.seed, round_.epochs, round_.duration)
        params = {result.parameter_columns.get(k, k): v for k, v in round_.params.items()}
        row = dict(zip(FIRST, own, strict=True))
        row |= apart(params, EXPORTED, "param__") | apart(round_.metrics, EXPORTED, "metric__")
        rows.append(row | ({ERROR: round_.error} if round_.error else {}))
    return pd.DataFrame(rows or {name: [] for name in FIRST})


def to_csv(rows: pd.DataFrame) -> str:
    r"""Write a table as CSV in which a spreadsheet runs no text as a formula.

    >>> to_csv(pd.DataFrame({"lr": [-0.1], "act": ["=1+1"]}))
    "lr,act\n-0.1,'=1+1\n"
    """
    return encodable(rows.map(_guarded).rename(columns=_guarded).to_csv(index=False))


def _guarded(cell: Any) -> Any:
    """Put an apostrophe before a text that begins as a formula, as OWASP advises."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r", "\n")  # pandas does not quote it: it would begin another row
    return f"'{text}" if FORMULA.match(text) else text
