"""What MLflow's store has of a scan, and its own logging beside ours."""

import pytest

from .conftest import SCAN, RunCode

READ = """
import json, mlflow

client = mlflow.MlflowClient()
experiments = client.search_experiments()
runs = [run for each in experiments for run in client.search_runs([each.experiment_id])]
print(json.dumps([
    {
        "name": run.info.run_name,
        "id": run.info.run_id,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": run.data.metrics,
        "loss": [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss")],
    }
    for run in reversed(runs)
]))
"""
AUTOLOG = """
import keras, mlflow, numpy as np
from talos_magic import run_scan

mlflow.autolog(log_models=False, silent=True)

def model(x_train, y_train, x_val, y_val, params):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(params["lr"]), "mse")
    return model.fit(x_train, y_train, epochs=3, verbose=0), model

x = np.random.default_rng(1).normal(size=(32, 2))
run_scan(model, {"lr": [0.1, 0.01]}, x, x.sum(axis=1), name="demo", log="mlflow", seed=1)
assert mlflow.active_run() is None
"""


@pytest.mark.long
def test_the_scan_is_a_run_with_a_child_for_each_round(run_code: RunCode) -> None:
    run_code(SCAN, "mlflow")
    scan, *rounds = run_code(READ)
    assert scan["status"] == "FINISHED"
    assert scan["tags"]["best_round"] == "0"
    assert scan["metrics"] == {"loss": 0.5}
    assert {run["tags"]["mlflow.parentRunId"] for run in rounds} == {scan["id"]}
    assert [(run["name"], run["status"]) for run in rounds] == [
        ("round 0", "FINISHED"),
        ("round 1", "FAILED"),
        ("round 2", "KILLED"),  # by the stop
        ("round 2", "FINISHED"),
        ("round 3", "FAILED"),
    ]
    done, failed = rounds[:2]
    assert (done["params"]["lr"], done["params"]["act"]) == ("0.5", "relu")
    assert done["loss"] == [[0, 0.5], [1, 1.0]]
    assert done["metrics"]["final/loss"] == 0.5
    assert failed["tags"]["error"] == "ValueError: no activation"


@pytest.mark.long
def test_autolog_logs_each_fit_in_a_run_of_its_own(run_code: RunCode) -> None:
    run_code(AUTOLOG)
    runs = run_code(READ)
    children = [run for run in runs if "mlflow.parentRunId" in run["tags"]]
    own = [run for run in runs if "talos_magic.name" not in run["tags"]]
    assert [run["name"] for run in children] == ["round 0", "round 1"]
    assert len(own) == 2
    assert {run["status"] for run in runs} == {"FINISHED"}
    assert all(len(run["loss"]) == 3 for run in [*children, *own])
