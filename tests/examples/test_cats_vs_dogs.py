import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zipfile import ZipFile

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from .modules import EXAMPLES, pictures

RED, BLUE = (200, 30, 30), (30, 30, 200)

REPORT = """
import json
print(json.dumps({"opt": list(scan.data["opt"]), "columns": list(scan.data.columns)}))
"""


def write_set(folder: Path) -> None:
    """Write three red cats and two blue dogs, larger than the network's input."""
    for kind, colour, count in (("cats", RED, 3), ("dogs", BLUE, 2)):
        (folder / kind).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (320, 240), colour).save(folder / kind / f"{number}.jpg")


@pytest.fixture(params=["training_set/training_set", "training_set"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A dataset in each of the two layouts."""
    root = tmp_path / "dataset"
    write_set(root / request.param)
    return root


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_pictures_become_scaled_arrays_and_one_hot_labels(folder: Path, packed: bool) -> None:
    with pictures.open_dataset(zipped(folder) if packed else folder) as dataset:
        x, y, skipped = pictures.load_pictures(dataset, "training_set")

    assert x.shape == (5, 100, 100, 3)
    assert x.dtype == y.dtype == np.float32
    assert x.min() >= 0
    assert x.max() <= 1
    np.testing.assert_array_equal(y, [[1, 0]] * 3 + [[0, 1]] * 2)
    np.testing.assert_allclose(x[0].mean(axis=(0, 1)), np.divide(RED, 255), atol=0.02)
    np.testing.assert_allclose(x[-1].mean(axis=(0, 1)), np.divide(BLUE, 255), atol=0.02)
    assert skipped == 0


def test_files_that_are_not_pictures_are_skipped_and_counted(folder: Path) -> None:
    cats = next(folder.rglob("cats"))
    (cats / "0.jpg").write_bytes((cats / "0.jpg").read_bytes()[:200])
    (cats / "1.jpg").write_text("not a picture")
    (cats / "_DS_Store").write_text("nor meant as one")

    with pictures.open_dataset(folder) as dataset:
        x, y, skipped = pictures.load_pictures(dataset, "training_set")

    assert len(x) == len(y) == 3
    assert y.sum(axis=0).tolist() == [1, 2]
    assert skipped == 2


def test_grey_and_transparent_pictures_get_three_colours(folder: Path) -> None:
    cats = next(folder.rglob("cats"))
    Image.new("L", (50, 50), 100).save(cats / "0.jpg")
    Image.new("RGBA", (50, 50)).save(cats / "1.jpg", format="PNG")

    with pictures.open_dataset(folder) as dataset:
        assert pictures.load_pictures(dataset, "training_set").x.shape == (5, 100, 100, 3)


def test_a_missing_set_is_named(folder: Path) -> None:
    with (
        pictures.open_dataset(folder) as dataset,
        pytest.raises(FileNotFoundError, match="test_set with the folders cats and dogs"),
    ):
        pictures.load_pictures(dataset, "test_set")


def test_a_set_without_pictures_is_named(folder: Path) -> None:
    for file in folder.rglob("*.jpg"):
        file.unlink()
    with (
        pictures.open_dataset(folder) as dataset,
        pytest.raises(FileNotFoundError, match="no jpg in the folders cats and dogs"),
    ):
        pictures.load_pictures(dataset, "training_set")


def test_stand_ins_are_drawn_alike_each_time_and_thrown_away(tmp_path: Path) -> None:
    drawn = []
    for _ in range(2):
        with pictures.open_dataset(tmp_path / "nowhere") as dataset:
            drawn.append(pictures.load_pictures(dataset, "test_set"))
        assert not dataset.exists()
    np.testing.assert_array_equal(drawn[0].x, drawn[1].x)
    assert drawn[0].y.sum(axis=0).tolist() == [40, 40]


class Run(NamedTuple):
    """The notebook as run, and the folder that it ran in."""

    cells: list[NotebookNode]
    folder: Path


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    # Not pytest's folder, which is kept for days.
    with TemporaryDirectory() as name:
        folder = Path(name)
        code = (EXAMPLES / "pictures.py").read_text()
        (folder / "pictures.py").write_text(code.replace("SIDE = 100", "SIDE = 40"))
        notebook = nbformat.read(EXAMPLES / "cats_vs_dogs.ipynb", as_version=4)
        for cell in notebook.cells:  # the layer of 500 units makes 600 MB of weights and moments
            cell.source = cell.source.replace("500", "50").replace("(4, 20)", "(2, 20)")
        notebook.cells.append(nbformat.v4.new_code_cell(REPORT))
        client = NotebookClient(
            notebook, timeout=600, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
        yield Run([cell for cell in notebook.cells if cell.cell_type == "code"], folder)


def text_of(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def cell_with(run: Run, source: str) -> NotebookNode:
    return next(cell for cell in run.cells if source in cell.source)


@pytest.mark.long
def test_it_says_that_the_pictures_are_stand_ins(run: Run) -> None:
    assert "stand-ins" in text_of(cell_with(run, "DATASET = "))


@pytest.mark.long
def test_it_scans_both_optimizers_with_and_without_dropout(run: Run) -> None:
    report = json.loads(text_of(run.cells[-1]))
    assert sorted(report["opt"]) == ["Adam", "Adam", "SGD", "SGD"]
    assert {"val_accuracy", "val_loss", "dropout"} <= set(report["columns"])


@pytest.mark.long
def test_the_scan_leaves_a_still_picture(run: Run) -> None:
    outputs = cell_with(run, "%%talos_scan").outputs
    (still,) = (output.data["text/html"] for output in outputs if "text/html" in output.data)
    assert '<img alt="Curves of 4 rounds' in still
    assert 'src="data:image/svg+xml;base64,' in still
    assert "the cell never reads weight_regulizer, emb_output_dims, kernel_initializer" in still


@pytest.mark.long
def test_it_keeps_the_best_model_and_the_best_baseline(run: Run) -> None:
    assert len(list(run.folder.glob("cats_vs_dogs/*/models/*"))) == 1
    assert (run.folder / "cats_vs_dogs/baseline.keras").exists()


@pytest.mark.long
def test_it_says_in_words_what_the_rounds_show(run: Run) -> None:
    words = text_of(cell_with(run, "%talos_compare"))
    assert words.startswith("Best is round ")
    assert "on average" in words
    assert "Never varied: first_hidden_layer, weight_regulizer, lr, emb_output_dims" in words
    assert "Never read by the cell: weight_regulizer, emb_output_dims" in words
    best = text_of(cell_with(run, "%talos_best"))
    assert best.startswith("Best is round ")
    assert ": val_accuracy " in best


@pytest.mark.long
def test_it_concludes_from_its_own_numbers(run: Run) -> None:
    best = re.search(r"val_accuracy ([\d.]+)", text_of(cell_with(run, "%talos_best")))
    assert best is not None
    conclusion = text_of(cell_with(run, "margin = "))
    told = re.search(r"a validation accuracy of ([\d.]+);", conclusion)
    assert told is not None
    assert float(told[1]) == pytest.approx(float(best[1]), abs=0.001)  # each is rounded
    assert "is good to ±0." in conclusion
