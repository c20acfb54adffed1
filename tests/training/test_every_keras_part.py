"""Each part of Keras gives the same numbers on a shared graph as on one of its own, bit by bit."""

import inspect
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, losses, metrics, optimizers

from tests.training.graph_rounds import assert_same

ROWS = 30
Kwargs = dict[str, Any]


def rows(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((ROWS, *shape), dtype="float32")


CLASSES = np.random.default_rng(1).integers(0, 2, ROWS).astype("float32")

# The shape of the input that a layer takes, by its name or the end of it.
VECTOR, SEQUENCE, IMAGE, VOLUME = (8,), (6, 3), (8, 8, 3), (4, 4, 4, 2)
SHAPES = {"1D": SEQUENCE, "1DTranspose": SEQUENCE, "2D": IMAGE, "2DTranspose": IMAGE}
SHAPES |= {"3D": VOLUME, "3DTranspose": VOLUME}
SHAPES |= {"ConvLSTM1D": (4, 6, 2), "ConvLSTM2D": VOLUME, "ConvLSTM3D": (2, 4, 4, 4, 2)}
SHAPES |= dict.fromkeys(("LSTM", "GRU", "RNN", "Bidirectional", "TimeDistributed"), SEQUENCE)
SHAPES |= dict.fromkeys(("SimpleRNN", "EinsumDense", "Permute", "Masking"), SEQUENCE)
SHAPES |= {"MelSpectrogram": (512,), "STFTSpectrogram": (512, 1)}
IMAGES = ("Random", "RandAugment", "Aug", "Auto", "Cut", "Mix", "Equal", "Solar", "Contrast")
IMAGES = (*IMAGES, "Center", "Resizing")  # how the names of layers of images begin
WHOLE_NUMBERS = ("Embedding", "ReversibleEmbedding", "CategoryEncoding", "Hashing", "IntegerLookup")
MERGING = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
ATTENTION = ("Attention", "AdditiveAttention")
QUERIES = ("MultiHeadAttention", "GroupQueryAttention")

ARGUMENTS: dict[str, Kwargs] = {
    "Activation": {"activation": "tanh"},
    "CategoryEncoding": {"num_tokens": 20, "output_mode": "multi_hot"},
    "Dense": {"units": 4},
    "Discretization": {"bin_boundaries": [0.2, 0.5, 0.8]},
    "Dot": {"axes": 1},
    "EinsumDense": {"equation": "abc,cd->abd", "output_shape": (6, 4)},
    "GaussianNoise": {"stddev": 0.3},
    "GroupNormalization": {"groups": 1},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
    "Hashing": {"num_bins": 10},
    "IntegerLookup": {"vocabulary": [1, 2, 3]},
    "MelSpectrogram": {"fft_length": 64, "sequence_stride": 32, "num_mel_bins": 8},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 2, "dropout": 0.1},
    "Permute": {"dims": (2, 1)},
    "RandomColorJitter": {"brightness_factor": 0.2},
    "RandomPosterization": {"factor": 4},
    "RandomShear": {"x_factor": 0.2, "y_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "RepeatVector": {"n": 3},
    "Rescaling": {"scale": 0.5},
    "Reshape": {"target_shape": (4, 2)},
    "STFTSpectrogram": {"frame_length": 64, "frame_step": 32, "fft_length": 64},
}
for _name in ("LSTM", "GRU", "SimpleRNN"):
    ARGUMENTS[_name] = {"units": 4, "dropout": 0.2, "recurrent_dropout": 0.2}
for _name in ("CenterCrop", "Resizing"):
    ARGUMENTS[_name] = {"height": 6, "width": 6}
for _name in ("Embedding", "ReversibleEmbedding"):
    ARGUMENTS[_name] = {"input_dim": 20, "output_dim": 4}
for _name in ("Brightness", "Contrast", "Rotation", "ColorDegeneration", "Hue", "Saturation"):
    ARGUMENTS[f"Random{_name}"] = {"factor": 0.2}
for _name in ("Sharpness", "Grayscale", "Invert"):
    ARGUMENTS[f"Random{_name}"] = {"factor": 0.5}
for _dimensions in (1, 2, 3):
    _d = f"{_dimensions}D"
    ARGUMENTS[f"AveragePooling{_d}"] = {"pool_size": 2}
    ARGUMENTS[f"DepthwiseConv{_d}"] = {"kernel_size": 2}
    for _name in (f"Conv{_d}", f"Conv{_d}Transpose", f"SeparableConv{_d}", f"ConvLSTM{_d}"):
        ARGUMENTS[_name] = {"filters": 2, "kernel_size": 2}
    for _name in ("Average", "Max"):
        ARGUMENTS[f"Adaptive{_name}Pooling{_d}"] = {"output_size": 2}
for _name in ("", "Alpha", "Gaussian"):
    ARGUMENTS[f"{_name}Dropout"] = {"rate": 0.3}
for _dimensions in (1, 2, 3):
    ARGUMENTS[f"SpatialDropout{_dimensions}D"] = {"rate": 0.3}
WRAPPERS = {
    "Bidirectional": lambda: layers.Bidirectional(layers.LSTM(3)),
    "Lambda": lambda: layers.Lambda(keras.ops.abs),
    "Masking": lambda: keras.Sequential([layers.Masking(), layers.LSTM(3)]),
    "Pipeline": lambda: layers.Pipeline([layers.Dense(3)]),
    "RNN": lambda: layers.RNN(layers.StackedRNNCells([layers.GRUCell(3), layers.LSTMCell(3)])),
    "SpectralNormalization": lambda: layers.SpectralNormalization(layers.Dense(4)),
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(3)),
}
# Base classes, cells (in RNN), layers of texts and boxes, of other frameworks, of two features.
LEFT_OUT = {"Layer", "Wrapper", "InputLayer", "GRUCell", "LSTMCell", "SimpleRNNCell"}
LEFT_OUT |= {"StackedRNNCells", "StringLookup", "TextVectorization", "MaxNumBoundingBoxes"}
LEFT_OUT |= {"FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer", "HashedCrossing"}
LEFT_OUT |= {"RandomCrop"}  # its output has no shape
# A table of TensorFlow's; a graph that depends on what is drawn while it is traced.
TRACED_EACH = {"IntegerLookup", "AugMix"}


