"""Sensible values for a hyperparameter that is known by name only."""

import re
from dataclasses import replace
from typing import Any

from talos_magic.grid.dimension import Dimension, is_number
from talos_magic.grid.span import Number
from talos_magic.grid.spec import without_repeats

# The first pattern that is found in the name, in lower case, with _ for every other sign; without
# values, where what follows would mistake the name.
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
    (r"(^|_)(lr|learn(ing)?_?rate)(_|$)|^rate$|^eta$", [0.001, 0.01]),
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
    (r"(^|_)(opt|optim|optimi[sz]er)(_|$)", ["adam", "sgd"]),
    (r"^shapes$", ["brick", "funnel"]),  # of Talos's hidden_layers()
    (r"(emb|output|latent)[a-z]*_(dims?|size)(_|$)|(^|_)width$", [32, 64]),
    (r"units|neuron|(^|_)(unit|nodes)(_|$)", [32, 64]),
    (r"layers|(^|_)depth$|blocks", [1, 2, 3]),
    (r"(^|_)(hidden|dense)", [32, 64]),
]


def suggest(name: str, *, called: bool = False) -> list[Any] | None:
    """Suggest the values of a hyperparameter.

    Parameters
    ----------
    name : str
        Its name, such as ``lr`` or ``first_hidden_layer``.
    called : bool
        Whether the model function calls the value, as in ``params["opt"](0.01)``: an optimizer is
        then its class, not its name.

    Returns
    -------
    list or None
        Values as a params dict has them; None where the name says nothing.

    Examples
    --------
    >>> suggest("lr"), suggest("dropout_2"), suggest("first_hidden_layer"), suggest("x")
    ([0.001, 0.01], [0.0, 0.25, 0.5], [32, 64], None)
    """
    plain = re.sub(r"\W+", "_", name.lower())
    for pattern, values in BY_NAME:
        if re.search(pattern, plain):
            return (_classes(values) if called else list(values)) or None
    return None


def _classes(names: list[Any]) -> list[Any] | None:
    """Optimizer classes by their names in lower case; None for what is no optimizer."""
    if not all(isinstance(name, str) for name in names):
        return None
    import keras

    found = {kind.lower(): getattr(keras.optimizers, kind) for kind in ("Adam", "SGD")}
    return [found[name] for name in names] if set(names) <= set(found) else None


def opened(dimension: Dimension) -> Dimension:
    """Offer more values of a hyperparameter that had but one.

    Its name suggests which; a truth value gets its opposite, a number its half and its double.

    Parameters
    ----------
    dimension : Dimension
        One of kind "fixed".

    Returns
    -------
    Dimension
        One that tries its value still, and offers others.

    Examples
    --------
    >>> opened(Dimension.of("dropout", [0.1])).values, opened(Dimension.of("x", [8])).values
    ((0.0, 0.1, 0.25, 0.5), (4, 8, 16))
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
