"""What stays in the notebook: a picture that its own script turns into the view.

Front ends that trust the notebook run the script: it needs no kernel and no network. Others, such
as GitHub, show the picture.
"""

import gzip
import json
import math
from base64 import b64encode
from secrets import token_hex
from typing import Any

from talos_magic.live.assets import page_source, style_source
from talos_magic.live.messages import Changes, clocks
from talos_magic.live.snapshot import snapshot_html
from talos_magic.scan.session import ScanSession

# In the curves of the script's data: with 1,000 rounds, an output has less than 250 kB.
MOST_VALUES = 8_000
SCRIPT = """
const bytes = Uint8Array.from(atob("{packed}"), (character) => character.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const {{ source, style, state }} = await new Response(stream).json();
const address = URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }}));
(await import(address)).default("{place}", style, state);
"""


def picture_html(session: ScanSession, kernel: str = "") -> str:
    """Return HTML of a session's state that reads without scripts, and lives where they run.

    `kernel` is the name of the kernel that answers its buttons, if there is one.
    """
    changes = Changes(session)
    known = {**changes.everything(MOST_VALUES), "kernel": kernel}
    script = {
        "source": page_source("picture.js"),
        "style": style_source(),
        "state": _rounded({"all": known, **clocks(session)}),
    }
    packed = b64encode(
        gzip.compress(json.dumps(script, separators=(",", ":")).encode(), mtime=0)
    ).decode()
    place = f"talos-{token_hex(4)}"
    code = SCRIPT.format(packed=packed, place=place)
    still = snapshot_html(session, changes.insights)
    return f'<div id="{place}">{still}</div><script type="module">{code}</script>'


def _rounded(value: Any) -> Any:
    """Round all numbers to the four digits that the page shows; JSON has no NaN."""
    match value:
        case float():
            return float(f"{value:.4g}") if math.isfinite(value) else None
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
        case list() | tuple():
            return [_rounded(each) for each in value]
    return value
