# Two commands on a machine with Python 3.11 or newer and make:
#
#   make demo    map the sample files that come with the project
#   make test    the same, then every test
#
# Both make .venv first. PYTHON=python3.12 chooses an interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint clean

help:
	@echo "make demo   map the sample files that come with the project"
	@echo "make test   make demo, then every test"
	@echo "make lint   ruff and mypy --strict"
	@echo "make clean  remove .venv and everything the commands above wrote"

demo: $(VENV)/.installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(VENV)/.installed-dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .witness demo-out out etl-report build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " \
	    + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

# --constraint does not reach the environment that pip builds in; PIP_CONSTRAINT does, so setuptools is pinned as well.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet --constraint constraints.txt --editable ".[simulator]"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@ $(VENV)/.installed
