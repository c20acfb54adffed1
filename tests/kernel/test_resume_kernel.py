"""--resume and --fresh in kernels that come and go, and the folders that they leave."""

from pathlib import Path

from tests.conftest import RunCells, texts

SETUP = """\
%load_ext talos_magic
import random
from functools import partial
from pathlib import Path
params = {"a": [1, 2, 3], "act": [lambda v: v * 2, partial(pow, exp=2)]}
Path("stop").touch()
"""
BODY = """\
if params["a"] == 3 and Path("stop").exists():
    raise KeyboardInterrupt
return {"loss": [random.random() + params["act"](params["a"])]}, None
"""
SAME = """\
# The same cell, otherwise commented and spaced.
if params['a'] == 3 and Path('stop').exists():

    raise KeyboardInterrupt  # ends the scan
return {"loss": [random.random() + params["act"](params["a"])]}, None
"""
GO_ON = "Path('stop').unlink()"
SHOW = "print(scan.data['a'].tolist(), scan.status, scan.seeds.nunique())"


def test_another_kernel_goes_on_from_the_same_cell(run_cells: RunCells, tmp_path: Path) -> None:
    first = run_cells(SETUP, f"%%talos_scan demo --order sequential --seed 3\n{BODY}", SHOW)
    assert texts(first.cells[2]) == "[1, 1, 2, 2] paused 5\n"
    picture = first.cells[1].outputs[-1].data["text/html"]
    assert "2 of 6 rounds were not trained · to resume: put --resume" in picture
    second = run_cells(
        SETUP, GO_ON, "1 + 1", f"%%talos_scan demo --order sequential --resume -q\n{SAME}", SHOW
    )
    assert texts(second.cells[4]) == "[1, 1, 2, 2, 3, 3] complete 6\n"
    (folder,) = (tmp_path / "demo").iterdir()
    whole = run_cells(
        SETUP,
        GO_ON,
        f"%%talos_scan demo --order sequential --fresh --seed 3 -q\n{BODY}",
        "import talos_magic\n"
        f"parts = talos_magic.ScanResult.load({str(folder)!r})\n"
        "print(parts.round_history == scan.round_history, len(list(Path('demo').iterdir())))",
    )
    assert texts(whole.cells[3]) == "True 2\n"


def test_the_newest_scan_on_disk_is_named_where_none_is_in_the_notebook(
    run_cells: RunCells, tmp_path: Path
) -> None:
    cell = f"%%talos_scan demo --order sequential --seed 3 -q\n{BODY}"
    here = run_cells(SETUP, cell, "%talos_best")
    assert "newest scan on disk" not in texts(here.cells[2])
    (folder,) = (tmp_path / "demo").iterdir()
    elsewhere = run_cells(SETUP, "%talos_best", "%talos_best demo")
    named, asked = map(texts, elsewhere.cells[1:])
    assert named.startswith(f"demo/{folder.name}, the newest scan on disk:\nBest is round ")
    assert asked.startswith("Best is round ")


def test_a_name_is_asked_about_and_a_change_is_shown(run_cells: RunCells, tmp_path: Path) -> None:
    notebook = run_cells(
        SETUP,
        f"%%talos_scan demo --order sequential -q\n{BODY}",
        f"%%talos_scan demo --order sequential -q\n{BODY}",
        f"%%talos_scan demo --order sequential -q --resume\n{BODY.replace('+', '-')}",
        "params = {'a': [1, 2, 3, 4], 'act': params['act']}\n" + GO_ON,
        f"%%talos_scan demo --order sequential -q --resume\n{BODY}",
        SHOW,
        errors=True,
    )
    asked, refused = (texts(notebook.cells[number]) for number in (2, 3))
    assert asked.startswith("UsageError: demo already has a scan (4 rounds")
    assert refused.startswith("UsageError: demo cannot be resumed")
    assert "+return ({'loss': [random.random() - params['act']" in refused
    assert texts(notebook.cells[6]) == "[1, 1, 2, 2, 3, 3, 4, 4] complete 8\n"
    assert len(list((tmp_path / "demo").iterdir())) == 1


def test_a_change_of_what_the_cell_takes_from_the_notebook_is_shown(run_cells: RunCells) -> None:
    cells = [
        "%load_ext talos_magic\nparams = {'a': [1, 2]}\nEPOCHS = 3",
        "def losses(n):\n    return [1.0] * n",
        "%%talos_scan demo --order sequential -q --resume\nreturn {'loss': losses(EPOCHS)}, None",
    ]
    run_cells(*cells)
    same = run_cells(cells[0], cells[1] + "  # each", cells[2])
    assert not texts(same.cells[2]).startswith("UsageError")
    longer = run_cells(cells[0].replace("3", "4"), cells[1], cells[2].replace(" -q", ""))
    picture = longer.cells[2].outputs[-1].data["text/html"]
    assert "the notebook has changed since the earlier run: EPOCHS = 3 -&gt; EPOCHS = 4" in picture
    other = run_cells(cells[0], cells[1].replace("1.0", "2.0"), cells[2], errors=True)
    assert "+    return [2.0] * n\n" in texts(other.cells[2])


def test_a_folder_may_be_anywhere(run_cells: RunCells, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where" / "deep"
    notebook = run_cells(
        SETUP,
        GO_ON,
        f"%%talos_scan demo --order sequential -q --dir '{elsewhere}'\n{BODY}",
        f"%config TalosMagics.root = {str(elsewhere)!r}",
        f"%%talos_scan demo --order sequential --resume -q\n{BODY}",
        "%talos_runs",
    )
    assert [path.name for path in elsewhere.iterdir()] == ["demo"]
    assert len(list((elsewhere / "demo").iterdir())) == 1
    assert "demo" in texts(notebook.cells[5])
    assert not (tmp_path / "demo").exists()


def test_on_error_stop_ends_the_scan_with_its_first_failure(run_cells: RunCells) -> None:
    body = "if params['a'] == 2:\n    raise ValueError('bad')\nreturn {'loss': [1.0]}, None"
    notebook = run_cells(
        SETUP,
        f"%%talos_scan demo --order sequential -q --on-error stop\n{body}",
        "print(scan.status, len(scan.data), scan.failures['error'].tolist())",
        f"%%talos_scan demo --order sequential -q --fresh --on-error explode\n{body}",
        errors=True,
    )
    assert texts(notebook.cells[2]) == "paused 3 ['ValueError: bad']\n"
    assert "--on-error is 'explode': give skip or stop" in texts(notebook.cells[3])
