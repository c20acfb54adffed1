"""Puts a session on the page: the view that fits the front end, and what stays at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.display import display

from talos_magic.live.comm_pump import comm_pump
from talos_magic.live.snapshot import snapshot_html
from talos_magic.live.terminal import TerminalView, text_table
from talos_magic.scan.session import ScanSession


@contextmanager
def on_stage(session: ScanSession, kernel: Any) -> Iterator[None]:
    """Show a session for as long as the block runs, and its static picture from then on.

    Parameters
    ----------
    session : ScanSession
        The scan that is about to run.
    kernel : ipykernel.kernelbase.Kernel or None
        The kernel that runs the cell; None in a plain terminal.
    """
    if kernel is None:
        TerminalView(session)
        yield
        return
    from talos_magic.live.view import LiveView

    view = LiveView(session)
    # The raw bundle, because ipywidgets 7 ignores display_id on a widget, and what has none cannot
    # be replaced at the end.
    bundle, metadata = view._repr_mimebundle_() or ({}, {})
    page = display(  # type: ignore[no-untyped-call]
        bundle, metadata=metadata, raw=True, display_id=f"talos-{view.model_id}"
    )
    try:
        with comm_pump(kernel) as pump:
            session.poll(pump.pump)
            yield
    finally:
        still = {"text/html": "", "text/plain": ""}
        if session.finished or (session.rounds and session.state == "stopped"):
            still = {"text/html": snapshot_html(session), "text/plain": text_table(session)}
        page.update(still, raw=True)
        view.close()
