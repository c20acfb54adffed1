# Everything runs in a virtual environment of its own, created on first use.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEMO = out/demo

.PHONY: demo lab examples pictures test test-code test-scans test-pages test-long faults soak colab torch jax check docs dist bench bench-quick clean

demo: $(VENV)/demo
	$(BIN)/python examples/demo.py $(DEMO)

lab: $(VENV)/demo
	$(BIN)/jupyter lab examples/quickstart.ipynb

# Runs the notebooks of examples/ and saves them with their outputs; one of them needs torch, too.
examples: $(VENV)/test
	$(BIN)/python examples/save.py

# The pictures of README and docs, as the browser tests see the pages.
SEEN = tests/browser/artifacts

pictures: $(VENV)/test
	$(BIN)/python -m pytest -q -m "not soak" tests/browser/test_quickstart.py tests/browser/test_pictures.py
	cp $(SEEN)/quickstart-live.png docs/live.png
	cp $(SEEN)/live.gif $(SEEN)/grid.png docs

test: $(VENV)/test
	$(MAKE) --jobs 3 test-code test-scans test-pages

# Three parts at once: pages and kernels mostly wait, so that two cores are enough.
PAGES = tests/browser
SCANS = tests/backends tests/examples tests/faults tests/kernel tests/test_colab_install.py

test-code: $(VENV)/test
	$(BIN)/python -m pytest -q --durations 10 $(addprefix --ignore ,$(PAGES) $(SCANS))

test-scans: $(VENV)/test
	$(BIN)/python -m pytest -q --durations 10 $(SCANS)

test-pages: $(VENV)/test
	$(BIN)/python -m pytest -q --durations 10 $(PAGES)

# Kernels are killed and interrupted at 50 random moments; make test does so at a few.
faults: $(VENV)/test
	$(BIN)/python -m pytest -q -m long tests/faults

# A kernel scans for two hours.
soak: $(VENV)/test
	$(BIN)/python -m pytest -q -s -m soak tests/faults

# The slowest tests; those of make test that are repeated in Notebook 7 and other ipykernels; Keras on
# torch and JAX; MLflow, W&B and Trackio.
test-long: $(VENV)/test
	$(BIN)/python -m pytest -q -m long --ignore tests/faults

# The stand-in for Google Colab, which the browser tests would create on first use.
colab: $(VENV)/test
	$(BIN)/python -m tests.browser.colab

# Keras with another backend, and no TensorFlow; tests would create these on first use.
torch jax: $(VENV)/test
	$(BIN)/python -m tests.backends.environments $@

check: $(VENV)/check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --doctest-modules talos_magic -q

# The pages of docs as a site, in out/docs.
docs: $(VENV)/test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

# The source distribution and the wheel, which is built from it.
dist: $(VENV)/check
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist
	$(BIN)/twine check --strict dist/*

bench: $(VENV)/bench
	$(BIN)/python -m benchmarks

# Only sees that every benchmark runs.
bench-quick: $(VENV)/bench
	$(BIN)/python -m benchmarks --quick

clean:
	rm -rf $(VENV) .venv.colab .venv.ipykernel .venv.jax .venv.search .venv.torch .venv.trackers out .pytest_cache .mypy_cache .ruff_cache

# One mark per set of packages; each is installed again when pyproject.toml changes.
$(VENV)/%: pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[$*]"
	touch $@
