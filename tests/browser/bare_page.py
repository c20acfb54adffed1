"""The live view's JavaScript in a page of its own, given what a kernel would send of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator

from talos_magic.live.assets import page_source, style_source
from talos_magic.live.messages import Changes, clocks
from talos_magic.scan.session import ScanSession

MOUNT = """async ([source, id]) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: widget } = await import(url);
    const handlers = (window.handlers ??= new Set());
    window.requests ??= [];
    window.send ??= (message) => window.requests.push(message);
    window.receive = (message) => handlers.forEach((handle) => handle(message));
    const model = {
        get: (name) => window.traits?.[name],
        send: (message) => window.send(message),
        on: (name, handle) => name === "msg:custom" && handlers.add(handle),
        off: (name, handle) => handlers.delete(handle),
    };
    widget.initialize({ model });
    window.unmount = widget.render({ model, el: document.getElementById(id) });
}"""
# What JupyterLab's two themes set of the variables that the style sheet uses.
THEMES = {
    "light": "--jp-layout-color0:#fff;--jp-layout-color1:#fff;--jp-layout-color2:#eee;"
    "--jp-layout-color3:#bdbdbd;--jp-border-color1:#bdbdbd;--jp-border-color2:#e0e0e0;"
    "--jp-content-font-color1:rgba(0,0,0,.87);--jp-ui-font-color2:rgba(0,0,0,.54)",
    "dark": "--jp-layout-color0:#111;--jp-layout-color1:#212121;--jp-layout-color2:#424242;"
    "--jp-layout-color3:#616161;--jp-border-color1:#616161;--jp-border-color2:#424242;"
    "--jp-content-font-color1:#fff;--jp-ui-font-color2:rgba(255,255,255,.7)",
}

# How many pixels of a canvas are near a colour, and more opaque than a number.
PIXELS = """([canvas, opacity, r, g, b]) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
        found += data[i + 3] > opacity && Math.abs(data[i] - r) < 12
            && Math.abs(data[i + 1] - g) < 12 && Math.abs(data[i + 2] - b) < 12;
    }
    return found;
}"""
RUNNING, BEST, SELECTED = (0x00, 0x72, 0xB2), (0xD9, 0x7B, 0x00), (0x00, 0x9E, 0x73)
FADED = (0x8F, 0x9A, 0xA3)


class BarePage:
    """A page that shows one session."""

    def __init__(self, context: BrowserContext, session: ScanSession, width: int = 1000) -> None:
        self.session = session
        self.page = context.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_content(
            f"<style>{style_source()}</style><div id='view'></div><div id='other'></div>"
        )
        self.set_theme("light")
        self._changes = Changes(session)
        self._number = 0
        self.mount()
        self.send_all()
        session.subscribe(self._changes.note)

    def mount(self, place: str = "view") -> None:
        """Show a view, which knows nothing yet."""
        self.page.evaluate(MOUNT, [page_source(), place])

    @property
    def view(self) -> Locator:
        return self.page.locator("#view")

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What the page has sent to the kernel."""
        requests: list[dict[str, Any]] = self.page.evaluate("window.requests")
        return requests

    def set_theme(self, theme: Literal["light", "dark"]) -> None:
        script = """([theme, style]) => {
            document.documentElement.style = style + ";background:var(--jp-layout-color0)";
            document.body.dataset.jpThemeLight = String(theme === "light");
        }"""
        self.page.evaluate(script, [theme, THEMES[theme]])

    def send_all(self) -> None:
        """Send the whole session, as to a page that opens."""
        self._send({"all": {**self._changes.everything(), "editable": True, "editing": False}})

    def send_changes(self, *, settled: bool = True, **traits: Any) -> None:
        """Send what happened since, and traits that changed."""
        for name, value in traits.items():
            if self.session.has_trait(name):
                setattr(self.session, name, value)
        if traits:
            self._changes.set(**traits)
        self._send({"changes": self._changes.take()}, settled=settled)

    def lose_changes(self) -> dict[str, Any]:
        """Return the message with what happened since, which the page does not get."""
        return self._numbered({"changes": self._changes.take()})

    def receive(self, message: dict[str, Any], *, settled: bool = True) -> None:
        """Let the page have a message, whatever it holds."""
        self.page.evaluate("message => window.receive(message)", message)
        if settled:
            self.settle()

    def answer(self, *requests: dict[str, Any]) -> None:
        """Answer requests as a kernel does, after its changes so far."""
        for request in requests:
            self._changes.answer(request["id"])
        self.send_changes()

    def click(self, name: str) -> dict[str, Any]:
        """Click a button once it shows, at a person's pace, and return the request."""
        self.page.wait_for_timeout(310)  # two clicks at once are one
        self.view.get_by_role("button", name=name, exact=True).click()
        return self.requests[-1]

    def settle(self) -> None:
        """Wait until all has been drawn."""
        frame = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        for _ in range(3):
            self.page.evaluate(frame)

    def evaluate(self, function: str, argument: Any) -> Any:
        """What a function of the page's modules gives."""
        source = f"{page_source()}\nexport const tested = {function};"
        script = """async ([source, argument]) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            return (await import(url)).tested(argument);
        }"""
        return self.page.evaluate(script, [source, argument])

    def close(self) -> None:
        self.page.close()

    def _send(self, message: dict[str, Any], *, settled: bool = True) -> None:
        self.receive(self._numbered(message), settled=settled)

    def _numbered(self, message: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        return {**message, **clocks(self.session), "number": self._number}


Open = Callable[..., BarePage]


def pixels(page: BarePage, colour: tuple[int, int, int], opacity: int = 200) -> int:
    canvas = page.view.locator("canvas").first.element_handle()
    found: int = page.page.evaluate(PIXELS, [canvas, opacity, *colour])
    return found


def rows(page: BarePage, place: str = "#view") -> list[list[str]]:
    shown = page.page.locator(f"{place} tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in shown]
