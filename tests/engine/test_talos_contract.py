"""What we use of Talos, and promise of it: each public thing works on our scans.

Analyze, Predict, Evaluate, Deploy, Restore and Talos's own loader are in test_result.py.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
import talos
from talos.experiment.param_domain import ParamDomain
from talos.model.normalizers import lr_normalizer
from talos.parameters.ParamSpace import normalize_domains
from talos.utils.recover_best_model import recover_best_model

from talos_magic import run_scan
from talos_magic.grid.grid import Grid
from talos_magic.grid.params_dict import RESERVED

Train = Callable[..., Any]
RANDOM_METHODS = ["uniform_mersenne", "uniform_crypto", "korobov_matrix", "latin_improved"]
RANDOM_METHODS += ["sobol", "halton", "latin_matrix", "latin_sudoku"]


def loss_of(*arguments: Any) -> Any:
    return {"loss": [1.0, float(arguments[-1]["lr"])]}, None


@pytest.mark.parametrize(
    "spec", [[1, 2, 3], (0.1, 0.5, 4), (1, 9, 4), (8, 64, 8), ["relu", None], [True, False]]
)
def test_params_have_the_grammar_of_talos(spec: Any) -> None:
    ours = Grid({"value": spec})["value"].values
    theirs = normalize_domains({"value": spec})["value"]
    assert [round(v, 9) if isinstance(v, float) else v for v in theirs] == list(ours)


def test_the_names_that_talos_reserves_are_those_we_refuse() -> None:
    for name in RESERVED:
        with pytest.raises(ValueError, match="reserved for trial metadata"):
            ParamDomain({name: [1]})


def test_lr_normalizer_takes_the_optimizers_of_a_scan(tmp_path: Path) -> None:
    rates = {}

    def train(*arguments: Any) -> Any:
        params = arguments[-1]
        rate = lr_normalizer(params["lr"], params["opt"])
        rates[params["opt"].__name__] = float(params["opt"](rate).learning_rate.numpy())
        return {"loss": [rate]}, None

    params = {"lr": [1], "opt": [keras.optimizers.Adam, keras.optimizers.SGD]}
    run_scan(train, params, root=tmp_path)
    assert rates == pytest.approx({"Adam": 0.001, "SGD": 0.01})


@pytest.mark.parametrize("method", RANDOM_METHODS)
def test_each_random_method_draws_from_the_grid(method: str, tmp_path: Path) -> None:
    params = {"lr": [1, 2, 3, 4], "units": [8, 16, 32, 64]}
    result = run_scan(loss_of, params, sample=method, rounds=5, seed=1, root=tmp_path)
    drawn = result.data[["lr", "units"]].drop_duplicates()
    assert len(drawn) == 5
    assert set(drawn["lr"]) <= {1, 2, 3, 4}
    assert set(drawn["units"]) <= {8, 16, 32, 64}


@pytest.mark.parametrize("method", ["correlation", "spearman", "kendall", "pearson"])
def test_a_reducer_by_correlation_takes_the_bad_values_out(method: str, tmp_path: Path) -> None:
    params = {"lr": [1, 5], "units": list(range(40))}
    result = run_scan(loss_of, params, reduce=method, metric="loss", seed=1, root=tmp_path)
    assert result.data["lr"].tolist()[-10:] == [1] * 10
    assert len(result.data) < 80


@pytest.mark.parametrize("method", ["trees", "forrest"])
def test_a_reducer_by_trees_takes_values_out_of_the_grid(method: str, tmp_path: Path) -> None:
    params = {"lr": list(range(8)), "units": list(range(40))}
    result = run_scan(loss_of, params, reduce=method, metric="loss", seed=1, root=tmp_path)
    assert result.status == "complete"
    assert len(result.data) < 320


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_recover_best_model_trains_the_best_of_our_folder_again(
    model_function: Train, digits: Any, tmp_path: Path
) -> None:
    x, y = digits
    result = run_scan(model_function, {"units": [2, 16]}, x, y, root=tmp_path, seed=1)
    arguments = (x[:200], y[:200], x[200:], y[200:], str(result.run_dir / "results.csv"))
    table, models = recover_best_model(
        *arguments, model_function, "val_accuracy", task="multi_class", n_models=1, folds=2
    )
    assert table["units"].tolist() == [16]
    assert models[0].count_params() == result.best_model().count_params()


def test_talos_log_of_epochs_lies_in_the_scans_folder(digits: Any, tmp_path: Path) -> None:
    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(params["units"])])
        model.compile("sgd", "mse")
        log = talos.callbacks.ExperimentLog("kgt", params)
        return model.fit(x_train, y_train, epochs=2, callbacks=[log]), model

    result = run_scan(train, {"units": [1]}, *digits, root=tmp_path)
    (log,) = result.run_dir.glob("epochs-*.log")
    assert len(log.read_text().splitlines()) == 3
    assert result.data["_trial_id"][0] in log.name


def test_no_name_of_talos_is_replaced(tmp_path: Path) -> None:
    def names() -> dict[tuple[str, str], int]:
        modules = [module for name, module in sys.modules.items() if name.startswith("talos.")]
        return {
            (module.__name__, name): id(value)
            for module in modules
            for name, value in vars(module).items()
            if callable(value)
        }

    before = names()
    assert ("talos.experiment.runner", "RunResult") in before
    during: list[dict[tuple[str, str], int]] = []

    def train(*arguments: Any) -> Any:
        during.append(names())
        return loss_of(*arguments)

    run_scan(train, {"lr": [1, 2]}, root=tmp_path)
    assert len(during) == 2
    for seen in during:
        assert {key: seen[key] for key in before} == before


def test_no_other_program_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git must be able to scan."""
    monkeypatch.setenv("PATH", "")
    assert run_scan(loss_of, {"lr": [1]}, root=tmp_path).status == "complete"
