"""A scan as one HTML page that needs nothing else: figures, words, the table, the code."""

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from talos_magic.errors import ScanError
from talos_magic.export.table import table
from talos_magic.review.best import best_info
from talos_magic.review.compare import compare
from talos_magic.scan.result import ScanResult
from talos_magic.scan.saved import CELL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARK = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="generator" '
MARK += 'content="talos_magic">'
MOST_ROWS = 1000
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85em; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.15em 0.7em; border-bottom: 1px solid #8884; }
pre { overflow-x: auto; padding: 0.8em; background: #8882; }
"""


def page(result: ScanResult, metric: str | None = None) -> str:
    """Write a scan as a page.

    Parameters
    ----------
    result : ScanResult
        A scan.
    metric : str, optional
        What ranks the rounds; the scan's own metric if not given.

    Returns
    -------
    str
        HTML with its pictures in it, without scripts.

    Raises
    ------
    ScanError
        If no round has such a metric.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     text = page(run_scan(model, {"lr": [0.5, 1.0]}, name="demo", root=root))
    >>> "Best is round 0: loss 0.25" in text
    True
    """
    name = f"{result.details['experiment_name']} / {result.run_dir.name}"
    parts = [
        f"{MARK}<title>{escape(name)}</title><style>{STYLE}</style>",
        f"<h1>{escape(name)}</h1>",
        *_findings(result, metric),
        "<h2>Rounds</h2>",
        _rows(result),
        "<h2>Cell</h2>",
        f"<pre>{escape(result.sources.get(CELL, '').strip())}</pre>",
    ]
    return "\n".join(parts) + "\n"


def _findings(result: ScanResult, metric: str | None) -> list[str]:
    if not any(result.round_history):
        return ["<p>No round is done: the errors are in the table.</p>"]
    figure, sentences = compare([result], metric)
    try:
        best = best_info(result, metric).code
    except ScanError as error:  # as of rounds that all ended in NaN
        best = f"# {error}"
    return [
        *(f"<p>{escape(sentence)}</p>" for sentence in sentences),
        f'<img alt="{escape(sentences[0])}" src="data:image/png;base64,{_png(figure)}">',
        f"<h2>Best params</h2><pre>{escape(best)}</pre>",
    ]


def _png(figure: "Figure") -> str:
    from matplotlib import pyplot as plt

    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    plt.close(figure)
    return b64encode(picture.getvalue()).decode()


def _rows(result: ScanResult) -> str:
    rows = table(result)
    left_out = len(rows) - MOST_ROWS
    rest = f"<p>… and {left_out} more rounds</p>" if left_out > 0 else ""
    written = rows.head(MOST_ROWS).to_html(
        index=False, border=0, na_rep="", float_format="{:.4g}".format
    )
    return f"<div>{written}</div>{rest}"
