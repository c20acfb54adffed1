"""Which models lie on disk, at any time."""

import errno
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from talos_magic import run_scan
from talos_magic.errors import ScanError
from talos_magic.scan.keep import KeptModels, how_many
from talos_magic.scan.session import ScanSession

LOSSES = [0.5, 0.7, 0.3, math.nan, 0.4, 0.3, 0.2]


class Text:
    """What is kept needs no more than a way to save itself."""

    def __init__(self, text: str, error: Exception | None = None) -> None:
        self._text = text
        self._error = error

    def save(self, path: Path) -> None:
        path.write_text(self._text)
        if self._error is not None:
            raise self._error


def train(models: KeptModels, session: ScanSession, loss: float, **options: Any) -> None:
    models.tidy()
    round_ = session.start_round({"n": len(session.rounds)})
    session.finish_round({"loss": [loss]})
    models.offer(round_, Text(f"model {round_.number}", **options))


def on_disk(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("models/*"))


def test_of_repeated_combinations_the_best_round_of_the_best_mean_is_kept(tmp_path: Path) -> None:
    session = ScanSession(total=9, repeats=3)
    models = KeptModels(session, tmp_path, 1)
    kept = []
    for number, loss in enumerate([0.5, 0.4, 0.6, 0.1, 0.9, 0.8, 0.45, 0.3, 0.5]):
        models.tidy()
        round_ = session.start_round({"n": number // 3})
        session.finish_round({"loss": [loss]})
        models.offer(round_, Text(f"model {number}"))
        models.tidy()
        kept.append(on_disk(tmp_path))
    # While one is being repeated, the lucky round of it must not drive the best so far away.
    assert kept == [[0], [1], [1], [1, 3], [1, 3], [1], [1, 6], [1, 7], [7]]
    assert session.best is not None
    assert session.best.number == 7


def test_of_equal_means_the_best_round_of_the_session_is_kept(tmp_path: Path) -> None:
    session = ScanSession(total=4, repeats=2)
    models = KeptModels(session, tmp_path, 1)
    for number, loss in enumerate([0.5, 0.25, 0.25, 0.5]):
        models.tidy()
        round_ = session.start_round({"n": number % 2})
        session.finish_round({"loss": [loss]})
        models.offer(round_, Text(f"model {number}"))
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
    models = KeptModels(session, tmp_path, how_many(keep))
    for loss, expected in zip(LOSSES, kept, strict=False):
        train(models, session, loss)
        models.tidy()
        assert on_disk(tmp_path) == expected


def test_the_one_before_stays_until_its_better_is_recorded(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = KeptModels(session, tmp_path)
    train(models, session, 0.5)
    train(models, session, 0.4)
    assert on_disk(tmp_path) == [0, 1]
    models.tidy()
    assert on_disk(tmp_path) == [1]


def test_more_is_better_where_the_metric_says_so(tmp_path: Path) -> None:
    session = ScanSession(total=2, minimize=False)
    models = KeptModels(session, tmp_path)
    for loss in (0.5, 0.7, 0.6):
        train(models, session, loss)
    models.tidy()
    assert on_disk(tmp_path) == [1]


def test_a_model_that_cannot_be_saved_is_noticed_and_the_best_before_stays(tmp_path: Path) -> None:
    session = ScanSession(total=2)
    models = KeptModels(session, tmp_path)
    train(models, session, 0.5)
    train(models, session, 0.4, error=OSError(errno.ENOSPC, "No space left on device", "0.keras"))
    models.tidy()
    assert on_disk(tmp_path) == [0]
    told = "the best model could not be saved: No space left on device; it waits in memory"
    assert session.notices == [told]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["0.keras"]


def test_a_model_that_finds_no_room_is_saved_when_there_is_some(tmp_path: Path) -> None:
    session = ScanSession(total=3)
    models = KeptModels(session, tmp_path)
    full = [OSError("No space left on device")]

    class Model(Text):
        def save(self, path: Path) -> None:
            if full:
                raise full[0]
            super().save(path)

    for loss in (0.5, 0.3, 0.4):
        models.tidy()
        round_ = session.start_round({"loss": loss})
        session.finish_round({"loss": [loss]})
        models.offer(round_, Model(f"model {round_.number}"))
        assert on_disk(tmp_path) == []
    full.clear()
    models.tidy()
    assert on_disk(tmp_path) == [1]
    assert session.notices[-1] == "the model of round 1 is saved now"


def test_the_models_of_an_earlier_run_are_ranked_too(tmp_path: Path) -> None:
    first = ScanSession(total=2)
    models = KeptModels(first, tmp_path)
    train(models, first, 0.3)
    session = ScanSession(total=2)
    session.restore(first.rounds)
    models = KeptModels(session, tmp_path)
    train(models, session, 0.4)
    models.tidy()
    assert on_disk(tmp_path) == [0]


@pytest.mark.parametrize("keep", ["some", "-1", "1.5", "", -1, "9999999"])
def test_what_is_no_number_of_models_is_refused(keep: str | int) -> None:
    with pytest.raises(ScanError, match=r"--keep is .*: give best, all, none or a number"):
        how_many(keep)


def test_every_kept_model_has_the_weights_of_the_end_of_its_round(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    weights: list[list[np.ndarray]] = []

    def train(*arguments: Any) -> Any:
        history, model = model_function(*arguments)
        weights.append(model.get_weights())
        return history, model

    x, y = digits
    result = run_scan(train, {"units": [4, 8, 16]}, x, y, root=tmp_path, seed=1, keep="all")
    import keras

    for number, trained in enumerate(weights):
        model = keras.models.load_model(result.artifacts[number]["path"], safe_mode=True)
        for one, other in zip(model.get_weights(), trained, strict=True):
            np.testing.assert_array_equal(one, other)


def test_models_of_a_folder_are_only_dropped_when_it_is_ours(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "3.keras").write_text("of a scan that may still run")
    models = KeptModels(ScanSession(), tmp_path)
    assert on_disk(tmp_path) == [3]
    models.drop_unrecorded()
    assert on_disk(tmp_path) == []
