"""Real rounds in real processes of real Dask workers."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from talos_magic import run_scan
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.events import Event, WorkBegan
from talos_magic.scan.session import ScanSession
from talos_magic.training.data import TrainingData

Params = dict[str, Any]
WORKERS = 2


def looping(body: Callable[[Params, Path], None], folder: Path, epochs: int = 3) -> Any:
    """Return a model function that calls `body` before it reports its epochs."""

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        import time

        from talos_magic import report

        body(params, folder)
        for epoch in range(epochs):
            time.sleep(params.get("seconds", 0.01))
            report(epoch, loss=params["a"] / (epoch + 1))
        return None, None

    return model


def scan(folder: Path, model: Any, params: Params, **options: Any) -> ScanResult:
    return run_scan(model, params, root=folder, seed=1, workers=WORKERS, **options)


def planned(
    folder: Path, model: Any, params: Params, control: Callable[[ScanSession], None]
) -> ScanSession:
    """Run a scan, calling `control` whenever the session handles requests."""
    options = ScanOptions(seed=1, workers=WORKERS, order="sequential")
    plan = Plan.make(Grid(params), options, TrainingData())
    plan.session.poll(lambda: control(plan.session))
    plan.run(model, root=folder)
    return plan.session


def nothing(_params: Params, _folder: Path) -> None:
    pass


def statuses(session: Any) -> list[str]:
    return [str(round_.status) for round_ in session.rounds]


def test_workers_give_the_numbers_of_one_process(tmp_path: Path, digits: Any) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        import keras

        hidden = keras.layers.Dense(params["units"], activation="relu")
        net = keras.Sequential(
            [keras.Input((64,)), hidden, keras.layers.Dropout(0.3), keras.layers.Dense(10)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        net.compile(keras.optimizers.Adam(params["lr"]), loss, metrics=["accuracy"])
        data = (x_val, y_val)
        return net.fit(x_train, y_train, validation_data=data, epochs=3, verbose=0), net

    x, y = digits
    params = {"units": [4, 8], "lr": [0.1, 0.01]}
    there = run_scan(model, params, x, y, root=tmp_path, seed=1, workers=WORKERS)
    here = run_scan(model, params, x, y, root=tmp_path, name="here", seed=1)
    assert [r.curves for r in there.rounds] == [r.curves for r in here.rounds]
    assert [r.metrics for r in there.rounds] == [r.metrics for r in here.rounds]
    own, other = (result.best_model().get_weights() for result in (here, there))
    assert all((a == b).all() for a, b in zip(own, other, strict=True))


def test_paused_rounds_go_on_in_other_processes_from_where_they_were(tmp_path: Path) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        import time

        import talos_magic

        trained = []
        for epoch in talos_magic.checkpoint(trained).epochs(13):
            time.sleep(0.1)
            trained.append(os.getpid())
            talos_magic.report(epoch, loss=params["a"] / (epoch + 1), trained=len(trained))
        return None, None

    # The best comes first: of less than three rounds, none goes on at once.
    params = {"a": [1, 2, 3, 4, 5, 6, 7, 8]}
    found = scan(tmp_path, model, params, prune="asha", order="sequential")
    assert set(statuses(found)) == {"done", "pruned"}
    (best,) = (r for r in found.rounds if r.params["a"] == 1)
    assert best.curves["trained"] == list(range(1, 14))
    lines = (found.run_dir / "epochs.jsonl").read_text().splitlines()
    assert any('"continues"' in line for line in lines)


def test_a_round_whose_process_dies_is_tried_once_more(tmp_path: Path) -> None:
    def die_once(params: Params, folder: Path) -> None:
        flag = folder / f"died{params['a']}"
        if params["a"] > 1 and (params["a"] == 3 or not flag.exists()):
            flag.touch()
            os.kill(os.getpid(), 9)

    found = scan(tmp_path, looping(die_once, tmp_path), {"a": [1, 2, 3, 4]})
    ended = {round_.params["a"]: round_ for round_ in found.rounds}
    assert [str(ended[a].status) for a in (1, 2, 3, 4)] == ["done", "done", "failed", "done"]
    assert ended[3].error == "its process died (signal 9)"
    assert ended[2].curves == {"loss": [2.0, 1.0, 2 / 3]}


def test_a_worker_that_dies_costs_no_round(tmp_path: Path) -> None:
    def kill_worker_once(params: Params, folder: Path) -> None:
        flag = folder / "killed"
        if params["a"] == 2 and not flag.exists():
            flag.touch()
            os.kill(os.getppid(), 9)

    found = scan(tmp_path, looping(kill_worker_once, tmp_path), {"a": [1, 2, 3, 4]})
    assert {r.params["a"]: r.curves["loss"][0] for r in found.rounds} == {1: 1, 2: 2, 3: 3, 4: 4}
    assert statuses(found) == ["done"] * 4


def test_skip_ends_the_round_that_was_named(tmp_path: Path) -> None:
    def skip(session: ScanSession) -> None:
        if len(session.in_flight) == WORKERS and session.rounds[0].epochs:
            session.skip(0)

    model = looping(nothing, tmp_path, epochs=40)
    session = planned(tmp_path, model, {"a": [1, 2, 3], "seconds": [0.05]}, skip)
    assert statuses(session) == ["skipped", "done", "done"]
    assert 0 < session.rounds[0].epochs < 40
    assert session.rounds[1].epochs == 40


def test_stop_keeps_finished_rounds(tmp_path: Path) -> None:
    def stop(session: ScanSession) -> None:
        if session.finished:
            session.stop()

    params = {"a": [1, 2, 3, 4], "seconds": [0.05]}
    session = planned(tmp_path, looping(nothing, tmp_path, epochs=20), params, stop)
    assert session.reason == "stopped by you"
    assert session.finished >= 1
    assert "stopped" in statuses(session)


def test_a_pause_holds_all_running_rounds(tmp_path: Path) -> None:
    seen: list[int] = []
    until: list[float] = []

    def pause(session: ScanSession) -> None:
        epochs = sum(round_.epochs for round_ in session.rounds)
        if not until and len(session.in_flight) == WORKERS and epochs > 2:
            session.pause()
            until.append(time.monotonic() + 2)
        elif until and session.wants_pause:
            seen.append(epochs)
            if time.monotonic() > until[0]:
                session.resume()

    params = {"a": [1, 2], "seconds": [0.05]}
    session = planned(tmp_path, looping(nothing, tmp_path, epochs=30), params, pause)
    assert statuses(session) == ["done", "done"]
    assert len(seen) > 10
    assert session.elapsed < time.monotonic() - until[0] + 60


def test_pruning_ends_rounds_by_what_was_told(tmp_path: Path) -> None:
    model = looping(nothing, tmp_path, epochs=30)
    params = {"a": [1, 2, 3, 4, 5, 6], "seconds": [0.05]}
    found = scan(tmp_path, model, params, prune="median", order="sequential")
    pruned = [round_ for round_ in found.rounds if round_.status == "pruned"]
    assert pruned
    assert all(0 < round_.epochs < 30 and round_.epochs_saved for round_ in pruned)


def test_a_search_that_learns_tries_no_combination_twice(tmp_path: Path) -> None:
    params = {"a": [1, 2, 3, 4], "b": [1, 2, 3]}
    found = scan(tmp_path, looping(nothing, tmp_path), params, search="bayes", rounds=9)
    assert len({tuple(round_.params.values()) for round_ in found.rounds}) == 9
    assert min(round_.metrics["loss"] for round_ in found.rounds) == 1 / 3


def test_a_model_that_cannot_come_back_is_told(tmp_path: Path, digits: Any) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        import keras

        own = type("Own", (keras.layers.Layer,), {"call": lambda _, inputs: 2 * inputs})
        net = keras.Sequential([keras.Input((64,)), own(), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy")
        return net.fit(x_train, y_train, verbose=0), net

    x, y = digits
    options = ScanOptions(seed=1, workers=WORKERS)
    plan = Plan.make(Grid({"a": [1]}), options, TrainingData(x, y))
    plan.run(model, root=tmp_path)
    assert statuses(plan.session) == ["done"]
    assert any("a model cannot come back" in text for text in plan.session.notices)


def test_an_edit_while_the_last_rounds_run_trains_what_it_adds(tmp_path: Path) -> None:
    options = ScanOptions(seed=1, workers=WORKERS, order="sequential")
    plan = Plan.make(Grid({"a": [1, 2], "seconds": [0.05]}), options, TrainingData())

    def add() -> None:
        if len(plan.session.in_flight) == WORKERS and plan.session.rounds[1].epochs > 2:
            plan.edit(Grid({"a": [1, 2, 3], "seconds": [0.05]}))

    plan.session.poll(add)
    plan.run(looping(nothing, tmp_path, epochs=20), root=tmp_path)
    assert [round_.params["a"] for round_ in plan.session.rounds] == [1, 2, 3]
    assert statuses(plan.session) == ["done"] * 3


@pytest.mark.long
def test_a_search_between_the_steps_goes_on_while_none_has_ended(tmp_path: Path) -> None:
    model = looping(nothing, tmp_path)
    options: dict[str, Any] = {"search": "bayes", "continuous": True, "rounds": 7}
    found = run_scan(model, {"a": (1.0, 9.0, 2)}, root=tmp_path, seed=1, workers=4, **options)
    assert statuses(found) == ["done"] * 7


def test_modules_beside_the_notebook_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_losses.py").write_text("FACTOR = 5")
    (tmp_path / "factor.txt").write_text("2")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    import own_losses

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        from pathlib import Path

        factor = own_losses.FACTOR * int(Path("factor.txt").read_text())
        return {"loss": [factor * params["a"]]}, None

    found = scan(tmp_path, model, {"a": [1]})
    assert found.rounds[0].metrics == {"loss": 10}


def test_steps_of_numpy_are_told(tmp_path: Path, digits: Any) -> None:
    import numpy as np

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        import keras

        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy")
        return net.fit(x_train, y_train, epochs=params["epochs"], verbose=0), net

    x, y = digits
    found = scan(tmp_path, model, {"epochs": np.array([30])}, x=x, y=y)
    assert statuses(found) == ["done"]


def test_what_goes_on_before_the_first_step_is_told(tmp_path: Path, digits: Any) -> None:
    import keras  # before the scan, as a scan cell does: its processes do, too

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy")
        return net.fit(x_train, y_train, epochs=params["epochs"], verbose=0), net

    told: list[WorkBegan] = []

    def note(event: Event) -> None:
        if isinstance(event, WorkBegan):
            told.append(event)

    options = ScanOptions(seed=1, workers=1)
    plan = Plan.make(Grid({"epochs": [3]}), options, TrainingData(*digits))
    plan.session.subscribe(note)
    plan.run(model, root=tmp_path)
    assert told == [
        WorkBegan(None, "importing Talos"),
        WorkBegan(None, "preparing the search"),
        WorkBegan(None, "starting the workers"),
        WorkBegan(0, "starting on a worker"),
        WorkBegan(0, "building the model"),
        WorkBegan(0, "tracing the model"),
    ]


@pytest.mark.long
def test_a_stop_ends_a_round_that_does_not_listen(tmp_path: Path) -> None:
    def sleep(_params: Params, folder: Path) -> None:
        import time

        (folder / f"{os.getpid()}.pid").touch()
        time.sleep(300)

    def stop(session: ScanSession) -> None:
        if len(list(tmp_path.glob("*.pid"))) == WORKERS:
            session.stop()

    session = planned(tmp_path, looping(sleep, tmp_path), {"a": [1, 2, 3]}, stop)
    assert statuses(session) == ["stopped", "stopped"]
    processes = [psutil.Process(int(path.stem)) for path in tmp_path.glob("*.pid")]
    assert psutil.wait_procs(processes, timeout=20)[1] == []


def test_what_cannot_be_sent_is_named(tmp_path: Path) -> None:
    lock = threading.Lock()

    def body(_params: Params, _folder: Path) -> None:
        with lock:
            pass

    with pytest.raises(ScanError, match=r"cannot be sent to another process \(cannot pickle"):
        scan(tmp_path, looping(body, tmp_path), {"a": [1]})


def test_a_value_of_params_that_cannot_be_sent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="lock cannot be sent to another process"):
        scan(tmp_path, looping(nothing, tmp_path), {"a": [1], "lock": [threading.Lock()]})


def test_an_error_shows_the_line_of_the_model_function(tmp_path: Path) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        return 1 / params["zero"]

    with pytest.raises(ScanError, match=r"division by zero \(line \d+: return 1 / params"):
        scan(tmp_path, model, {"zero": [0]})


def test_data_lie_in_memory_once(tmp_path: Path) -> None:
    import numpy as np

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        from pathlib import Path

        mapped = "talos_magic-" in Path("/proc/self/maps").read_text()
        x_train[0] = 7.0  # its own copy of one page
        return {"mapped": [float(mapped)], "sum": [float(x_train.sum())]}, None

    x = np.ones((1000, 100))
    found = scan(tmp_path, model, {"a": [1, 2]}, x=x, x_val=x)
    assert [round_.metrics["mapped"] for round_ in found.rounds] == [1, 1]
    assert [round_.metrics["sum"] for round_ in found.rounds] == [1e5 + 600] * 2
    assert x.sum() == 1e5


@pytest.mark.long
def test_a_cluster_gets_what_the_rounds_need(tmp_path: Path) -> None:
    import numpy as np
    from distributed import Client, LocalCluster

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
        return {"sum": [float(x_train.sum() * params["a"])]}, None

    x = np.ones((1000, 10))
    quiet = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster,
        Client(cluster) as client,
    ):
        for where in (client, client.scheduler.address):
            options: dict[str, Any] = {"x": x, "x_val": x, "root": tmp_path, "cluster": where}
            found = run_scan(model, {"a": [1, 2, 3]}, seed=1, **options)
            assert sorted(r.metrics["sum"] for r in found.rounds) == [1e4, 2e4, 3e4]
