"""The metric that ranks the rounds, and its direction."""

import inspect
from typing import Any

import keras
import pytest

from talos_magic.errors import ScanError
from talos_magic.scan.metric import choose_metric, is_minimized, last_values, regression_loss


def kerass_own_metrics() -> list[tuple[str, str]]:
    """Names of Keras's metrics, and the direction that its callbacks assume for each."""
    usual: dict[str, Any] = {"num_classes": 2, "target_class_ids": [0]}
    usual |= dict.fromkeys(("recall", "precision", "sensitivity", "specificity"), 0.5)
    found = []
    for kind in vars(keras.metrics).values():
        if not inspect.isclass(kind) or kind is keras.metrics.MeanMetricWrapper:
            continue
        wanted = inspect.signature(kind).parameters
        metric = kind(**{name: value for name, value in usual.items() if name in wanted})
        if getattr(metric, "_direction", None) is not None:
            found.append((metric.name.rstrip("_0123456789"), metric._direction))
    return sorted(found)


@pytest.mark.parametrize("prefix", ["", "val_"])
@pytest.mark.parametrize(("name", "direction"), kerass_own_metrics())
def test_the_direction_is_that_of_keras(name: str, direction: str, prefix: str) -> None:
    assert is_minimized(prefix + name) == (direction == "down")


@pytest.mark.parametrize(
    ("name", "minimized"),
    [
        ("loss", True),
        ("val_loss", True),
        ("mae", True),
        ("mse", True),
        ("rmse", True),
        ("my_error", True),
        ("false_positives", True),
        ("acc", False),
        ("val_acc", False),
        ("top_k_categorical_accuracy", False),
        ("AUC", False),
        ("f1", False),
        ("recall_1", False),
        ("true_positives", False),
        ("digit_output_accuracy", False),
        ("digit_output_loss", True),
        ("dice_loss", True),
        ("val_iou_loss", True),
        ("accuracy_head_loss", True),
        ("layer2_mae", True),
        ("val_accel_mae", True),
        ("accuracy_head_mse", True),
        ("various_error", True),
        ("err2", True),
        ("f1_score", False),
        ("r2", False),
        ("MeanIoU", False),
        ("mean_io_u_2", False),
        ("one_hot_iou", False),
        ("prauc", False),
        ("cosine_similarity_1", False),
        ("val_topkaccuracy", False),
        ("dice_coef", False),
    ],
)
def test_the_direction_follows_from_the_name(name: str, minimized: bool) -> None:
    assert is_minimized(name) is minimized


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["loss", "accuracy", "val_loss", "val_accuracy"], "val_accuracy"),
        (["loss", "acc", "val_loss", "val_acc"], "val_acc"),
        (["loss", "accuracy"], "accuracy"),
        (["acc", "loss"], "acc"),
        (["loss", "val_loss", "mae"], "val_loss"),
        (["mae", "loss"], "loss"),
        (["score", "time"], "score"),
    ],
)
def test_the_usual_metric_is_chosen(names: list[str], chosen: str) -> None:
    assert choose_metric(names) == chosen


def test_the_requested_metric_is_chosen() -> None:
    assert choose_metric(["loss", "val_accuracy", "f1"], "f1") == "f1"


def test_a_missing_metric_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScanError, match="no metric 'f1': it has acc, loss"):
        choose_metric(["loss", "acc"], "f1")


@pytest.mark.parametrize("wanted", [None, "loss"])
def test_an_empty_history_is_refused(wanted: str | None) -> None:
    with pytest.raises(ScanError, match="the history is empty: train at least one epoch"):
        choose_metric([], wanted)


def test_a_rounds_metrics_are_those_of_its_last_epoch() -> None:
    assert last_values({"loss": [0.5, 0.2], "acc": [0.9], "empty": []}) == {"loss": 0.2, "acc": 0.9}


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("mse", "mse"),
        ("MAE", "MAE"),
        (keras.losses.mean_squared_error, "mean_squared_error"),
        (keras.losses.MeanSquaredLogarithmicError(), "mean_squared_logarithmic_error"),
        (keras.losses.Huber(), "huber_loss"),
        ("log_cosh", "log_cosh"),
        ("binary_crossentropy", ""),
        (keras.losses.SparseCategoricalCrossentropy(), ""),
        ({"a": "mse"}, ""),
        (None, ""),
    ],
)
def test_a_loss_of_regression_is_known_by_its_name(loss: Any, name: str) -> None:
    assert regression_loss(loss) == name
