"""A scan as one self-contained HTML page: figure, findings, table, code."""

from base64 import b64encode
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from talos_magic.analysis.best import best_info
from talos_magic.analysis.compare import compare
from talos_magic.analysis.comparison import EXPORTED, Comparison
from talos_magic.analysis.export.table import table
from talos_magic.engine.result import ScanResult
from talos_magic.engine.tables import apart
from talos_magic.errors import ScanError
from talos_magic.storage.saved_scan import CELL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARK = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="generator" '
MARK += 'content="talos_magic">'
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
MOST_ROWS = 1000
# The round and its metric stay in view while the other columns scroll; a narrow window scrolls the
# figure, too, whose text would be illegible. The names are those of Jupyter's themes, which the
# live view uses.
STYLE = """
:root {
  color-scheme: light dark;
  font: 15px/1.5 system-ui, sans-serif;
  --jp-layout-color1: Canvas;
  --jp-layout-color2: color-mix(in srgb, CanvasText 8%, Canvas);
  --jp-layout-color3: color-mix(in srgb, CanvasText 18%, Canvas);
  --jp-border-color1: #8888;
  --jp-border-color2: #8884;
  --jp-content-font-color1: CanvasText;
  --jp-ui-font-color2: color-mix(in srgb, CanvasText 65%, Canvas);
}
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
.wide img { width: 100%; min-width: 40rem; }
.wide table { border-collapse: collapse; font-size: 0.85em; font-variant-numeric: tabular-nums; }
.wide :is(th, td) { text-align: right; padding: 0.15em 0.7em; border-bottom: 1px solid #8884; }
.wide :is(th, td) { white-space: nowrap; background: Canvas; }
.wide :is(th, td):first-child { position: sticky; left: 0; width: 4em; min-width: 4em; }
.wide :is(th, td):nth-child(2) { position: sticky; left: 5.4em; font-weight: bold; }
.wide .best td { color: #d97b00; font-weight: bold; }
pre { overflow-x: auto; padding: 0.8em; background: #8882; }
"""


def page(
    result: ScanResult,
    metric: str | None = None,
    picture: Callable[[ScanResult, str | None], str] | None = None,
) -> str:
    """Write a scan as one HTML page, with its pictures inside; `picture` is as in `export`."""
    name = f"{result.details['experiment_name']} / {result.run_dir.name}"
    parts = [
        f"{MARK}{VIEWPORT}<title>{escape(name)}</title><style>{STYLE}</style>",
        f"<h1>{escape(name)}</h1>",
        *([picture(result, metric)] if picture and any(result.round_history) else []),
        *_findings(result, metric),
        "<h2>Rounds</h2>",
        *_rows(result, metric),
        "<h2>Cell</h2>",
        f"<pre>{escape(result.sources.get(CELL, '').strip())}</pre>",
    ]
    return "\n".join(parts) + "\n"


def _findings(result: ScanResult, metric: str | None) -> list[str]:
    if not any(result.round_history):
        return ["<p>No round finished: the errors are in the table.</p>"]
    figure, sentences = compare([result], metric)
    try:
        best = best_info(result, metric).code
    except ScanError as error:  # every round ended in NaN
        best = f"# {error}"
    return [
        *(f"<p>{escape(sentence)}</p>" for sentence in sentences),
        f'<div class="wide"><img alt="{escape(sentences[0])}" src="{png_address(figure)}"></div>',
        f"<h2>Best params</h2><pre>{escape(best)}</pre>",
    ]


def png_address(figure: "Figure") -> str:
    """Return an address that holds the picture of a figure, which is closed."""
    from matplotlib import pyplot as plt

    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    plt.close(figure)
    return f"data:image/png;base64,{b64encode(picture.getvalue()).decode()}"


def _rows(result: ScanResult, metric: str | None) -> list[str]:
    """Write the table: the best rounds first, each with the metric that ranks beside its number."""
    rows, best, order = table(result), None, ""
    if any(result.round_history):
        comparison = Comparison.of(result, metric)
        best, order = comparison.best, f"<p>By {escape(comparison.metric)}, the best first.</p>"
        ranked = [r.number for c in comparison.combinations for r in c.rounds]
        places = list(dict.fromkeys([*ranked, *rows["round"]]))
        rows = rows.set_index("round", drop=False).loc[places]
        (column,) = apart({comparison.metric: 0}, EXPORTED, "metric__")
        rows.insert(1, column, rows.pop(column))
    left_out = len(rows) - MOST_ROWS
    rest = f"<p>… and {left_out} more rounds</p>" if left_out > 0 else ""
    written = rows.head(MOST_ROWS).to_html(
        index=False, border=0, na_rep="", float_format="{:.4g}".format
    )
    if best is not None:
        row = f"<tr>\n      <td>{best.number}</td>"
        written = written.replace(row, row.replace("<tr>", '<tr class="best">'))
    return [order, f'<div class="wide">{written}</div>{rest}']
