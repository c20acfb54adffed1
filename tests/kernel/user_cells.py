"""Cells of a scan as users write them, with what each needs of the notebook."""

from typing import NamedTuple


class UserCell(NamedTuple):
    """A scan's cell, the notebook's cell before it, and what a user knows of its model."""

    scan: str
    before: str
    options: str = ""
    epoch: str = "-1"  # of `history`, whose weights the model has
    predicted: str = "model.predict(scan.x_val, verbose=0)"
    to_fill_in: str = ""  # what the script has not


NOTEBOOK = """
%load_ext talos_magic
import keras, numpy as np, tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

def classifier(units, lr=0.01):
    model = keras.Sequential([
        keras.Input((64,)),
        layers.Dense(units, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    optimizer = keras.optimizers.Adam(lr)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
DATA = """
digits = load_digits()
x, y = (digits.data[:200] / 16).astype("float32"), digits.target[:200]
"""

EARLY_STOPPING = UserCell(
    before='params = {"lr": [0.05, 0.1]}',
    options="-m val_loss",
    scan="""\
model = classifier(16, params["lr"])
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=30, callbacks=[stop])
""",
    epoch='np.argmin(history.history["val_loss"])',
)
CHECKPOINT = UserCell(
    before='params = {"lr": [0.03, 0.5]}',
    scan="""\
model = classifier(16, params["lr"])
best = keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True)
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=5, callbacks=[best])
model = keras.models.load_model("best.keras")
""",
    epoch='np.argmax(history.history["val_accuracy"])',
)
PLATEAU = UserCell(
    before='params = {"factor": [0.1, 0.5]}',
    scan="""\
model = classifier(16, 0.1)
slower = keras.callbacks.ReduceLROnPlateau(
    monitor="val_loss", factor=params["factor"], patience=1, min_delta=1
)
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=3, callbacks=[slower])
return history, model
""",
)
NAN = UserCell(
    before='params = {"lr": [0.01, 1e30]}',
    scan="""\
def train(x_train, y_train, x_val, y_val, params):
    model = classifier(8, params["lr"])
    out = model.fit(
        x_train, y_train, validation_data=(x_val, y_val), epochs=2,
        callbacks=[keras.callbacks.TerminateOnNaN()],
    )
    return out, model
""",
)
CLASS_WEIGHT = UserCell(
    before="""\
from sklearn.utils.class_weight import compute_class_weight
rare = digits.target == 3
x, y = x[:200], rare[:200].astype(int)
params = {"units": [4, 8]}
""",
    scan="""\
