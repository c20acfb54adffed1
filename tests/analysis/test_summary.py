"""What is said in words, on the article's published rounds and on made-up ones."""

import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from talos_magic import COMPARED_KINDS as KINDS
from talos_magic import run_scan
from talos_magic.analysis.compare import compare
from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.export.export import export
from talos_magic.analysis.plots.importance import plot_importance
from talos_magic.analysis.plots.overview import PLOTS, choose_plots
from talos_magic.analysis.summary import summary
from talos_magic.errors import ScanError

ARTICLE = pd.DataFrame(
    {
        "first_hidden_layer": 500,
        "opt": ["Adam", "SGD", "Adam", "SGD"],
        "dropout": [0, 0, 0.5, 0.5],
        "weight_regulizer": None,
        "lr": 1,
        "emb_output_dims": None,
        "kernel_initializer": "glorot_uniform",
        "acc": [0.8697, 0.6495, 0.8254, 0.6195],
        "val_acc": [0.7360, 0.4998, 0.6911, 0.5057],
        "loss": [0.3079, 0.6258, 0.3887, 0.6419],
        "val_loss": [0.6637, 1.0280, 0.6401, 0.7630],
    }
)
READ = {"first_hidden_layer", "opt", "dropout", "lr"}


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    mpl.use("agg")
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


def test_the_articles_conclusion_is_drawn_and_no_more() -> None:
    assert summary(Comparison.of(ARTICLE, "val_acc").reading(READ)) == [
        "Best is round 0: val_acc 0.736 with opt Adam, dropout 0.",
        "opt matters most: Adam is 0.21 above SGD on average.",
        "Little effect: dropout (-0.02 from 0 to 0.5).",
        "Never varied: first_hidden_layer, weight_regulizer, lr, emb_output_dims, "
        "kernel_initializer.",
        "Never read by the cell: weight_regulizer, emb_output_dims, kernel_initializer.",
        "One run per combination: differences may be chance. Try --repeats 3.",
    ]


def test_a_loss_is_better_below() -> None:
    sentences = summary(Comparison.of(ARTICLE, "val_loss"))
    assert sentences[0] == "Best is round 2: val_loss 0.6401 with opt Adam, dropout 0.5."
    # Of one degree of freedom, chance does that too often (p = 0.18).
    assert sentences[1] == "opt seems to matter most: Adam is 0.24 below SGD on average."


def repeated(gap: float) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    opts = ["Adam"] * 5 + ["SGD"] * 5
    loss = rng.normal(1, 0.1, 10) + gap * np.array([opt == "SGD" for opt in opts])
    return pd.DataFrame({"opt": opts, "loss": loss})


def test_what_exceeds_the_noise_is_told_from_what_does_not() -> None:
    clear = " ".join(summary(Comparison.of(repeated(1.0))))
    assert (
        "Rounds 0–4 are significantly better than rounds 5–9 (Welch's t-test, p < 0.001)" in clear
    )
    assert "smaller than that" not in clear
    unclear = " ".join(summary(Comparison.of(repeated(0.0))))
    assert re.search(r"not significantly better than \S+ \S+ \(Welch's t-test, p = 0\.", unclear)
    assert "is smaller than that" in unclear


def test_how_sure_an_effect_is_is_told() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"opt": ["Adam", "SGD", "RMSprop"] * 4, "units": [8] * 6 + [16] * 6})
    gap = table["opt"].map({"Adam": 0, "RMSprop": 1, "SGD": 3})
    sentences = summary(Comparison.of(table.assign(loss=gap + rng.normal(0, 0.1, 12))))
    assert re.fullmatch(
        r"opt matters most: Adam is \S+ below RMSprop and \S+ below SGD on average "
        r"\(95% confidence interval of the last: 2\.\d+ to 3\.\d+\)\.",
        sentences[1],
    )
    sentences = summary(Comparison.of(table.assign(loss=rng.normal(0, 0.1, 12))))
    assert "seems to matter most" in sentences[1]
    assert sentences[1].endswith(", so it may be chance).")


