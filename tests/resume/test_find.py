"""Resuming an earlier scan: nothing is trained twice, and changes are reported."""

import functools
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from talos_magic import ScanResult, report, run_scan
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import failure_notices, find_earlier
from talos_magic.resume.identity import ScanIdentity
from talos_magic.scan.session import ScanSession
from talos_magic.storage.saved_scan import SavedScan

GRID = {"lr": [0.1, 0.2, 0.3], "opt": [dict, len]}


class Training:
    """A model function that draws its losses, and may end the scan before some round."""

    def __init__(self, stop_before: int | None = None) -> None:
        self.trained: list[Any] = []
        self._stop_before = stop_before

    def __call__(self, *arguments: Any) -> Any:
        params = arguments[-1]
        if len(self.trained) == self._stop_before:
            raise KeyboardInterrupt
        self.trained.append((params["lr"], params["opt"]))
        return {"loss": list(np.random.rand(3))}, None  # what a cell draws from


def scan(root: Path, train: Any, params: Any = GRID, **options: Any) -> ScanResult:
    order = {} if {"rounds", "fraction"} & options.keys() else {"order": "sequential"}
    return run_scan(train, params, root=root, name="demo", **order, **options)


@pytest.mark.parametrize("stop", [1, 3, 5])
@pytest.mark.parametrize("options", [{}, {"rounds": 5}, {"fraction": 0.9}])
def test_a_resumed_scan_equals_one_in_one_go(
    tmp_path: Path, stop: int, options: dict[str, Any]
) -> None:
    whole = scan(tmp_path / "whole", Training(), seed=4, **options)
    scan(tmp_path / "parts", Training(stop), seed=4, **options)
    rest = Training()
    parts = scan(tmp_path / "parts", rest, resume=True, **options)
    assert parts.round_history == whole.round_history
    assert parts.data[["lr", "opt"]].values.tolist() == whole.data[["lr", "opt"]].values.tolist()
    assert parts.seeds.tolist() == whole.seeds.tolist()
    assert len(rest.trained) == len(whole.data) - stop
    assert len(list((tmp_path / "parts" / "demo").iterdir())) == 1


@pytest.mark.parametrize("stop", [1, 6, 11])
def test_a_resumed_scan_with_repeats_equals_one_in_one_go(tmp_path: Path, stop: int) -> None:
    whole = scan(tmp_path / "whole", Training(), seed=4, repeats=2)
    scan(tmp_path / "parts", Training(stop), seed=4, repeats=2)
    parts = scan(tmp_path / "parts", Training(), seed=4, repeats=2, resume=True)
    assert parts.round_history == whole.round_history
    assert parts.seeds.tolist() == whole.seeds.tolist()
    assert len(set(whole.seeds)) == len(whole.data) == 12
    assert whole.combinations["rounds"].tolist() == [2] * 6


def test_more_repeats_train_what_is_missing_and_no_seed_comes_twice(tmp_path: Path) -> None:
    once = scan(tmp_path, Training(), seed=4)
    rest = Training()
    thrice = scan(tmp_path, rest, repeats=3, resume=True)
    assert len(rest.trained) == 12
    assert thrice.round_history[:6] == once.round_history
    assert thrice.combinations["rounds"].tolist() == [3] * 6
    assert thrice.seeds.is_unique


def test_a_combination_alone_gives_what_it_gives_in_a_grid(tmp_path: Path) -> None:
    whole = scan(tmp_path / "whole", Training(), seed=4)
    alone = scan(tmp_path / "alone", Training(), {"lr": [0.2], "opt": [len]}, seed=4)
    assert alone.round_history == [whole.round_history[3]]


def test_a_scan_that_is_done_trains_nothing_more(tmp_path: Path) -> None:
    done = scan(tmp_path, Training(), seed=4)
    again = scan(tmp_path, Training(stop_before=0), resume=True)
    assert again.status == "complete"
    assert again.round_history == done.round_history


