"""All rounds of a scan as a table: how each ended, its params, its metrics."""

import pandas as pd

from talos_magic.review.comparison import EXPORTED
from talos_magic.scan.result import ScanResult, apart

*FIRST, ERROR = EXPORTED


def table(result: ScanResult) -> pd.DataFrame:
    """Make a row a round, those that failed or were cut short included.

    Parameters
    ----------
    result : ScanResult
        A scan.

    Returns
    -------
    pandas.DataFrame
        Columns round, status, seed, epochs (number), seconds, then the params' labels, the
        metrics at the last epoch, and error, if any round failed. A hyperparameter that has such
        a name itself is called param__NAME, a metric metric__NAME.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     rows = table(run_scan(model, {"lr": [0.5, 1.0]}, root=root))
    >>> rows[["round", "status", "lr", "loss"]].values.tolist()
    [[0, 'done', 0.5, 0.25], [1, 'done', 1.0, 1.0]]
    """
    rows = []
    for round_ in result.rounds:
        own = (round_.number, round_.status, round_.seed, round_.epochs, round_.duration)
        params = {result.parameter_columns.get(k, k): v for k, v in round_.params.items()}
        row = dict(zip(FIRST, own, strict=True))
        row |= apart(params, EXPORTED, "param__") | apart(round_.metrics, EXPORTED, "metric__")
        rows.append(row | ({ERROR: round_.error} if round_.error else {}))
    return pd.DataFrame(rows or {name: [] for name in FIRST})
