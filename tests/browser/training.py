"""Cells of a real training, on scikit-learn's digits, that browser tests run in any front end."""

SETUP = """\
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
%load_ext talos_magic
import keras
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
params = {"units": [8, 32], "optimizer": [keras.optimizers.Adam, keras.optimizers.SGD]}
"""
# Epochs are an expression of params.
SCAN = """\
%%talos_scan digits --seed 1 --order sequential
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(params["optimizer"](0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=EPOCHS, batch_size=32)
"""


# A loop that is quick to start, for what a front end does whatever trains.
LOOP_SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
params = {"units": [8, 32], "optimizer": ["Adam", "SGD"]}
"""
LOOP = """\
%%talos_scan loop --order sequential
losses = []
for epoch in range(5000):
    time.sleep(0.05)
    losses.append(params["units"] / (epoch + 1))
    report(epoch, loss=losses[-1])
return {"loss": losses}, params["optimizer"] and None
"""


def scan(epochs: str) -> str:
    """The scan's cell, with an expression for the number of epochs."""
    return SCAN.replace("EPOCHS", epochs)