labels = np.unique(y_train)
weights = compute_class_weight("balanced", classes=labels, y=y_train)
model = keras.Sequential([
    keras.Input((64,)),
    layers.Dense(params["units"], activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
history = model.fit(
    x_train, y_train, validation_data=(x_val, y_val), epochs=2,
    class_weight=dict(zip(labels, weights)),
)
""",
)
SAMPLE_WEIGHT = UserCell(
    before="""\
from sklearn.utils.class_weight import compute_sample_weight
params = {"units": [4, 8]}
""",
    scan="""\
model = classifier(params["units"])
model.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
history = model.fit(
    x_train, y_train,
    sample_weight=compute_sample_weight("balanced", y_train),
    validation_data=(x_val, y_val, compute_sample_weight("balanced", y_val)),
    epochs=2,
)
""",
)
MULTI_INPUT = UserCell(
    before="""\
x = [x[:, :32], x[:, 32:]]
params = {"units": [4, 8]}
""",
    scan="""\
upper, lower = keras.Input((32,)), keras.Input((32,))
both = layers.concatenate([layers.Dense(params["units"])(upper), layers.Dense(4)(lower)])
model = keras.Model([upper, lower], layers.Dense(10, activation="softmax")(both))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
""",
)
MULTI_OUTPUT = UserCell(
    before="""\
y = {"digit": digits.target[:200], "odd": digits.target[:200] % 2}
params = {"units": [8, 16]}
""",
    scan="""\
inputs = keras.Input((64,))
hidden = layers.Dense(params["units"], activation="relu")(inputs)
outputs = {
    "digit": layers.Dense(10, activation="softmax", name="digit")(hidden),
    "odd": layers.Dense(1, activation="sigmoid", name="odd")(hidden),
}
model = keras.Model(inputs, outputs)
model.compile(
    "adam",
    loss={"digit": "sparse_categorical_crossentropy", "odd": "binary_crossentropy"},
    loss_weights={"digit": 1.0, "odd": 0.5},
    metrics={"digit": ["accuracy"], "odd": ["accuracy"]},
)
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
""",
    predicted='model.predict(scan.x_val, verbose=0)["digit"]',
)
FIT_TWICE = UserCell(
    before='params = {"lr": [0.001, 0.01]}',
    scan="""\
base = keras.Sequential([keras.Input((64,)), layers.Dense(16, activation="relu")])
base.trainable = False
model = keras.Sequential([base, layers.Dropout(0.2), layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)

base.trainable = True
optimizer = keras.optimizers.Adam(params["lr"])
model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=3)
""",
)
GAN = UserCell(
    before="""\
class GAN(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator

    def compile(self, g_optimizer, d_optimizer, loss_fn):
        super().compile()
        self.g_optimizer, self.d_optimizer, self.loss_fn = g_optimizer, d_optimizer, loss_fn
        self.g_metric = keras.metrics.Mean(name="g_loss")
        self.d_metric = keras.metrics.Mean(name="d_loss")

    @property
    def metrics(self):
        return [self.g_metric, self.d_metric]

    def train_step(self, real):
        size = tf.shape(real)[0]
        fake = self.generator(tf.random.normal((size, 8)))
        labels = tf.concat([tf.ones((size, 1)), tf.zeros((size, 1))], 0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(tf.concat([fake, real], 0)))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))
        with tf.GradientTape() as tape:
            made = self.discriminator(self.generator(tf.random.normal((size, 8))))
            g_loss = self.loss_fn(tf.zeros((size, 1)), made)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights))
        self.g_metric.update_state(g_loss)
        self.d_metric.update_state(d_loss)
        return {"g_loss": self.g_metric.result(), "d_loss": self.d_metric.result()}

params = {"units": [4, 8]}
noise = np.random.default_rng(0).normal(size=(5, 8))
""",
    options="-m g_loss",
    scan="""\
generator = keras.Sequential([
    keras.Input((8,)), layers.Dense(params["units"]), layers.Dense(64, activation="sigmoid"),
])
discriminator = keras.Sequential([
    keras.Input((64,)), layers.Dense(8), layers.Dense(1, activation="sigmoid"),
])
model = GAN(generator, discriminator)
model.compile(
    g_optimizer=keras.optimizers.Adam(1e-3),
    d_optimizer=keras.optimizers.Adam(1e-3),
    loss_fn=keras.losses.BinaryCrossentropy(),
)
history = model.fit(x_train, epochs=2, batch_size=32)
""",
    predicted="model.generator.predict(noise, verbose=0)",
)
VECTORIZER = UserCell(
    before="""\
from sklearn.datasets import load_breast_cancer, load_diabetes
sentences, y = [], []
for label, load in enumerate([load_breast_cancer, load_diabetes]):
    for line in load().DESCR.splitlines():
        sentences.append(line)
        y.append(label)
x, y = np.array(sentences, dtype=object), np.array(y)
vectorizer = layers.TextVectorization(max_tokens=200, output_sequence_length=12)
vectorizer.adapt(x)
params = {"units": [4, 8]}
""",
    scan="""\
