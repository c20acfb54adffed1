# Everything runs in a virtual environment of its own, made on first use.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEMO = out/demo

.PHONY: demo lab test test-code test-scans test-pages test-long faults colab check bench clean

demo: $(VENV)/demo
	$(BIN)/python examples/demo.py $(DEMO)

lab: $(VENV)/demo
	$(BIN)/jupyter lab examples/quickstart.ipynb

test: $(VENV)/test
	$(MAKE) --jobs 3 test-code test-scans test-pages

# Three parts: pages and kernels mostly wait, so all three share two cores well.
PAGES = tests/browser
SCANS = tests/examples tests/faults tests/kernel tests/test_colab_install.py

test-code: $(VENV)/test
	$(BIN)/python -m pytest -q $(addprefix --ignore ,$(PAGES) $(SCANS))

test-scans: $(VENV)/test
	$(BIN)/python -m pytest -q $(SCANS)

test-pages: $(VENV)/test
	$(BIN)/python -m pytest -q $(PAGES)

# Kernels are killed and interrupted at 50 random moments each; make test does so a few times.
faults: $(VENV)/test
	$(BIN)/python -m pytest -q -m long tests/faults

# What make test does elsewhere, in Notebook 7 and ipykernel 7.0.1.
test-long: $(VENV)/test
	$(BIN)/python -m pytest -q -m long --ignore tests/faults

# The stand-in for Google Colab, which the browser tests would make on first use.
colab: $(VENV)/test
	$(BIN)/python -m tests.browser.colab

check: $(VENV)/check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --doctest-modules talos_magic -q

bench: $(VENV)/bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .venv.colab .venv.ipykernel out .pytest_cache .mypy_cache .ruff_cache

# One mark a set of packages; each is installed again when pyproject.toml changes.
$(VENV)/%: pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[$*]"
	touch $@