def test_a_best_value_on_the_edge_is_told() -> None:
    table = pd.DataFrame({"lr": [0.1, 0.01, 0.001], "loss": [0.3, 0.2, 0.1]})
    expected = "lr=0.001 is at the edge of the grid: try smaller values."
    assert expected in summary(Comparison.of(table))


def test_a_scan_on_disk_knows_what_its_cell_reads_and_what_failed(tmp_path: Path) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        if params["lr"] == 2:
            raise ValueError("bad")
        return {"loss": [params["lr"]]}, None

    result = run_scan(model, {"lr": [1, 2, 3], "idle": [0]}, root=tmp_path)
    figure, sentences = compare([result])
    assert figure.axes
    assert "Never read by the cell: idle." in sentences
    assert "1 round failed." in sentences


def test_one_round_says_no_more_than_it_can(tmp_path: Path) -> None:
    sentences = summary(Comparison.of(pd.DataFrame({"lr": [0.1], "loss": [0.3]})))
    assert sentences == ["Best is round 0: loss 0.3 with lr 0.1.", "Never varied: lr."]


def test_ten_rounds_of_a_large_grid_are_too_few_to_say_what_matters() -> None:
    """Pruned rounds leave such a part of a grid: the model would have one degree of freedom."""
    rows = [
        (8, 0.1, "relu", "sgd", 0.76),
        (8, 0.01, "relu", "adam", 0.93),
        (8, 0.001, "relu", "adam", 0.66),
        (16, 0.01, "sigmoid", "sgd", 0.22),
        (16, 0.1, "sigmoid", "adam", 0.95),
        (32, 0.1, "tanh", "adam", 0.94),
        (32, 0.01, "sigmoid", "adam", 0.96),
        (32, 0.1, "sigmoid", "adam", 0.97),
        (128, 0.001, "tanh", "adam", 0.95),
        (128, 0.01, "relu", "adam", 0.97),
    ]
    table = pd.DataFrame(rows, columns=["units", "lr", "activation", "optimizer", "val_accuracy"])
    comparison = Comparison.of(table)
    text = " ".join(summary(comparison))
    assert "10 rounds are too few to be sure of the effects of " in text
    assert "matter" not in text
    assert not any("importance" in row for row in choose_plots(comparison))


def test_what_never_varied_apart_is_not_told_apart() -> None:
    table = pd.DataFrame({"a": [1, 1, 2, 2], "b": [8, 8, 9, 9], "c": [1, 2, 1, 2]})
    sentences = summary(Comparison.of(table.assign(loss=[1.0, 2.0, 5.0, 6.0])))
    assert sentences[1:3] == [
        "The effects of a and b cannot be separated in these rounds.",
        "c: 1 is 1 below 2 on average.",
    ]


def test_words_and_bars_agree_on_what_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(3, size=(40, 4)), columns=list("abcd"))
    table = table.assign(b=table["a"] * 16, d=table["c"] + 5)
    comparison = Comparison.of(table.assign(loss=table["a"] + rng.normal(0, 0.1, 40)))
    sentences = summary(comparison)
    assert "The effects of a and b cannot be separated in these rounds." in sentences
    assert "The effects of c and d cannot be separated in these rounds." in sentences
    bars = [text.get_text() for text in plot_importance(comparison).get_yticklabels()]
    assert bars == ["a and b", "c and d"]


def test_what_matters_most_in_words_is_the_longest_bar() -> None:
    rng = np.random.default_rng(0)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame({"a": rng.integers(2, size=60), "b": rng.integers(8, size=60)})
        rare = table["b"] == 3  # makes the largest difference, but seldom
        comparison = Comparison.of(table.assign(loss=table["a"] + 1.5 * rare))
        (bar, *_) = plot_importance(comparison).get_yticklabels()
        (most,) = [s.split()[0] for s in summary(comparison) if "most:" in s] or [bar.get_text()]
        assert most == bar.get_text()


def test_few_rounds_of_many_hyperparameters_are_called_few() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(3, size=(12, 50)), columns=[f"p{i}" for i in range(50)])
    sentences = summary(Comparison.of(table.assign(loss=rng.random(12))))
    assert re.fullmatch(
        r"Best is round \d+: loss \S+ with (p\d+ \d, ){9}p\d+ \d and 40 more\.", sentences[0]
    )
    (few,) = [s for s in sentences if "too few" in s]
    assert re.fullmatch(
        r"12 rounds are too few to be sure of the effects of .* and \d+ more\.", few
    )
    assert max(map(len, sentences)) < 300


