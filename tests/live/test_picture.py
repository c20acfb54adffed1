"""What stays of a scan in the notebook, as text."""

import gzip
import json
import math
import re
from base64 import b64decode
from typing import Any

from talos_magic.live.picture import picture_html
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState


def packed(html: str) -> Any:
    """What the script of a picture has with it."""
    (found,) = re.findall(r'atob\("([^"]+)"\)', html)
    return json.loads(gzip.decompress(b64decode(found)), parse_constant=refuse_constant)


def refuse_constant(constant: str) -> None:
    raise AssertionError(f"a page cannot read {constant}")


def test_the_script_has_the_whole_state_with_it(session: ScanSession) -> None:
    for lr in (0.1, 0.2):
        session.start_round({"lr": lr})
        session.end_epoch({"loss": lr / 3})
        session.finish_round({"loss": [lr / 3]})
    session.end(ScanState.DONE)
    state = packed(picture_html(session, "kernel-1"))["state"]["all"]
    assert [round_["curves"] for round_ in state["rounds"]] == [
        {"loss": [0.03333]},
        {"loss": [0.06667]},
    ]
    assert state["best"] == 0
    assert state["kernel"] == "kernel-1"


def test_a_page_can_read_a_scan_without_scores(session: ScanSession) -> None:
    session.start_round({"lr": math.nan})
    session.end_epoch({"loss": math.nan})
    session.finish_round({"loss": [math.nan]})
    session.end(ScanState.DONE)
    assert packed(picture_html(session))["state"]["all"]["rounds"][0]["curves"] == {"loss": [None]}
