"""Pictures of cats and dogs as arrays, from Kaggle's folder or zip, or drawn stand-ins.

Kaggle's "cat and dog" has ``training_set/training_set/{cats,dogs}/*.jpg`` and the same under
``test_set``; ``training_set/{cats,dogs}/*.jpg`` is read, too.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zipfile import Path as ZipPath
from zipfile import is_zipfile

import numpy as np
from PIL import Image, ImageColor, ImageDraw

CLASSES = ("cats", "dogs")
SIDE = 100  # pixels
STAND_INS = {"training_set": 120, "test_set": 80}

Folder = Path | ZipPath
Colour = tuple[int, int, int]


class Pictures(NamedTuple):
    """Pictures as input of a network.

    Attributes
    ----------
    x : numpy.ndarray
        float32 in 0..1, one ``SIDE`` x ``SIDE`` x 3 picture per row.
    y : numpy.ndarray
        One-hot: (1, 0) is a cat, (0, 1) is a dog.
    skipped : int
        Number of files that are not pictures.
    """

    x: np.ndarray
    y: np.ndarray
    skipped: int


@contextmanager
def open_dataset(path: Path | str) -> Iterator[Folder]:
    """Open a dataset's folder, or its zip without unpacking it.

    If neither exists, draw stand-ins and delete them afterwards.
    """
    path = Path(path)
    if not path.exists():
        with TemporaryDirectory() as folder:
            draw_dataset(Path(folder))
            yield Path(folder)
    elif is_zipfile(path):
        archive = ZipPath(path)
        with archive.root:
            yield archive
    else:
        yield path


def load_pictures(dataset: Folder, name: str) -> Pictures:
    """Load the pictures of a set, ``training_set`` or ``test_set``, sorted by class and name."""
    folder = _set_folder(dataset, name)
    files = [
        (file, label)
        for label, kind in enumerate(CLASSES)
        for file in sorted((folder / kind).iterdir(), key=lambda file: file.name)
        if file.name.lower().endswith(".jpg")
    ]
    with ThreadPoolExecutor() as pool:  # Pillow decodes outside Python's lock
        pixels = list(pool.map(_read, (file for file, _ in files)))
    good = [
        (picture, label)
        for picture, (_, label) in zip(pixels, files, strict=True)
        if picture is not None
    ]
    if not good:
        raise FileNotFoundError(f"no jpg in the folders {' and '.join(CLASSES)} of {folder}")
    x = np.divide([picture for picture, _ in good], 255, dtype="float32")
    y = np.eye(len(CLASSES), dtype="float32")[[label for _, label in good]]
    return Pictures(x, y, skipped=len(files) - len(good))


def draw_dataset(folder: Path, sizes: dict[str, int] = STAND_INS, seed: int = 42) -> None:
    """Draw stand-ins for the dataset in Kaggle's layout: faces with pointed or hanging ears."""
    rng = np.random.default_rng(seed)
    for name, size in sizes.items():
        for kind in CLASSES:
            files = folder / name / name / kind
            files.mkdir(parents=True)
            for number in range(1, size // len(CLASSES) + 1):
                _draw(kind, rng).save(files / f"{kind[:-1]}.{number}.jpg", quality=90)


def _set_folder(dataset: Folder, name: str) -> Folder:
    for folder in (dataset / name / name, dataset / name):
        if all((folder / kind).is_dir() for kind in CLASSES):
            return folder
    raise FileNotFoundError(f"{dataset} has no {name} with the folders {' and '.join(CLASSES)}")


def _read(file: Folder) -> np.ndarray | None:
    """Return a picture; None if the file is not one."""
    try:
        with Image.open(BytesIO(file.read_bytes())) as image:
            image.draft("RGB", (SIDE, SIDE))  # a large jpg is decoded at a fraction of its size
            return np.asarray(image.convert("RGB").resize((SIDE, SIDE)))
    except OSError:
        return None


def _draw(kind: str, rng: np.random.Generator) -> Image.Image:
    """Draw a face of random size, place, tilt and colour on a noisy background."""
    background = _colour(rng, hue=(0, 360), saturation=(0, 40), value=(45, 90))
    fur = _colour(rng, hue=(15, 45), saturation=(0, 70), value=(25, 90))
    image = Image.new("RGB", (SIDE, SIDE), background)
    pen = _Pen(image, *rng.uniform(0.4 * SIDE, 0.6 * SIDE, 2), rng.uniform(0.2, 0.3) * SIDE)
    (_draw_cat if kind == "cats" else _draw_dog)(pen, fur)
    image = image.rotate(rng.uniform(-25, 25), Image.Resampling.BILINEAR, fillcolor=background)
    noisy = np.asarray(image) + rng.normal(0, 14, (SIDE, SIDE, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


class _Pen:
    """Draws in units of a face's radius, from its middle."""

    def __init__(self, image: Image.Image, x: float, y: float, radius: float) -> None:
        self._draw = ImageDraw.Draw(image)
        self._middle = np.array([x, y])
        self._radius = radius

    def oval(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        corners = [(x - width, y - height), (x + width, y + height)]
        self._draw.ellipse(self._place(corners), fill=colour)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        self._draw.polygon(self._place(points), fill=colour)

    def line(self, points: list[tuple[float, float]], colour: Colour) -> None:
        self._draw.line(self._place(points), fill=colour)

    def _place(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [tuple(self._middle + self._radius * np.array(point)) for point in points]


def _draw_cat(pen: _Pen, fur: Colour) -> None:
    for side in (-1, 1):
        pen.polygon([(0.95 * side, -0.2), (0.8 * side, -1.5), (0.1 * side, -0.9)], _shade(fur, 0.6))
    pen.oval(0, 0, 1, 0.9, fur)
    pen.polygon([(-0.15, 0.2), (0.15, 0.2), (0, 0.38)], (60, 30, 40))
    for side in (-1, 1):
        pen.oval(0.4 * side, -0.15, 0.14, 0.2, (90, 170, 70))
        pen.oval(0.4 * side, -0.15, 0.05, 0.18, (0, 0, 0))
        for end in (0.25, 0.45, 0.65):
            pen.line([(0.3 * side, 0.4), (1.3 * side, end)], (240, 240, 240))


def _draw_dog(pen: _Pen, fur: Colour) -> None:
    pen.oval(0, 0, 0.9, 1.05, fur)
    for side in (-1, 1):
        pen.oval(0.95 * side, 0.1, 0.3, 0.8, _shade(fur, 0.6))
        pen.oval(0.35 * side, -0.25, 0.13, 0.13, (20, 15, 10))
    pen.oval(0, 0.5, 0.5, 0.42, _shade(fur, 1.3))
    pen.oval(0, 0.3, 0.2, 0.14, (15, 15, 15))


def _colour(rng: np.random.Generator, **ranges: tuple[int, int]) -> Colour:
    hue, saturation, value = (int(rng.integers(*span)) for span in ranges.values())
    return ImageColor.getrgb(f"hsv({hue}, {saturation}%, {value}%)")


def _shade(colour: Colour, factor: float) -> Colour:
    return tuple(min(255, int(channel * factor)) for channel in colour)
