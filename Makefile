# Two commands on a machine with Python 3.11 or newer and make:
#
#   make demo    map the sample files that come with the project
#   make test    the same, then the tests of every day
#
# Both make .venv first. PYTHON=python3.12 chooses an interpreter. Times are those of two quiet cores.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
TEST_MINUTES := 25
SLOW_MINUTES := 4
SAY_INSTALLING := echo "== first, installing what is needed into $(VENV): about a minute, once"

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-all lint pages pictures site clean

help:
	@echo "make demo       map the sample files that come with the project (10 seconds, and once a minute to install)"
	@echo "make test       make demo, then the tests of every day ($(TEST_MINUTES) minutes on two quiet cores)"
	@echo "make test-slow  the slow tests only: short campaigns, a wheel in an empty environment ($(SLOW_MINUTES) minutes)"
	@echo "make test-all   make test, then make test-slow"
	@echo "make lint       ruff and mypy --strict (1 minute)"
	@echo "make pages      write the pages of docs/ that are made from the program (a minute)"
	@echo "make pictures   take the pictures of docs/ anew, in a headless Chromium (30 seconds)"
	@echo "make site       the documentation as a site; what it warns of is an error (20 seconds)"
	@echo "make clean      remove .venv, demo-out and the caches that the commands above made, and nothing else"

demo: $(VENV)/.installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(VENV)/.installed-dev
	@echo "== the demo (10 seconds), then the tests of every day: about $(TEST_MINUTES) minutes on two quiet cores"
	@echo "   (make test-all runs also the slow ones: short campaigns, a wheel in an empty environment)"
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh
	@echo
	@echo "== the tests of every day"
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/.installed-dev
	@echo "== the slow tests: about $(SLOW_MINUTES) minutes on two quiet cores; whole campaigns stand in benchmarks/"
	$(PYTEST) -m slow

test-all: test test-slow

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

pages: $(VENV)/.installed-dev
	$(BIN)/etl list connectors --markdown > docs/connectors.md
	$(BIN)/etl list filters --markdown > docs/filters.md
	$(BIN)/etl list codes --markdown > docs/codes.md
	$(BIN)/etl explain --markdown > docs/problems.md
	$(BIN)/python -c 'from connectors.order_line_page import page; print(page(), end="")' > docs/order-line.md
	$(BIN)/python tests/kinds/sweep.py > docs/kinds.md
	$(BIN)/python tests/properties/order_values.py > docs/order-values.md

pictures: $(VENV)/.installed-dev
	$(BIN)/python docs/images/make.py

site: $(VENV)/.installed-dev
	$(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site

# Not etl-report, out, build, dist: whoever runs etl here keeps orders that wait in them.
clean:
	rm -rf $(VENV) demo-out alma_orderdesk.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " \
	    + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

# --constraint does not reach the environment that pip builds in; PIP_CONSTRAINT does, so setuptools is pinned as well.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@$(SAY_INSTALLING)
	@PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet --constraint constraints.txt --editable ".[simulator]"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@$(SAY_INSTALLING)
	@PIP_CONSTRAINT=constraints.txt $(PIP) install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@ $(VENV)/.installed