def test_failed_and_skipped_rounds_are_not_repeated(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["lr"] == 0.3:
            raise KeyboardInterrupt
        if arguments[-1]["lr"] == 0.1:
            raise ValueError("bad")
        return {"loss": [1.0]}, None

    scan(tmp_path, train, seed=4)
    rest = Training()
    result = scan(tmp_path, rest, resume=True)
    assert rest.trained == [(0.3, dict), (0.3, len)]
    assert result.failures["round"].tolist() == [0, 1]
    assert result.data["loss"].isna().tolist() == [True] * 2 + [False] * 4


def test_failed_rounds_are_trained_once_more_if_that_is_asked_for(tmp_path: Path) -> None:
    away = [True]

    def train(*arguments: Any) -> Any:
        if away[0] and arguments[-1]["lr"] > 1:
            raise OSError("mount away")
        return {"loss": list(np.random.rand(3))}, None

    params = {"lr": [1, 2, 3]}
    assert len(scan(tmp_path, train, params, seed=4).failures) == 2
    away[0] = False
    again = scan(tmp_path, train, params, resume=True, retry=True)
    assert again.data["lr"].tolist() == [1, 2, 3, 2, 3]
    assert again.seeds.tolist()[3:] == again.seeds.tolist()[1:3]
    assert len(scan(tmp_path, train, params, resume=True, retry=True).data) == 5


def test_a_damaged_round_is_trained_again_to_the_same_end(tmp_path: Path) -> None:
    whole = scan(tmp_path, Training(), seed=4)
    path = whole.run_dir / "round_data.jsonl"
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:-9]
    path.write_text("\n".join(lines) + "\n")
    rest = Training()
    result = scan(tmp_path, rest, resume=True)
    assert rest.trained == [(0.2, dict)]
    assert result.round_history[6] == whole.round_history[2]
    assert ScanResult.load(result.run_dir).round_history == result.round_history


def test_values_that_were_added_are_all_that_is_trained(tmp_path: Path) -> None:
    scan(tmp_path, Training(), {"lr": [0.1, 0.2], "opt": [dict]}, seed=4)
    rest = Training()
    result = scan(tmp_path, rest, {"lr": [0.05, 0.1, 0.2], "opt": [dict, len]}, resume=True)
    assert rest.trained == [(0.05, dict), (0.05, len), (0.1, len), (0.2, len)]
    assert ScanResult.load(result.run_dir).params == {
        "lr": [0.05, 0.1, 0.2],
        "opt": ["dict", "len"],
    }


def test_more_rounds_are_drawn_beside_those_that_are_done(tmp_path: Path) -> None:
    params = {"lr": list(range(100)), "opt": [dict]}
    first = scan(tmp_path, Training(), params, seed=4, rounds=3)
    result = scan(tmp_path, Training(), params, resume=True, rounds=8)
    drawn = result.data["lr"].tolist()
    assert drawn[:3] == first.data["lr"].tolist()
    assert len(set(drawn)) == 8


