"""The models that are on disk at any time."""

import errno
import gc
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from talos_magic import run_scan
from talos_magic.errors import ScanError
from talos_magic.scan.session import ScanSession
from talos_magic.storage.keras_files import LAMBDA, load
from talos_magic.storage.models import ModelStore, held_models, parse_keep

LOSSES = [0.5, 0.7, 0.3, math.nan, 0.4, 0.3, 0.2]


class Unlucky(keras.Sequential):
    """A small model that finds the disk full."""

    full: ClassVar[list[OSError]] = []

    def save(self, *arguments: Any, **options: Any) -> None:
        if self.full:
            raise self.full[0]
        super().save(*arguments, **options)


@pytest.fixture(autouse=True)
def _room() -> Iterator[None]:
    yield
    Unlucky.full.clear()


def small_model(kind: type[keras.Sequential] = keras.Sequential) -> keras.Sequential:
    return kind([keras.Input((1,)), keras.layers.Dense(1)])


def train(models: ModelStore, session: ScanSession, loss: float, model: Any = None) -> Any:
    models.tidy()
    round_ = session.start_round({"n": len(session.rounds)})
    session.finish_round({"loss": [loss]})
    model = small_model() if model is None else model
    models.offer(round_, model)
    return model


def on_disk(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("models/*"))


def test_of_repeated_combinations_the_best_round_of_the_best_mean_is_kept(tmp_path: Path) -> None:
    session = ScanSession(total=9, repeats=3)
    models = ModelStore(session, tmp_path, 1)
    kept = []
    for number, loss in enumerate([0.5, 0.4, 0.6, 0.1, 0.9, 0.8, 0.45, 0.3, 0.5]):
        models.tidy()
        round_ = session.start_round({"n": number // 3})
        session.finish_round({"loss": [loss]})
        models.offer(round_, small_model())
        models.tidy()
        kept.append(on_disk(tmp_path))
    # While one is being repeated, the lucky round of it must not drive the best so far away.
    assert kept == [[0], [1], [1], [1, 3], [1, 3], [1], [1, 6], [1, 7], [7]]
    assert session.best is not None
    assert session.best.number == 7


def test_of_equal_means_the_best_round_of_the_session_is_kept(tmp_path: Path) -> None:
    session = ScanSession(total=4, repeats=2)
    models = ModelStore(session, tmp_path, 1)
    for number, loss in enumerate([0.5, 0.25, 0.25, 0.5]):
        models.tidy()
        round_ = session.start_round({"n": number % 2})
        session.finish_round({"loss": [loss]})
        models.offer(round_, small_model())
    models.tidy()
    assert session.best is not None
    assert on_disk(tmp_path) == [session.best.number] == [2]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("best", [[0], [0], [2], [2], [2], [2], [6]]),
        (2, [[0], [0, 1], [0, 2], [0, 2], [2, 4], [2, 5], [2, 6]]),
        ("none", [[]] * 7),
        ("all", [list(range(count)) for count in range(1, 8)]),
    ],
)
def test_the_best_so_far_are_kept(tmp_path: Path, keep: str | int, kept: list[list[int]]) -> None:
    session = ScanSession(total=7)
    models = ModelStore(session, tmp_path, parse_keep(keep))
    for loss, expected in zip(LOSSES, kept, strict=False):
        train(models, session, loss)
        models.tidy()
        assert on_disk(tmp_path) == expected