model = keras.Sequential([
    keras.Input((1,), dtype="string"),
    vectorizer,
    layers.Embedding(200, params["units"]),
    layers.GlobalAveragePooling1D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
""",
)
AUTOENCODER = UserCell(
    before='params = {"code": [2, 8]}',
    options="-x x -y x",
    scan="""\
inputs = keras.Input((64,))
code = layers.Dense(params["code"], activation="relu")(inputs)
model = keras.Model(inputs, layers.Dense(64, activation="sigmoid")(code))
model.compile(optimizer="adam", loss="mse")
history = model.fit(x_train, x_train, validation_data=(x_val, x_val), epochs=2, shuffle=True)
""",
)
UNET = UserCell(
    before="""\
x = (digits.images[:200, ..., None] / 16).astype("float32")
y = (x > 0.5).astype("float32")
params = {"filters": [2, 4]}
""",
    scan="""\
inputs = keras.Input((8, 8, 1))
down = layers.Conv2D(params["filters"], 3, padding="same", activation="relu")(inputs)
deep = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
up = layers.Conv2DTranspose(params["filters"], 2, strides=2)(deep)
joined = layers.Concatenate()([down, up])
model = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(joined))
model.compile("adam", "binary_crossentropy", metrics=[keras.metrics.BinaryIoU(name="iou")])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
""",
)
WINDOWS = UserCell(
    before="""\
def windows(series, steps):
    x = np.array([series[i : i + steps] for i in range(len(series) - steps)])
    return x[..., None], series[steps:]

series = np.sin(np.arange(220) / 9).astype("float32")
x_train, y_train = windows(series[:160], 10)
x_val, y_val = windows(series[160:], 10)
params = {"units": [2, 4]}
""",
    scan="""\
model = keras.Sequential([keras.Input((10, 1)), layers.LSTM(params["units"]), layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
""",
)
TF_DATA = UserCell(
    before='params = {"units": [8, 16]}',
    scan="""\
train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(200).batch(32)
val = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(32)
model = classifier(params["units"])
history = model.fit(
    train.prefetch(tf.data.AUTOTUNE), validation_data=val.prefetch(tf.data.AUTOTUNE), epochs=2
)
""",
)
TF_DATA_GIVEN = UserCell(
    before="""\
rows = tf.data.Dataset.from_tensor_slices((x, y))
train_ds = rows.take(140).batch(32).cache().prefetch(tf.data.AUTOTUNE)
val_ds = rows.skip(140).batch(32)
params = {"units": [8, 16]}
""",
    options="-x train_ds --x-val val_ds",
    scan="""\
model = classifier(params["units"])
history = model.fit(x_train, validation_data=x_val, epochs=2)
""",
    to_fill_in="x_train, x_val",
)
PYDATASET = UserCell(
    before="""\
class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size, **options):
        super().__init__(**options)
        self.x, self.y, self.size = x, y, size

    def __len__(self):
        return int(np.ceil(len(self.x) / self.size))

    def __getitem__(self, number):
        rows = slice(number * self.size, (number + 1) * self.size)
        return self.x[rows] + np.random.normal(0, 0.01, self.x[rows].shape), self.y[rows]

params = {"size": [16, 32]}
""",
    scan="""\
model = classifier(8)
history = model.fit(
    Batches(x_train, y_train, params["size"]),
    validation_data=Batches(x_val, y_val, 32),
    epochs=2,
)
""",
)

QUICK = {
    "early_stopping": EARLY_STOPPING,
    "fit_twice": FIT_TWICE,
    "tf_data": TF_DATA,
}
LONG = {
    "checkpoint": CHECKPOINT,
    "plateau": PLATEAU,
    "nan": NAN,
    "class_weight": CLASS_WEIGHT,
    "sample_weight": SAMPLE_WEIGHT,
    "multi_input": MULTI_INPUT,
    "multi_output": MULTI_OUTPUT,
    "gan": GAN,
    "vectorizer": VECTORIZER,
    "autoencoder": AUTOENCODER,
    "unet": UNET,
    "tf_data_given": TF_DATA_GIVEN,
    "pydataset": PYDATASET,
    "windows": WINDOWS,  # the last one, since it splits the data in the notebook
}
