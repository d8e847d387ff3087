# Everything sets itself up: a fresh machine needs Python 3.11 or newer, make and git.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv

.PHONY: demo test check screenshots bench clean

# The base install: what a user gets, compiled as pip would.
.venv/base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e .
	touch $@

# What the tests and checks need on top.
.venv/test: .venv/base
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[test]'
	touch $@

demo: .venv/base
	$(BIN)/queuedeck --demo

test: .venv/test
	$(BIN)/python -m pytest

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: .venv/test
	$(BIN)/python -m tests.bench

screenshots: .venv/test
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf .venv .venvs