def test_a_model_stays_until_a_better_round_is_recorded(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = ModelStore(session, tmp_path)
    train(models, session, 0.5)
    train(models, session, 0.4)
    assert on_disk(tmp_path) == [0, 1]
    models.tidy()
    assert on_disk(tmp_path) == [1]


def test_more_is_better_where_the_metric_says_so(tmp_path: Path) -> None:
    session = ScanSession(total=2, minimize=False)
    models = ModelStore(session, tmp_path)
    for loss in (0.5, 0.7, 0.6):
        train(models, session, loss)
    models.tidy()
    assert on_disk(tmp_path) == [1]


def test_a_model_that_cannot_be_saved_is_noticed_and_the_best_before_stays(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = ModelStore(session, tmp_path)
    train(models, session, 0.5)
    Unlucky.full.append(OSError(errno.ENOSPC, "No space left on device", "0.keras"))
    train(models, session, 0.4, small_model(Unlucky))
    models.tidy()
    assert on_disk(tmp_path) == [0]
    text = "the best model could not be saved: No space left on device; it waits in memory"
    assert session.notices == [text]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["0.keras"]


def test_a_model_that_finds_no_room_is_saved_when_there_is_some(tmp_path: Path) -> None:
    session = ScanSession(total=3)
    models = ModelStore(session, tmp_path)
    Unlucky.full.append(OSError("No space left on device"))
    losses = (0.5, 0.3, 0.4)
    trained = [train(models, session, loss, small_model(Unlucky)) for loss in losses]
    assert on_disk(tmp_path) == []
    assert models.unsaved == {1: trained[1]}
    Unlucky.full.clear()
    models.tidy()
    assert on_disk(tmp_path) == [1]
    assert models.unsaved == {}
    assert session.notices[-1] == "the model of round 1 is saved now"


STAYS = "the best model stays in memory, as long as the result does: "


def test_models_of_other_libraries_stay_in_memory_the_best_only(tmp_path: Path) -> None:
    session = ScanSession(total=4)
    models = ModelStore(session, tmp_path)
    kept = []
    for loss in (0.5, 0.3, 0.4, 0.2):
        train(models, session, loss, LogisticRegression(C=loss))
        models.tidy()
        kept.append({number: model.C for number, model in models.unsaved.items()})
    assert kept == [{0: 0.5}, {1: 0.3}, {1: 0.3}, {3: 0.2}]
    assert on_disk(tmp_path) == []
    why = "only Keras models are written to disk, not a LogisticRegression"
    assert session.notices == [STAYS + why]


def test_of_all_models_memory_holds_only_the_best(tmp_path: Path) -> None:
    session = ScanSession(total=4)
    models = ModelStore(session, tmp_path, math.inf)
    kept = []
    for loss in (0.5, 0.3, 0.4, 0.2):
        train(models, session, loss, LogisticRegression(C=loss))
        models.tidy()
        kept.append(list(models.unsaved))
    models.report_missing()
    assert kept == [[0], [1], [1], [3]]
    why = "only Keras models are written to disk, not a LogisticRegression"
    assert session.notices == [f"{STAYS.removesuffix(': ')}, and the others are not kept: {why}"]


def compiled_in_its_round() -> keras.Sequential:
    def rmse(truth: Any, guess: Any) -> Any:
        return keras.ops.sqrt(keras.ops.mean((truth - guess) ** 2))

    model = small_model()
    model.compile("sgd", rmse)
    return model


def test_a_night_of_models_with_a_loss_of_their_round_is_on_disk_not_in_memory(
    tmp_path: Path,
) -> None:
    session = ScanSession(total=6)
    models = ModelStore(session, tmp_path, math.inf)
    alive: WeakSet[Any] = WeakSet()
    for loss in (0.6, 0.5, 0.4, 0.3, 0.2, 0.1):
        alive.add(train(models, session, loss, compiled_in_its_round()))
    models.tidy()
    gc.collect()
    assert len(alive) == 0
    assert models.unsaved == {}
    assert on_disk(tmp_path) == list(range(6))
    assert not load(tmp_path / "models" / "3.keras", {}).compiled
    (notice,) = session.notices
    lost = "the models come back without loss, metrics and optimizer: rmse is defined in each round"
    assert notice.startswith(lost)


def test_a_night_of_models_with_a_layer_of_their_round_leaves_one_in_memory(
    tmp_path: Path,
) -> None:
    session = ScanSession(total=4)
    models = ModelStore(session, tmp_path, math.inf)
    alive: WeakSet[Any] = WeakSet()
    for loss in (0.4, 0.1, 0.3, 0.2):

        class Local(keras.layers.Layer):
            def call(self, x: Any) -> Any:
                return x

        layers = [keras.Input((1,)), Local(), keras.layers.Dense(1)]
        alive.add(train(models, session, loss, keras.Sequential(layers)))
        models.tidy()
    gc.collect()
    assert list(alive) == [models.unsaved[1]]
    assert list(models.unsaved) == [1]
    assert on_disk(tmp_path) == list(range(4))  # with the weights
    assert len(session.notices) == 1


def test_an_estimator_that_every_round_trains_anew_is_kept_as_it_was(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = ModelStore(session, tmp_path)
    shared = LogisticRegression(C=1.0)
    train(models, session, 0.3, shared)
    train(models, session, 0.4, shared.set_params(C=2.0))
    models.tidy()
    assert models.unsaved[0].C == 1.0


def test_a_model_that_its_file_does_not_give_back_stays_in_memory_too(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = ModelStore(session, tmp_path)
    layers = [keras.Input((1,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(1)]
    model = train(models, session, 0.5, keras.Sequential(layers))
    assert models.unsaved == {0: model}
    assert on_disk(tmp_path) == [0]
    train(models, session, 0.4)
    models.tidy()
    assert models.unsaved == {}
    assert on_disk(tmp_path) == [1]
    assert session.notices == [f"{STAYS}Keras cannot load it from disk ({LAMBDA})"]


def test_a_model_of_two_that_was_never_called_stays_in_memory_without_a_warning(
    tmp_path: Path,
) -> None:
    class Pair(keras.Model):
        def __init__(self, one: Any, other: Any) -> None:
            super().__init__()
            self.one, self.other = one, other

    session = ScanSession(total=1)
    models = ModelStore(session, tmp_path, 1)
    model = train(models, session, 0.5, Pair(small_model(), small_model()))
    assert models.unsaved == {0: model}
    (notice,) = session.notices
    assert "Keras cannot write it to disk (Pair needs a get_config())" in notice


def test_models_in_memory_are_there_for_a_resume_as_long_as_the_result_is(tmp_path: Path) -> None:
    first = ScanSession(total=2)
    models = ModelStore(first, tmp_path)
    train(models, first, 0.3, LogisticRegression())
    held = models.unsaved
    session = ScanSession(total=2)
    session.restore(first.rounds)
    models = ModelStore(session, tmp_path)
    models.drop_unrecorded()
    train(models, session, 0.4, LogisticRegression())
    models.tidy()
    assert models.unsaved is held
    assert list(held) == [0]
    del models, held
    gc.collect()
    assert held_models(tmp_path) == {}


def test_the_models_of_an_earlier_run_are_ranked_too(tmp_path: Path) -> None:
    first = ScanSession(total=2)
    models = ModelStore(first, tmp_path)
    train(models, first, 0.3)
    session = ScanSession(total=2)
    session.restore(first.rounds)
    models = ModelStore(session, tmp_path)
    train(models, session, 0.4)
    models.tidy()
    assert on_disk(tmp_path) == [0]


@pytest.mark.parametrize("keep", ["some", "-1", "1.5", "", -1, "9999999"])
def test_invalid_numbers_of_models_are_refused(keep: str | int) -> None:
    with pytest.raises(ScanError, match=r"--keep is .*: give best, all, none or a number"):
        parse_keep(keep)


def test_every_kept_model_has_the_final_weights_of_its_round(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    weights: list[list[np.ndarray]] = []

    def train(*arguments: Any) -> Any:
        history, model = model_function(*arguments)
        weights.append(model.get_weights())
        return history, model

    x, y = digits
    result = run_scan(train, {"units": [4, 8, 16]}, x, y, root=tmp_path, seed=1, keep="all")
    for number, trained in enumerate(weights):
        model = keras.models.load_model(result.artifacts[number]["path"], safe_mode=True)
        for one, other in zip(model.get_weights(), trained, strict=True):
            np.testing.assert_array_equal(one, other)


def test_models_are_only_dropped_once_the_folder_is_locked(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "3.keras").write_text("of a scan that may still run")
    models = ModelStore(ScanSession(), tmp_path)
    assert on_disk(tmp_path) == [3]
    models.drop_unrecorded()
    assert on_disk(tmp_path) == []
