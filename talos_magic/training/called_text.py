"""Names the hyperparameter whose value, a text, the cell called."""

import linecache
import re
import traceback
from collections.abc import Mapping
from typing import Any

MESSAGE = "'str' object is not callable"
CALLED = re.compile(r"""(\w+)["']?[])]*\(""")  # of opt(…), params["opt"](…), params.get("opt")(…)


def explain_called_text(error: Exception, params: Mapping[str, Any]) -> None:
    """Add to "'str' object is not callable" which of the params is that text, if one is."""
    if not (isinstance(error, TypeError) and str(error) == MESSAGE and error.__traceback__):
        return
    frame, line = list(traceback.walk_tb(error.__traceback__))[-1]
    called = CALLED.findall(linecache.getline(frame.f_code.co_filename, line))
    held = [{**frame.f_globals, **frame.f_locals}.get(name) for name in called]
    texts = [value for value in held if isinstance(value, str)]
    for name, text in params.items():
        if isinstance(text, str) and (name in called or text in texts):
            error.args = (
                f"{MESSAGE}: the cell calls {name}, which is the text {text!r}: list the class or "
                "function itself in params",
            )
            return