@pytest.mark.long
def test_the_best_model_of_both_runs_is_kept(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    scan(tmp_path, model_function, {"units": [16]}, x=digits[0], y=digits[1], seed=1)
    options: dict[str, Any] = {"x": digits[0], "y": digits[1], "resume": True}
    worse = scan(tmp_path, model_function, {"units": [16, 1]}, **options)
    assert [path.name for path in (worse.run_dir / "models").iterdir()] == ["0.keras"]
    assert worse.best_model().layers[0].units == 16
    better = scan(tmp_path, model_function, {"units": [16, 1, 64]}, **options)
    assert [path.name for path in (better.run_dir / "models").iterdir()] == ["2.keras"]


@pytest.mark.long
def test_a_resume_keeps_as_many_models_as_the_scan_did(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    def kept(**options: Any) -> list[int]:
        data = {"x": digits[0], "y": digits[1]}
        result = scan(tmp_path, model_function, {"units": [1, 2, 3, 4]}, **data, **options)
        return [number for number, model in enumerate(result.artifacts) if model is not None]

    assert kept(keep="all", rounds=2, seed=1) == [0, 1]
    assert kept(resume=True, rounds=3) == [0, 1, 2]
    assert len(kept(resume=True, rounds=3, keep=2)) == 2  # as it was asked for
    (run,) = (tmp_path / "demo").iterdir()
    models = [*(run / "models").iterdir()]
    for name in ("3.keras", "3.partial.keras"):  # the kernel was killed before it was recorded
        shutil.copy(models[0], run / "models" / name)
    assert len(kept(resume=True)) == 2


@pytest.mark.long
def test_a_resume_in_the_midst_of_repeats_keeps_one_model_in_the_end(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    calls = count(1)

    def train(*arguments: Any) -> Any:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return model_function(*arguments)

    def kept(**options: Any) -> int:
        data = {"x": digits[0], "y": digits[1]}
        result = scan(tmp_path, train, {"units": [4, 8]}, repeats=2, **data, **options)
        return len([*(result.run_dir / "models").iterdir()])

    assert kept(seed=1) == 2  # of the best combination, and of the one in the midst
    assert kept(resume=True) == 1


@pytest.mark.long
def test_a_resume_without_a_record_of_keep_keeps_the_models_that_are_there(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"x": digits[0], "y": digits[1]}
    first = scan(tmp_path, model_function, {"units": [4, 8]}, seed=1, keep=2, **options)
    path = first.run_dir / "metadata.json"
    metadata = json.loads(path.read_text())
    metadata["identity"]["data"]["keep"] = [2]
    path.write_text(json.dumps(metadata))
    result = scan(tmp_path, model_function, {"units": [4, 8, 16]}, resume=True, **options)
    assert sum(model is not None for model in result.artifacts) == 2


def test_real_training_is_bit_equal_after_a_resume(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    def stops(*arguments: Any) -> Any:
        if arguments[-1]["units"] == 8:
            raise KeyboardInterrupt
        return model_function(*arguments)

    params = {"units": [4, 8, 16]}
    data: dict[str, Any] = {"x": digits[0], "y": digits[1]}
    whole = scan(tmp_path / "whole", model_function, params, **data, seed=5)
    scan(tmp_path / "parts", stops, params, **data, seed=5)
    (folder,) = (tmp_path / "parts" / "demo").iterdir()
    (folder / "cell.py").write_text("")  # another function, on purpose
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["identity"]["data"].pop("code")
    (folder / "metadata.json").write_text(json.dumps(metadata))
    plan = plan_to_resume(tmp_path / "parts", params, digits)
    plan.run(model_function, root=tmp_path / "parts")
    assert plan.result is not None
    assert plan.result.round_history == whole.round_history


def plan_to_resume(root: Path, params: Any, digits: Any) -> Plan:
    from talos_magic.experiment.run_scan import take_data

    saved = find_earlier(root, "demo", resume=True, fresh=False)
    assert saved is not None
    data = take_data(*digits, None, None, val_split=0.3, seed=saved.seed or 0)
    return Plan.make(Grid(params), ScanOptions(seed=saved.seed or 0), data, saved=saved)


def test_a_scan_that_was_killed_in_its_first_round_keeps_its_folder(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        report(0, loss=1.0)
        raise KeyboardInterrupt

    first = scan(tmp_path, train, seed=4)
    again = scan(tmp_path, Training(stop_before=0), resume=True)
    assert again.run_dir == first.run_dir
    assert first.run_dir.exists()
    assert scan(tmp_path, Training(), resume=True).status == "complete"


def test_rounds_that_were_added_in_the_meantime_are_not_lost(tmp_path: Path) -> None:
    options = ScanOptions(name="demo", seed=4)
    scan(tmp_path, Training(2), seed=4)
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    late = Plan.make(Grid(GRID), options, saved=saved)
    done = scan(tmp_path, Training(), resume=True)
    before = (done.run_dir / "round_data.jsonl").read_bytes()
    with pytest.raises(ScanError, match="was written to in the meantime: run the cell again"):
        late.run(Training(), root=tmp_path)
    assert (done.run_dir / "round_data.jsonl").read_bytes() == before


# What a resume is refused for.


def refusal(root: Path, train: Any = None, params: Any = GRID, **options: Any) -> str:
    with pytest.raises(ScanError) as error:
        scan(root, train or Training(), params, resume=True, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lr": [0.1, 0.3], "opt": [dict, len]}, "params['lr'] no longer has 0.2"),
        ({"lr": [0.1, 0.2, 0.3]}, "params no longer has opt"),
        ({**GRID, "units": [8]}, "params has a new hyperparameter: units"),
    ],
    ids=["value", "gone", "new"],
)
def test_other_params_are_named(tmp_path: Path, params: Any, message: str) -> None:
    result = scan(tmp_path, Training(), seed=4)
    before = (result.run_dir / "round_data.jsonl").read_bytes()
    assert message in refusal(tmp_path, params=params)
    assert (result.run_dir / "round_data.jsonl").read_bytes() == before


def test_other_data_are_told_by_shape_and_by_value(tmp_path: Path) -> None:
    x, y = np.zeros((10, 2)), np.zeros(10)
    scan(tmp_path, Training(), x=x, y=y, seed=4)
    message = refusal(tmp_path, x=x[:8], y=y[:8])
    assert "x_train was (7, 2) float64, is now (5, 2) float64" in message
    message = refusal(tmp_path, x=x + 1, y=y)
    assert "x_train has other values" in message
    assert "y_train" not in message


def test_another_function_is_told_by_what_differs(tmp_path: Path) -> None:
    def one(*arguments: Any) -> Any:
        return {"loss": [1.0]}, None

    scan(tmp_path, one, seed=4)

    def one(*arguments: Any) -> Any:  # type: ignore[no-redef]
        return {"loss": [2.0]}, None  # a comment

    message = refusal(tmp_path, one).splitlines()
    assert "  the cell has changed:" in message
    assert [line.strip() for line in message if "loss" in line] == [
        "-    return ({'loss': [1.0]}, None)",
        "+    return ({'loss': [2.0]}, None)",
    ]


@pytest.mark.parametrize("partial", [False, True])
def test_a_function_that_was_made_with_other_values_is_told(tmp_path: Path, partial: bool) -> None:
    def made(depth: int) -> Any:
        def model(*arguments: Any) -> Any:
            return {"loss": [depth]}, None

        def built(*arguments: Any, depth: int) -> Any:
            return {"loss": [depth]}, None

        return functools.partial(built, depth=depth) if partial else model

    scan(tmp_path, made(3), seed=4, rounds=2)
    message = refusal(tmp_path, made(9))
    assert "-depth = 3" in message
    assert "+depth = 9" in message
    scan(tmp_path, made(3), resume=True)


def test_another_seed_is_refused(tmp_path: Path) -> None:
    scan(tmp_path, Training(), seed=4)
    assert "--seed is 5, but demo began with 4" in refusal(tmp_path, seed=5)


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    result = scan(tmp_path, Training(), seed=4)
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (result.run_dir / "epochs.jsonl").unlink()
    (result.run_dir / "epochs.jsonl").symlink_to(outside)
    assert "is a link, which no scan makes" in refusal(tmp_path)
    assert outside.read_text() == "mine"


def test_damaged_metadata_are_said_so(tmp_path: Path) -> None:
    result = scan(tmp_path, Training(), seed=4)
    (result.run_dir / "metadata.json").write_text("{")
    assert "open what is left with talos_magic.ScanResult.load" in refusal(tmp_path)
    (result.run_dir / "metadata.json").unlink()
    assert "open what is left with talos_magic.ScanResult.load" in refusal(tmp_path)
    assert len(ScanResult.load(result.run_dir).data) == 6


# What is asked.


def test_what_is_taken_for_granted_and_is_not_so_is_told(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["lr"] == 0.2:
            raise OSError("mount away")
        return {"loss": [1.0]}, None

    scan(tmp_path, train, rounds=5, repeats=2, seed=1)
    (folder,) = (tmp_path / "demo").iterdir()
    saved = SavedScan.open(folder)
    (failed,) = failure_notices(saved.rounds())
    assert failed.endswith("failed and will not be trained again; --retry trains them")
    same = ScanIdentity.from_saved(saved)
    assert same.differences(same) == ([], [])
    data = {"x_train": "_BatchDataset"}
    other = replace(same, data=data, options={**same.options, "rounds": None, "repeats": 1})
    refusals, (options, unknown) = other.differences(replace(same, data=data))
    assert refusals == []
    assert options == "the scan began with --repeats 2, --rounds 5 and continues with " + (
        "--repeats 1, no --rounds"
    )
    assert unknown.startswith("x_train: no array, so whether the data have changed is not known")


def test_an_identity_is_on_disk_as_it_was(tmp_path: Path) -> None:
    """A folder of any earlier version has these keys."""
    scan(tmp_path, Training(2), x=np.zeros((10, 2)), y=np.zeros(10), seed=4)
    (folder,) = (tmp_path / "demo").iterdir()
    record = SavedScan.open(folder).identity
    keys = {"code", "data", "params", "notebook", "keep", "repeats", "rounds", "fraction", "where"}
    keys |= {"search", "order", "sample", "continuous", "reduce", "prune", "second_metric"}
    lacking = {"score", "folds", "race", "warm_start"}  # in earlier versions
    assert record.keys() == keys | lacking
    assert ScanIdentity.from_saved(SavedScan.open(folder)).as_record() == record


def find(root: Path, **wanted: Any) -> Any:
    wanted = {"resume": False, "fresh": False, **wanted}
    return find_earlier(root, "demo", **wanted)


def test_a_name_that_has_a_scan_is_asked_about(tmp_path: Path) -> None:
    scan(tmp_path, Training(), seed=4)
    with pytest.raises(ScanError, match=r"demo already has a scan \(6 rounds.*--resume.*--fresh"):
        find(tmp_path)
    assert find(tmp_path, fresh=True) is None
    assert find(tmp_path, named=False) is None
    assert len(find(tmp_path, resume=True).records) == 6


def test_a_scan_of_which_every_round_failed_stands_in_nobodys_way(tmp_path: Path) -> None:
    def mistaken(*arguments: Any) -> Any:
        raise NameError("laers")

    with pytest.raises(NameError):
        scan(tmp_path, mistaken, seed=4)
    assert find(tmp_path) is None
    mended = Training()
    scan(tmp_path, mended, resume=True)
    assert len(mended.trained) == 6
    assert len(find(tmp_path, resume=True).records) == 6
    assert len(list((tmp_path / "demo").iterdir())) == 2


def test_without_an_earlier_scan_each_begins_one(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    assert find(tmp_path, resume=True) is None


def test_resume_and_fresh_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="contradict"):
        find(tmp_path, resume=True, fresh=True)


def test_the_newest_of_several_is_gone_on_with(tmp_path: Path) -> None:
    folders = ["2026-01-01_100000", "2026-01-01_100000_2", "2026-01-01_100000_10"]
    result = scan(tmp_path, Training(), seed=4)
    for name in folders:
        (tmp_path / "demo" / name).mkdir()
        for file in ("metadata.json", "round_data.jsonl"):
            (tmp_path / "demo" / name / file).write_bytes((result.run_dir / file).read_bytes())
    for file in list(result.run_dir.iterdir()):
        file.unlink()
    assert find(tmp_path, resume=True).folder.name == "2026-01-01_100000_10"


# What was edited while it ran.


def test_edits_of_the_grid_outlive_the_kernel(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        lr = arguments[-1]["lr"]
        if lr == 1:
            plan.edit(Grid({"lr": [1, 3, 7]}))  # without 2, with 7
        if lr == 3 and plan.setup.saved is None:
            raise KeyboardInterrupt
        return {"loss": [float(lr)]}, None

    plan = Plan.make(Grid({"lr": [1, 2, 3]}), ScanOptions(name="demo", seed=1, order="sequential"))
    plan.run(train, root=tmp_path)
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    plan = Plan.make(
        Grid({"lr": [1, 2, 3, 9]}),
        ScanOptions(name="demo", seed=1, order="sequential"),
        saved=saved,
    )
    assert plan.session.notices == ["resumed after 1 round: 3 left to train; added to params: lr 9"]
    plan.run(train, root=tmp_path)
    assert plan.result is not None
    assert plan.result.data["lr"].tolist() == [1, 3, 7, 9]


def test_what_an_edit_left_with_one_value_still_tells_done_rounds_apart(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1] == {"lr": 2, "units": 8}:
            plan.edit(Grid({"lr": [2], "units": [8, 16]}))
            raise KeyboardInterrupt
        return {"loss": [1.0]}, None

    grid = {"lr": [1, 2, 3], "units": [8, 16]}
    plan = Plan.make(Grid(grid), ScanOptions(name="demo", seed=1))
    plan.run(train, root=tmp_path)
    assert plan.session.varying == ["lr", "units"]
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    plan = Plan.make(Grid(grid), ScanOptions(name="demo", seed=1), saved=saved)
    assert plan.grid.label_lists == {"lr": [2], "units": [8, 16]}
    assert plan.session.varying == ["lr", "units"]


def test_values_picked_by_hand_are_no_hindrance(tmp_path: Path) -> None:
    plan = Plan.make(Grid({"lr": [1, 2]}), ScanOptions(name="demo", seed=1))
    picked = plan.pick({"lr": 5})
    plan.run(lambda *_: ({"loss": [1.0]}, None), root=tmp_path, rounds=iter([picked]))
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    plan = Plan.make(Grid({"lr": [1, 2]}), ScanOptions(name="demo", seed=1), saved=saved)
    assert list(plan.queue) == [{"lr": 1}, {"lr": 2}]


def test_a_resumed_scan_ranks_by_the_metric_it_began_with(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        lr = arguments[-1]["lr"]
        if lr == 3 and not resumed:
            raise KeyboardInterrupt
        return {"loss": [lr], "val_loss": [-lr]}, None

    resumed: list[bool] = []
    scan(tmp_path, train, {"lr": [1, 2, 3]}, metric="loss", minimize=False)
    resumed.append(True)
    result = scan(tmp_path, train, {"lr": [1, 2, 3]}, resume=True)
    assert result.objective == {"metric": "loss", "direction": "max"}


def test_a_scans_folder_that_is_a_link_is_none_of_ours(tmp_path: Path) -> None:
    elsewhere = scan(tmp_path / "elsewhere", Training(2))
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / elsewhere.run_dir.name).symlink_to(elsewhere.run_dir)
    assert find_earlier(tmp_path, "demo", resume=True, fresh=False) is None


@pytest.mark.parametrize("name", ["metadata.json.tmp", "results.csv", "models/1.keras"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/full")])
def test_a_folder_into_which_a_resume_would_write_elsewhere_is_refused(
    tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    path = scan(tmp_path, Training(2)).run_dir / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    with pytest.raises(ScanError, match=f"{name} is .*, which no scan makes"):
        find_earlier(tmp_path, "demo", resume=True, fresh=False)


@pytest.mark.parametrize("part", ["root", "root/demo"])
def test_a_scan_behind_a_link_of_the_user_is_resumed(tmp_path: Path, part: str) -> None:
    scan(tmp_path / "root", Training(2), seed=4)
    (tmp_path / part).rename(tmp_path / "disk")
    (tmp_path / part).symlink_to(tmp_path / "disk")
    assert len(scan(tmp_path / "root", Training(), resume=True).data) == 6
    assert not (tmp_path / "disk").is_symlink()


def test_of_a_lambda_only_its_own_text_counts(tmp_path: Path) -> None:
    first = run_scan(lambda *a: ({"loss": [a[4]["lr"]]}, None), {"lr": [1]}, root=tmp_path, seed=1)
    more = run_scan(
        lambda *a: ({"loss": [a[4]["lr"]]}, None), {"lr": [1, 2]}, root=tmp_path, resume=True
    )
    assert more.run_dir == first.run_dir
    with pytest.raises(ScanError, match="the cell has changed"):
        run_scan(
            lambda *a: ({"loss": [-a[4]["lr"]]}, None), {"lr": [1]}, root=tmp_path, resume=True
        )


PLACES = [
    ("details",),
    ("environment",),
    ("experiment_name",),
    ("identity",),
    ("identity", "data"),
    ("identity", "data", "data"),
    ("identity", "data", "params"),
    ("identity", "seed"),
    ("objective",),
    ("parameter_columns",),
    ("params",),
    ("params", "lr"),
]


@pytest.mark.parametrize("odd", [None, {"lr": [[1]], "opt": 3}], ids=str)
def test_whatever_metadata_say_a_resume_is_refused_in_a_line_or_completes(
    tmp_path: Path, odd: Any
) -> None:
    scan(tmp_path, Training(2), seed=4)
    (path,) = tmp_path.glob("demo/*/metadata.json")
    (records,) = tmp_path.glob("demo/*/round_data.jsonl")
    good, rounds = json.loads(path.read_text()), records.read_text()
    for place in PLACES:
        records.write_text(rounds)
        path.write_text(json.dumps(_put(good, place, odd)))
        refusal = ""
        try:
            assert len(scan(tmp_path, Training(), resume=True).data) == 6, place
        except ScanError as error:
            refusal = str(error)
        refuses = "damaged" in refusal or "cannot be resumed" in refusal
        assert not refusal or (refuses and place[0] in ("identity", "params")), refusal


def _put(metadata: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    key, *rest = place
    return metadata | {key: _put(metadata[key], tuple(rest), value) if rest else value}


def test_a_direction_that_was_asked_for_without_a_metric_outlives_the_kernel(
    tmp_path: Path,
) -> None:
    def train(*arguments: Any) -> Any:
        return {"kappa": [arguments[-1]["lr"]]}, None

    first = scan(tmp_path, train, {"lr": [1, 3, 2]}, minimize=False)
    assert (first.ranked()[0].params["lr"], first.objective) == (
        3,
        {"metric": "kappa", "direction": "max"},
    )
    assert ScanResult.load(first.run_dir).ranked()[0].params["lr"] == 3
    more = scan(tmp_path, train, {"lr": [1, 3, 2, 0.5]}, resume=True)
    assert more.ranked()[0].params["lr"] == 3


def test_the_metric_stays_the_one_that_was_chosen_first(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        lr = arguments[-1]["lr"]
        names = ("val_loss", "loss") if lr == 1 else ("val_acc", "val_loss", "loss")
        return {name: [float(lr)] for name in names}, None

    scan(tmp_path, train, {"lr": [1, 2]})
    more = scan(tmp_path, train, {"lr": [1, 2, 3]}, resume=True)
    assert more.objective == {"metric": "val_loss", "direction": "min"}


def test_a_round_with_an_empty_history_fails_once_and_is_not_trained_again(tmp_path: Path) -> None:
    trained = []

    def train(*arguments: Any) -> Any:
        trained.append(arguments[-1]["epochs"])
        return {"loss": [0.5] * trained[-1]}, None

    scan(tmp_path, train, {"epochs": [2, 0, 3]})
    result = scan(tmp_path, train, {"epochs": [2, 0, 3]}, resume=True)
    assert trained == [2, 0, 3]
    assert [round_.status for round_ in result.rounds] == ["done", "failed", "done"]
    assert "the history is empty" in result.failures["error"][0]


def test_a_stop_that_the_cell_catches_leaves_no_round_that_looks_done(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        curve = []
        with suppress(KeyboardInterrupt):
            for epoch in range(4):
                curve.append(epoch + arguments[-1]["lr"])
                if arguments[-1]["lr"] == 2 and epoch == 1 and not resumed:
                    session[0].stop()
                report(epoch, loss=curve[-1])
        return {"loss": curve}, None

    session: list[ScanSession] = []
    resumed: list[bool] = []
    options = ScanOptions(name="demo", seed=1, order="sequential")
    plan = Plan.make(Grid({"lr": [1, 2, 3]}), options)
    session.append(plan.session)
    plan.run(train, root=tmp_path)
    assert [round_.status for round_ in plan.session.rounds] == ["done", "stopped"]
    resumed.append(True)
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    plan = Plan.make(Grid({"lr": [1, 2, 3]}), options, saved=saved)
    plan.run(train, root=tmp_path)
    assert [(round_.status, round_.epochs) for round_ in plan.session.rounds] == [("done", 4)] * 3
