"""Suggest values for a hyperparameter, and an example of one more."""

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from numbers import Integral
from typing import Any

from talos_magic.grid.dimension import Dimension, is_number
from talos_magic.grid.number_range import Number
from talos_magic.grid.params_dict import without_repeats

# What most scans try, for a grid that is still empty.
USUAL = ("lr", "units", "dropout", "optimizer", "batch_size", "activation", "layers", "epochs")
OPTIMIZERS = ["adam", "sgd"]
LEARNING_RATES = [0.001, 0.01]

# The first pattern that is found in the name counts: in lower case, with _ for each run of other
# characters. A pattern without values keeps a later one from matching such a name.
BY_NAME: list[tuple[str, list[Any]]] = [
    (r"schedul|warm_?up|factor|multiplier|_steps|strength", []),
    (r"patience", [5]),
    (r"regul[a-z]*(_?\d+)?$", [None, "l2"]),
    (r"(^|_)(use|with|has)_|(^|_)bias$|shuffle$|augment(ation)?$|nesterov|amsgrad", [True, False]),
    (r"(^|_)(batch|layer)_?norm(ali[sz]ation)?(_?\d+)?$", [True, False]),
    (r"drop_?out|(^|_)drop(_rate)?$", [0.0, 0.25, 0.5]),
    (r"^beta_?2$", [0.99, 0.999]),
    (r"momentum|^beta", [0.0, 0.9]),
    (r"weight_?decay|(^|_)l[12](_|$)|(^|_)lambda", [0.0, 0.0001]),
    (r"decay_?rate", [0.9, 0.96]),
    (r"(^|_)decay", [0.0, 0.0001]),
    (r"(^|_)(lr|learn(ing)?_?rate)(_|$)|^rate$|^eta$", LEARNING_RATES),
    (r"batch", [32, 128]),
    (r"epoch", [10]),
    (r"pooling", ["avg", "max"]),
    (r"(kernel|filter|pool)_?size|pool|stride", [2, 3]),
    (r"(^|_)(filters?|channels)(_|$)", [16, 32]),
    (r"initiali[sz]|(^|_)init(_mode)?$", ["glorot_uniform", "he_normal"]),
    (r"(^|_)(last|out|output|final)_(layer_)?activation", ["softmax"]),
    (r"activation_(last|out|output|final)", ["softmax"]),
    (r"activation", ["relu", "tanh"]),
    (r"padding$", ["same", "valid"]),
    (r"(^|_)loss(es)?(_?f(n|unc|unction))?$", ["categorical_crossentropy"]),
    (r"(^|_)(opt|optim|optimi[sz]er)(_|$)", OPTIMIZERS),
    (r"^shapes$", ["brick", "funnel"]),  # of Talos's hidden_layers()
    (r"(emb|output|latent)[a-z]*_(dims?|size)(_|$)|(^|_)width$", [32, 64]),
    (r"units|neuron|(^|_)(unit|nodes)(_|$)", [32, 64]),
    (r"layers|(^|_)depth$|blocks", [1, 2, 3]),
    (r"(^|_)(hidden|dense)", [32, 64]),
]
# One more for rows that have all of the suggested texts, by the first of these.
ONE_MORE = {"adam": "rmsprop", "relu": "elu", "glorot_uniform": "he_uniform"}


def suggest(name: str, *, called: bool = False, beside: Iterable[str] = ()) -> list[Any] | None:
    """Suggest values for a hyperparameter; None if its name matches no pattern.

    `called` says whether the model function calls the value, as in ``params["opt"](0.01)``:
    optimizers are then suggested as classes, not as names, and nothing else is suggested. They are
    classes, too, if a learning rate is `beside` them in the grid: a name would ignore it.
    """
    values = _by_name(name)
    if values is OPTIMIZERS and (called or any(_by_name(n) is LEARNING_RATES for n in beside)):
        torch: Any = None if "keras" in sys.modules else sys.modules.get("torch")
        if torch is not None:
            return [torch.optim.Adam, torch.optim.SGD]
        import keras

        return [keras.optimizers.Adam, keras.optimizers.SGD]
    return None if called else list(values) or None


def _by_name(name: str) -> list[Any]:
    plain = re.sub(r"\W+", "_", name.lower())
    return next((values for pattern, values in BY_NAME if re.search(pattern, plain)), [])


def takes_texts(name: str, values: Iterable[Any] = ()) -> bool:
    """Return whether values are texts, or None and texts; if none says so, whether the name does.

    >>> takes_texts("color", ["red", None]), takes_texts("regularizer", [None]), takes_texts("lr")
    (True, True, False)
    """
    known = [value for value in values if value is not None]
    known = known or [value for value in _by_name(name) if value is not None]
    return bool(known) and all(isinstance(value, str) for value in known)


def example(dimension: Dimension) -> str:
    """Return a text or a number that fits the values and is not among them; else "".

    >>> [example(Dimension.of("x", values)) for values in ([16, 32], [0.1, 0.01], [len, max])]
    ['64', '0.05', '']
    >>> example(Dimension.of("optimizer", ["sgd", "rmsprop"]))
    'adam'
    """
    values = dimension.offered or dimension.values
    if all(map(is_number, values)):
        largest = max(values)
        if all(isinstance(value, Integral) for value in values):
            return str(max(largest * 2, 1))
        parts = (largest / n for n in (2, 4, 8))
        return next((f"{part:.3g}" for part in parts if part not in values), "")
    if not takes_texts(dimension.name, values):
        return ""
    texts = _by_name(dimension.name)
    more = [*texts, *(ONE_MORE[text] for text in texts if text in ONE_MORE)]
    return next((text for text in more if text not in values), "")


def with_suggestions(dimension: Dimension) -> Dimension:
    """Return a fixed hyperparameter with more values, which its name suggests.

    A boolean also gets its opposite, and a number without suggestions its half and its double.
    """
    value = dimension.values[0]
    if isinstance(value, bool):
        return replace(dimension, kind="boolean").with_choices((False, True), [True, True])
    suggested = suggest(dimension.name, called=isinstance(value, type)) or []
    if is_number(value):
        others = [other for other in suggested if is_number(other) and other != value]
        return dimension.with_numbers(sorted({value, *(others or _around(value))}))
    offered = tuple(without_repeats((value, *suggested)))
    return dimension.with_choices(offered, [True] * len(offered))


def _around(value: Number) -> list[Number]:
    if isinstance(value, int):
        return [value // 2, value * 2] if value > 1 else [value, value + 1]
    return [float(f"{value / 2:.3g}"), float(f"{value * 2:.3g}")] if value else [0.1]
