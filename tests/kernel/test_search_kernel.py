"""Every search and pruner with real Keras rounds in a real kernel, as a notebook runs them."""

from pathlib import Path

import pytest

from tests.conftest import RunCells, texts

SETUP = """\
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale
x, y = load_iris(return_X_y=True)
x = scale(x).astype("float32")
params = {"units": [2, 8, 16], "lr": [0.1, 0.01, 0.001], "opt": ["adam", "sgd"]}
%load_ext talos_magic
"""
CELL = """\
%%talos_scan {options} --seed 3 --fresh
model = keras.Sequential([
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(3, activation="softmax"),
])
optimizer = keras.optimizers.get(params["opt"])
optimizer.learning_rate = params["lr"]
model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs={epochs})
"""
SHOW = "print([(str(r.status), r.epochs, r.epochs_saved, r.reason) for r in scan.rounds])"


@pytest.mark.long
def test_each_search_trains_what_it_chooses(run_cells: RunCells) -> None:
    searches = {
        "grid": "grid --search grid --rounds 3",
        "random": "random --search random --sample halton --rounds 3",
        "bayes": "bayes --search bayes --rounds 6",
        "evolution": "evolution --search evolution --rounds 9",
    }
    cells = [CELL.format(options=options, epochs=2) for options in searches.values()]
    shown = [part for cell in cells for part in (cell, SHOW)]
    notebook = run_cells(SETUP, *shown)
    told = dict(zip(searches, map(texts, notebook.cells[2::2]), strict=True))
    assert told["grid"] == told["random"] == f"{[('done', 2, 0, '')] * 3}\n"
    assert told["bayes"].count("('done', 2, 0, 'start, ") == 4
    assert told["bayes"].count("exploit: ") + told["bayes"].count("explore: ") == 2
    assert told["evolution"].count("start, ") == 8
    assert told["evolution"].count("generation 1: ") == 1


@pytest.mark.long
def test_pruning_ends_keras_rounds_early_and_says_what_it_saved(
    run_cells: RunCells, tmp_path: Path
) -> None:
    options = "-m val_loss --prune asha --keep all"
    again = CELL.format(options=f"{options} --patience 1 --target 0.0001", epochs=2)
    notebook = run_cells(SETUP, CELL.format(options=options, epochs=9), SHOW, again, SHOW)
    picture = notebook.cells[1].outputs[-1].data["text/html"]
    assert "pruned · " in picture
    assert "pruning saved " in picture
    rounds = eval(texts(notebook.cells[2]))  # a list that the test printed itself
    assert rounds[0][0] == "done"
    pruned = [
        (epochs, epochs_saved) for status, epochs, epochs_saved, _ in rounds if status == "pruned"
    ]
    assert len(pruned) > len(rounds) / 3
    assert all(epochs in (1, 3) and epochs + epochs_saved == 9 for epochs, epochs_saved in pruned)
    (folder, _) = sorted((tmp_path / "talos_scan").iterdir())
    assert len(list((folder / "models").iterdir())) == len(rounds) - len(pruned)
    stopped = notebook.cells[3].outputs[-1].data["text/html"]
    assert "no improvement over round" in stopped


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--search best", "UsageError: --search is 'best': give grid, random, bayes, evolution or"),
        ("--prune asah", "UsageError: --prune is 'asah': give median, asha, hyperband or none"),
        (
            "--sample sobel --rounds 2",
            "UsageError: --sample is 'sobel': give uniform_mersenne, sobol, ",
        ),
        ("-m a -m b -m c", "UsageError: -m a -m b -m c: give one metric, or two to weigh"),
        ("--search manual", "UsageError: --search manual needs a notebook page to click in"),
        ("--search bayes --where \"params['lr'] > 1\"", "UsageError: no combination meets the"),
    ],
)
def test_what_cannot_be_is_a_line_and_leaves_nothing(
    run_cells: RunCells, tmp_path: Path, options: str, told: str
) -> None:
    cell = f"%%talos_scan {options}\nreturn {{'loss': [params['lr']]}}, None"
    setup = "params = {'lr': [0.1, 0.2]}\n%load_ext talos_magic"
    notebook = run_cells(setup, cell, errors=True)
    assert told in texts(notebook.cells[1])
    assert "Traceback" not in texts(notebook.cells[1])
    assert not list(tmp_path.glob("talos_scan/*"))


@pytest.mark.long
def test_a_search_learns_from_an_earlier_experiment(run_cells: RunCells) -> None:
    notebook = run_cells(
        SETUP,
        CELL.format(options="narrow --rounds 5", epochs=2),
        CELL.format(options="wide --search bayes --from narrow --rounds 2", epochs=2),
        SHOW,
        CELL.format(options="wide --search bayes --from narow --rounds 2", epochs=2),
        CELL.format(options="wide --from narrow --rounds 2", epochs=2),
        errors=True,
    )
    picture = notebook.cells[2].outputs[-1].data["text/html"]
    assert "learns from 5 of the 5 rounds of narrow (" in picture
    assert "('done', 2, 0, 'start: the best of narrow'), ('done', 2, 0, 'ex" in texts(
        notebook.cells[3]
    )
    wrong = "UsageError: --from narow: no experiment is called so: choose from narrow"
    assert wrong in texts(notebook.cells[4])
    assert "UsageError: --from is for --search bayes or evolution" in texts(notebook.cells[5])


def test_a_cell_that_is_resumed_goes_on_as_it_was_begun(run_cells: RunCells) -> None:
    setup = "params = {'lr': (0.0, 1.0, 4), 'b': [1, 2]}\n%load_ext talos_magic"
    body = """
if __import__('os').path.exists('stop') and len(trained) == 4:
    raise KeyboardInterrupt
trained.append(params['b'])
return {'loss': [params['lr']]}, None"""
    begun = "%%talos_scan t --search bayes --continuous --rounds 7 --seed 3"
    notebook = run_cells(
        f"{setup}\ntrained = []\nopen('stop', 'w').close()",
        begun + body,
        "import os; os.remove('stop')",
        "%%talos_scan t --resume --dry-run" + body,
        "%%talos_scan t --resume" + body,
        "print(len(scan.rounds), len(trained))",
    )
    listed = texts(notebook.cells[3])
    assert listed.startswith("3 combinations of the grid and between its steps (4 lr x 2 b)")
    assert "... and 2 more, chosen by the results of the first" in listed
    assert texts(notebook.cells[5]) == "7 7\n"