def of_fifty() -> Comparison:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(3, size=(200, 50)), columns=[f"p{i}" for i in range(50)])
    loss = table[[f"p{i}" for i in range(0, 50, 2)]].sum(axis=1) + 0.05 * table["p1"]
    return Comparison.of(table.assign(loss=loss + rng.normal(0, 0.1, 200)))


@pytest.mark.long
def test_of_fifty_hyperparameters_ten_are_described() -> None:
    sentences = summary(of_fifty())
    assert sum(" on average" in sentence for sentence in sentences) == 10
    assert "15 more have effects of that size." in sentences
    (little,) = [s for s in sentences if s.startswith("Little effect: ")]
    assert little.endswith(" and 15 more.")


SAID = {
    "curves": "Best is|1 round failed",
    "rounds": "Best is|1 round failed",
    "progress": "Best is",
    "slice": "Best is|a matters most: |Little effect: |a=1 is at the edge",
    "heatmap": "loss is best on average with |The (best|effect of)",
    "parallel": "Best is",
    "importance": "Share of the variation in loss explained: a |[0-9]+% is chance",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_plot_comes_with_what_it_shows_and_no_more(kind: str, tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        if data[4] == {"a": 3, "b": 2, "idle": 0}:
            raise ValueError("no")
        return {"loss": [1.0, data[4]["a"] + data[4]["b"] / 100]}, None

    params = {"a": [1, 2, 3], "b": [1, 2, 3], "idle": [0]}
    result = run_scan(model, params, root=tmp_path, seed=1)
    _, sentences = compare([result], kind=kind)
    assert sentences
    for sentence in sentences:
        assert re.match(SAID[kind], sentence)
    everything = " ".join(compare([result])[1])
    assert "Never varied: idle." in everything
    assert "One run per combination" in everything


def test_curves_coloured_by_a_hyperparameter_come_with_what_they_show(tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        return {"loss": [1.0, data[4]["a"] / 10]}, None

    result = run_scan(model, {"a": [1, 2], "b": [1, 2]}, root=tmp_path, order="sequential")
    _, sentences = compare([result], colour="a")
    assert sentences == ["Best is round 0: loss 0.1 with a 1, b 1."]


def test_a_heatmap_names_its_best_cell_and_an_importance_what_is_left() -> None:
    table = pd.DataFrame([{"a": a, "b": b} for a in (1, 2, 3) for b in (1, 2)] * 2)
    comparison = Comparison.of(table.assign(loss=table["a"] + table["b"] / 10))
    (cell,) = summary(comparison, kind="heatmap")
    assert cell == "loss is best on average with a 1, b 1: 1.1 (2 rounds)."
    explained, left = summary(comparison, kind="importance")
    assert explained.startswith("Share of the variation in loss explained: a 9")
    shares = [int(share) for share in re.findall(r"(\d+)%", explained + left)]
    assert sum(shares) == pytest.approx(100, abs=1)


def test_nothing_but_nan_has_no_best() -> None:
    table = pd.DataFrame({"lr": [0.1, 0.2], "loss": [float("nan")] * 2})
    assert summary(Comparison.of(table)) == ["No round has a finite loss."]


def test_the_magics_manual_names_all_kinds() -> None:
    assert {*KINDS, "all"} == {*PLOTS, "slice", "all"}


def test_an_unknown_kind_is_answered_with_those_there_are(tmp_path: Path) -> None:
    result = run_scan(lambda *_: ({"loss": [1.0]}, None), {"lr": [1]}, root=tmp_path)
    with pytest.raises(ScanError, match="--kind 'pie' is unknown: choose from all, slice, curves"):
        compare([result], kind="pie")


def experiment(name: str, score: float, *, of: str, values: list[float], root: Path) -> Any:
    """A scan whose metric depends on nothing but the scan."""

    def model(*arguments: Any) -> Any:
        return {"val_acc": [0.1, score]}, None

    return run_scan(model, {of: values, "units": [1, 2]}, name=name, root=root)


def test_what_two_experiments_differ_by_is_no_hyperparameters_doing(tmp_path: Path) -> None:
    weak = experiment("weak", 0.5, of="lr", values=[0.1, 0.2], root=tmp_path)
    strong = experiment("strong", 0.9, of="lr", values=[0.2, 0.3], root=tmp_path)
    _, sentences = compare([weak, strong])
    assert "experiment matters most: strong is 0.4 above weak on average." in sentences
    assert "Little effect: lr (about 0), units (about 0)." in sentences
    assert compare([weak, weak])[1] == compare([weak])[1]


@pytest.mark.long
def test_experiments_with_other_hyperparameters_are_compared(tmp_path: Path) -> None:
    one = experiment("one", 0.5, of="lr", values=[0.1, 0.2, 0.3], root=tmp_path)
    other = experiment("other", 0.9, of="drop", values=[0.1, 0.2, 0.3], root=tmp_path)
    for kind in ("all", *KINDS):
        figure, sentences = compare([one, other], kind=kind)
        figure.canvas.draw()
        if kind not in ("heatmap", "importance"):
            assert sentences[0].startswith("Best is round 0 of other: val_acc 0.9")


def test_rounds_that_are_all_equal_show_no_difference() -> None:
    table = pd.DataFrame({"opt": ["Adam", "SGD"] * 3, "val_acc": [0.1 + 0.2, 0.3] * 3})
    assert "No hyperparameter makes a difference." in summary(Comparison.of(table))


def test_repeats_that_are_equal_are_no_measure_of_noise() -> None:
    table = pd.DataFrame({"opt": ["Adam", "SGD"] * 3, "val_acc": [0.4, 0.3] * 3})
    (identical,) = [s for s in summary(Comparison.of(table)) if "seed" in s]
    assert identical.endswith("are identical: does the cell set the seed itself?")
    assert not any("better" in sentence for sentence in summary(Comparison.of(table)))


def test_an_exported_table_is_read_as_what_it_was(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        if arguments[-1]["f1"] == "tanh":
            raise ValueError("bad")
        return {"loss": [arguments[-1]["accumulation"]]}, None

    params = {"f1": ["relu", "tanh"], "accumulation": [1, 2]}
    result = run_scan(model, params, order="sequential", root=tmp_path)
    export(result, tmp_path / "scan.csv")
    comparison = Comparison.of(pd.read_csv(tmp_path / "scan.csv"))
    assert list(comparison.params) == ["f1", "accumulation"]
    assert comparison.scores.dropna().tolist() == [1, 2]


def _grid(score: Any, **values: Any) -> pd.DataFrame:
    rows = [dict(zip(values, own, strict=True)) for own in itertools.product(*values.values())]
    return pd.DataFrame([row | {"val_acc": score(**row)} for row in rows])


def test_what_only_acts_together_makes_no_difference_on_average() -> None:
    table = _grid(lambda a, b, **_: float(a == b), a=[1, 2], b=[1, 2], c=[1, 2, 3])
    text = summary(Comparison.of(table))
    assert "No hyperparameter makes a difference on average." in text


def test_of_a_value_that_met_one_other_only_nothing_is_told() -> None:
    table = _grid(lambda a, b, **_: float((a == b) + a / 10), a=[1, 2, 3], b=[1, 2], c=[1, 2, 3])
    text = summary(Comparison.of(table[(table["a"] != 3) | (table["b"] == 1)]))
    (pair,) = [sentence for sentence in text if "depends on" in sentence]
    assert "=3" not in pair


def test_with_few_rounds_noise_is_not_called_what_matters() -> None:
    table = pd.DataFrame({"a": [1, 2, 3] * 2, "b": [1] * 3 + [2] * 3})
    table["val_acc"] = [0.50, 0.54, 0.51, 0.53, 0.50, 0.56]
    text = " ".join(summary(Comparison.of(table)))
    assert "seems to matter most" in text
    assert "at the edge" not in text


def test_an_effect_in_the_middle_is_told_between_its_extremes() -> None:
    middle = {16: 0.0, 32: 0.09, 64: 0.0}
    table = _grid(lambda lr, b: lr + middle[b], lr=[0.1, 0.5], b=[16, 32, 64])
    text = "\n".join(summary(Comparison.of(table)))
    assert re.search(r"Little effect: b \(0\.09 between (16|64) and 32\)\.", text)


def test_rounds_whose_metric_is_no_number_are_counted() -> None:
    table = pd.DataFrame({"lr": [1, 2, 3, 4], "val_acc": [0.5, math.nan, 0.7, math.inf]})
    text = summary(Comparison.of(table))
    assert "2 rounds have no finite val_acc and have been left out." in text


def test_what_other_hyperparameters_did_is_not_put_down_to_a_pair() -> None:
    def score(a: int, b: int, c: int, **_: int) -> float:
        return b * (0.05 if a == 1 else 0.15) + 0.5 * c

    table = _grid(score, a=[1, 2], b=[1, 2], c=[0, 1], again=[1, 2])
    # With a 1, b 2 has met c 0 more often, which is worse.
    uneven = (table["a"] == 1) & (table["b"] == 2) & (table["c"] == 1) & (table["again"] == 2)
    text = summary(Comparison.of(table[~uneven]))
    assert not any("The best b depends" in sentence for sentence in text)


@pytest.mark.long
def test_noise_of_many_hyperparameters_is_rarely_taken_for_an_effect() -> None:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(20):
        table = pd.DataFrame(rng.integers(3, size=(120, 8)), columns=list("abcdefgh"))
        table["val_acc"] = rng.normal(size=120)
        wrong += any(" matters most" in sentence for sentence in summary(Comparison.of(table)))
    assert wrong <= 3  # of 20, at 5 % each


def test_the_direction_is_that_of_the_scan_that_was_ranked_by_the_metric(tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        return {"loss": [1.0], "bleu": [float(data[4]["a"])]}, None

    plain = run_scan(model, {"a": [1]}, name="plain", root=tmp_path)
    options: dict[str, Any] = {"metric": "bleu", "minimize": False}
    own = run_scan(model, {"a": [2, 4]}, name="own", root=tmp_path, **options)
    assert summary(Comparison.of([plain, own], "bleu"))[0].startswith("Best is round 1 of own")


def test_what_cannot_be_told_apart_may_make_the_difference() -> None:
    table = pd.DataFrame([{"a": a, "b": a, "c": c} for a in (1, 2, 3) for c in ("u", "v")])
    sentences = summary(Comparison.of(table.assign(loss=table["a"] + table["b"])))
    assert sentences[1:3] == [
        "The effects of a and b cannot be separated in these rounds.",
        "c makes no difference on average.",
    ]


def test_few_rounds_of_many_hyperparameters_are_told_with_their_importance() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(2, size=(40, 50)), columns=[f"a{i}" for i in range(50)])
    comparison = Comparison.of(table.assign(loss=5 * table["a0"] + table["a1"]))
    shares, _, few = summary(comparison, "importance")
    assert shares.startswith("Share of the variation in loss explained: a0 ")
    assert few == "40 rounds are few for 50 hyperparameters: these shares are rough."


def test_hyperparameters_that_are_never_read_are_named_as_such_only() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(2, size=(40, 50)), columns=[f"a{i}" for i in range(50)])
    comparison = Comparison.of(table.assign(loss=5 * table["a0"] + table["a1"]))
    unread, *others = sorted(
        summary(comparison.reading({"a0", "a1"})), key=lambda s: "Never" not in s
    )
    assert unread.startswith("Never read by the cell: a2, a3, ")
    assert set(re.findall(r"\ba\d+\b", " ".join(others))) == {"a0", "a1"}


def test_a_cell_that_reads_nothing_is_compared_all_the_same(tmp_path: Path) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        return {"loss": [0.1, 0.2]}, None

    result = run_scan(model, {"a": [1, 2, 3], "b": [1, 2, 3]}, root=tmp_path)
    for kind in ("all", "slice", "heatmap", "parallel"):
        assert compare([result], kind=kind)[1]
