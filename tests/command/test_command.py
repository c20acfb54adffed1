"""The command line as a script sees it: what is printed where, and the status."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from talos_magic import run_scan
from talos_magic.command.command import main

Run = Callable[..., tuple[int, str, str]]
VALUES = {"lr": [0.3, 0.1, 0.2], "opt": ["adam", "sgd"]}


def model(*arguments: Any) -> Any:
    lr = arguments[-1]["lr"]
    if lr == 0.2:
        raise ValueError("too large")
    return {"loss": [1.0, lr], "gain": [0.0, float("nan")]}, None


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scans")
    for name in ("lenet", "wider"):
        run_scan(model, VALUES, name=name, root=root, seed=1)
    (lenet,) = (root / "lenet").iterdir()
    (lenet / "models").mkdir()
    (lenet / "models" / f"{best_round(lenet)}.keras").touch()
    for name in ("cell.py", "params.py", "notebook.py"):
        (lenet / name).write_text(f"open({str(root / 'ran')!r}, 'w')\nparams = {VALUES!r}\n")
    return root


def best_round(folder: Path) -> int:
    lines = (folder / "round_data.jsonl").read_text().splitlines()
    done = [record for record in map(json.loads, lines) if record["history"]]
    best = min(done, key=lambda record: (record["row"]["loss"], record["round_index"]))
    return int(best["round_index"])


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main([*arguments, "--dir", str(root)])
        except SystemExit as error:  # of argparse
            status = int(error.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def answer(run: Run, *arguments: str) -> Any:
    status, printed, errors = run(*arguments, "--json")
    assert (status, errors) == (0, "")
    return json.loads(printed, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_runs_lists_every_scan(run: Run, root: Path) -> None:
    _, text, _ = run("runs")
    assert [line.split()[0] for line in text.splitlines()] == ["experiment", "lenet", "wider"]
    assert "loss 0.1" in text
    lenet, wider = answer(run, "runs")
    assert (lenet["name"], lenet["state"], wider["name"]) == ("lenet", "done", "wider")
    assert lenet["best"]["params"]["lr"] == 0.1
    assert lenet["best"]["metrics"] == {"loss": 0.1, "gain": None}
    assert (lenet["rounds"]["done"], lenet["rounds"]["failed"]) == (4, 2)
    assert Path(lenet["folder"]).parent == root / "lenet"


def test_where_no_scan_is_the_list_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "--dir", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["runs", "--dir", str(tmp_path / "absent")]) == 0
    assert capsys.readouterr().out.startswith("no scans in ")


def test_best_gives_params_metric_folder_and_model(run: Run, root: Path) -> None:
    lenet, _ = answer(run, "runs")
    best = answer(run, "best", "lenet")
    model = best["best"].pop("model")
    assert best == lenet
    assert Path(model).parent.parent == Path(lenet["folder"])
    assert Path(model).is_file()
    _, text, _ = run("best", f"lenet/{Path(lenet['folder']).name}")
    assert text.startswith("Best is round ")
    assert f"model: {model}\nfolder: {lenet['folder']}" in text
    assert '"lr": 0.1' in text
    _, wider, _ = run("best")  # the newest
    assert "its model was not kept: " in wider
    assert answer(run, "best")["best"]["model"] is None


def test_compare_gives_sentences_ranks_and_a_plot(run: Run, tmp_path: Path) -> None:
    _, text, _ = run("compare", "lenet")
    assert text.startswith("Best is round ")
    assert "2 rounds failed." in text
    found = answer(run, "compare", "lenet", "wider", "-m", "loss")
    assert (found["metric"], found["direction"]) == ("loss", "min")
    assert any("2 rounds failed" in each or "4 rounds failed" in each for each in found["findings"])
    scores = [each["score"] for each in found["ranked"]]
    assert scores == sorted(scores)
    assert {each["experiment"] for each in found["ranked"]} == {"lenet", "wider"}
    assert found["ranked"][0]["deviation"] is None
    plot = tmp_path / "plot.png"
    _, text, _ = run("compare", "lenet", "-k", "progress", "-o", str(plot))
    assert text.endswith(f"wrote {plot}\n")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_two_metrics_are_weighed(run: Run) -> None:
    status, text, _ = run("compare", "lenet", "-m", "loss", "-m", "duration")
    assert status == 0
    assert text.startswith("Pareto front, ")


def test_export_writes_what_the_magic_writes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "scan.csv"
    said = answer(run, "export", "lenet", str(file))
    assert said == {"file": str(file), "messages": [f"wrote {file}"]}
    assert len(file.read_text().splitlines()) == 1 + 6


def test_nothing_in_a_folder_is_run(run: Run, root: Path, tmp_path: Path) -> None:
    for arguments in (["runs"], ["best"], ["compare", "lenet"], ["best", "lenet"]):
        assert run(*arguments)[0] == 0
    assert run("export", "lenet", str(tmp_path / "best.py"))[0] == 0
    assert not (root / "ran").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["best", "lenett"], 1, "no scan is called 'lenett': choose from lenet"),
        (["best", "lenet", "-m", "auc"], 2, "no metric 'auc': there are gain, loss"),
        (["compare", "-m", "a", "-m", "b", "-m", "c"], 2, "give one metric, or two to weigh"),
        (["compare", "-o", "plot.xyz", "-k", "rounds"], 2, "xyz"),
        (["export", "scan.txt"], 1, "does not end in .csv"),
        (["export"], 2, "required: FILE"),
        (["best", "--colour", "lr"], 2, "unrecognized arguments: --colour"),
        (["show"], 2, "invalid choice: 'show'"),
    ],
)
def test_a_mistake_is_one_line(run: Run, arguments: list[str], status: int, words: str) -> None:
    ended, printed, errors = run(*arguments, "--json")
    assert (ended, printed) == (status, "")
    assert len(errors.splitlines()) == 1
    assert words in errors


def test_a_list_is_quick(root: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "talos_magic", "runs", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) == 2
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "argparse" in imported
    assert not imported & {"numpy", "pandas", "talos", "tensorflow", "keras", "IPython"}


def test_the_best_round_needs_no_keras(root: Path) -> None:
    code = (
        "import sys; from talos_magic.command.command import main; main(['best']);"
        "print('loaded:', *{'keras', 'tensorflow', 'torch'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Best is round ")
    assert done.stdout.endswith("\nloaded:\n")
