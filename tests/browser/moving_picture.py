"""A moving picture of a page: screenshots with a mouse pointer, as a GIF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import FloatRect, Locator, Page

COLOURS = 256
# An arrow whose tip is where the mouse points.
ARROW = [(0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12)]

Point = tuple[float, float]


class MovingPicture:
    """Frames of one part of a page; the mouse goes from place to place while they are taken."""

    def __init__(self, page: Page, part: Locator, mouse: Point) -> None:
        box = part.bounding_box()
        assert box is not None
        self._page = page
        self._box: FloatRect = box
        self._mouse = mouse
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    def take(self, milliseconds: int = 90) -> None:
        """Take a frame, which stays for that time."""
        picture = Image.open(BytesIO(self._page.screenshot(clip=self._box))).convert("RGB")
        x, y = self._mouse[0] - self._box["x"], self._mouse[1] - self._box["y"]
        arrow = [(x + right, y + down) for right, down in ARROW]
        ImageDraw.Draw(picture).polygon(arrow, fill="black", outline="white")
        self._frames.append(picture)
        self._milliseconds.append(milliseconds)

    def point(self, place: Locator, across: float = 0.5, down: float = 0.5, steps: int = 6) -> None:
        """Move the mouse to a point of a place, given as shares of its width and height."""
        box = place.bounding_box()
        assert box is not None
        end = (box["x"] + across * box["width"], box["y"] + down * box["height"])
        begin = self._mouse
        for step in range(1, steps + 1):
            share = step / steps
            self._mouse = (
                begin[0] + share * (end[0] - begin[0]),
                begin[1] + share * (end[1] - begin[1]),
            )
            self._page.mouse.move(*self._mouse)
            self.take()

    def save(self, path: Path) -> None:
        """Save it as a loop; all frames have the colours of some, so that nothing flickers."""
        some = self._frames[:: max(1, len(self._frames) // 12)]
        width, height = some[0].size
        sheet = Image.new("RGB", (width, height * len(some)))
        for number, frame in enumerate(some):
            sheet.paste(frame, (0, height * number))
        # The commonest ones as they are, but none of them twice: Pillow takes near ones for one.
        common: dict[tuple[int, ...], tuple[int, ...]] = {}
        for _, colour in sorted(sheet.getcolors(2**24) or [], reverse=True):
            common.setdefault(tuple(channel >> 3 for channel in colour), colour)
        palette = Image.new("P", (1, 1))
        palette.putpalette([c for colour in [*common.values()][:COLOURS] for c in colour])
        first, *others = (
            frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames
        )
        first.save(path, save_all=True, append_images=others, duration=self._milliseconds, loop=0)