def names(module: Any, base: type) -> list[str]:
    """Name the classes of a module once each."""
    found = (v for v in vars(module).values() if inspect.isclass(v) and issubclass(v, base))
    return sorted({"GroupQueryAttention" if "Grouped" in c.__name__ else c.__name__ for c in found})


def make_layer(name: str) -> Any:
    if name in WRAPPERS:
        return WRAPPERS[name]()
    return getattr(layers, name)(**ARGUMENTS.get(name, {}))


def shape_of(name: str) -> tuple[int, ...]:
    if name.startswith(IMAGES):
        return IMAGE
    ends = (shape for end, shape in SHAPES.items() if name == end)
    return next(ends, next((s for end, s in SHAPES.items() if name.endswith(end)), VECTOR))


def with_layer(name: str, rate: float) -> tuple[Any, Kwargs]:
    """Build a model with a layer; also return the arguments of fit."""
    if name in WHOLE_NUMBERS:
        x: Any = (20 * rows(5)).astype("int32")
        given = keras.Input((5,), dtype="int32")
        out = make_layer(name)(given)
    elif name in (*MERGING, *ATTENTION, *QUERIES):
        shape = (4,) if name in MERGING else (6, 4)
        x, given = [rows(*shape), 1 - rows(*shape)], [keras.Input(shape), keras.Input(shape)]
        both = [layers.Dense(4)(one) for one in given]
        out = make_layer(name)(*both) if name in QUERIES else make_layer(name)(both)
    else:
        x, given = rows(*shape_of(name)), keras.Input(shape_of(name))
        out = make_layer(name)(given)
    out = layers.Flatten()(keras.ops.cast(out, "float32"))
    model = keras.Model(given, layers.Dense(1, activation="sigmoid")(out))
    model.compile(optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model, {"x": x, "y": CLASSES, "validation_data": (x, CLASSES)}


@pytest.mark.long
@pytest.mark.parametrize("name", [n for n in names(layers, layers.Layer) if n not in LEFT_OUT])
def test_a_layer(name: str) -> None:
    assert_same(partial(with_layer, name), shared=name not in TRACED_EACH)


def dense(compiled: Kwargs, targets: np.ndarray = CLASSES, units: int = 1) -> tuple[Any, Kwargs]:
    x = rows(8)
    hidden = layers.Dense(
        8, activation="relu", kernel_regularizer="l2", kernel_constraint="max_norm"
    )
    activation = "sigmoid" if units == 1 else "softmax"
    model = keras.Sequential(
        [keras.Input((8,)), hidden, layers.Dense(units, activation=activation)]
    )
    model.compile(**compiled)
    return model, {"x": x, "y": targets, "validation_data": (x, targets)}


OPTIMIZERS: dict[str, Any] = {
    name: getattr(optimizers, name)
    for name in names(optimizers, optimizers.Optimizer)
    if name not in {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "Muon"}
}
OPTIMIZERS |= {
    "accumulation": partial(optimizers.Adam, gradient_accumulation_steps=2),
    "clipping": partial(optimizers.SGD, clipnorm=0.1),
    "ema": partial(optimizers.Adam, use_ema=True, ema_overwrite_frequency=2),
    "loss scale": lambda rate: optimizers.LossScaleOptimizer(optimizers.Adam(rate)),
    "momentum": partial(optimizers.SGD, momentum=0.9, nesterov=True, weight_decay=0.01),
    "muon": partial(optimizers.Muon, exclude_layers=["dense_1"]),
}


@pytest.mark.long
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer(name: str) -> None:
    def build(rate: float) -> tuple[Any, Kwargs]:
        return dense({"optimizer": OPTIMIZERS[name](rate), "loss": "binary_crossentropy"})

    assert_same(build, shared=True)


SOME_LOSSES = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "Dice", "Hinge", "Huber", "LogCosh")
SOME_LOSSES = (*SOME_LOSSES, "MeanAbsoluteError", "MeanSquaredError", "Poisson", "Tversky")
SOME_METRICS = ("AUC", "BinaryAccuracy", "BinaryIoU", "CosineSimilarity", "FalsePositives", "Hinge")
SOME_METRICS = (*SOME_METRICS, "MeanSquaredError", "Precision", "PrecisionAtRecall", "R2Score")
METRIC_ARGUMENTS: dict[str, Kwargs] = {"PrecisionAtRecall": {"recall": 0.5}}


@pytest.mark.long
@pytest.mark.parametrize("name", SOME_LOSSES)
def test_a_loss(name: str) -> None:
    def build(rate: float) -> tuple[Any, Kwargs]:
        return dense({"optimizer": optimizers.Adam(rate), "loss": getattr(losses, name)()})

    assert_same(build, shared=True)


@pytest.mark.long
@pytest.mark.parametrize("name", SOME_METRICS)
def test_a_metric(name: str) -> None:
    def build(rate: float) -> tuple[Any, Kwargs]:
        metric = getattr(metrics, name)(**METRIC_ARGUMENTS.get(name, {}))
        return dense({"optimizer": optimizers.Adam(rate), "loss": "mse", "metrics": [metric]})

    targets = CLASSES.reshape(-1, 1)
    assert_same(lambda rate: (build(rate)[0], dense({}, targets)[1]), shared=True)
