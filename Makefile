# docs/running.md shows how to do the same by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export MLFLOW_DISABLE_TELEMETRY := true
# Without this, mkdocs-material announces its successor at every build: docs/decisions/0076.
export NO_MKDOCS_2_WARNING := 1

.PHONY: run test test-all ui docs clean lint unit

run: $(VENV)/installed
	@ganaug run $(if $(JOBS),--jobs $(JOBS))

test: lint unit

# `make test` with each Python of pyproject.toml, each in its own environment of 6 GB: before a release.
PYTHONS := python3.11 python3.12 python3.13
test-all:
	for python in $(PYTHONS); do $(MAKE) test PYTHON=$$python VENV=.venv-$$python || exit 1; done

lint: $(VENV)/installed
	ruff check .
	ruff format --check .
	mypy
	lint-imports

# One worker per core. Tests of a file stay together: they share fixtures, and some build on each other. Slow files first.
unit: $(VENV)/installed
	pytest -n logical --dist loadfile --no-loadscope-reorder

ui: $(VENV)/installed
	ganaug ui

# The documentation as a site, in site/index.html. `.venv/bin/mkdocs serve` shows it while you write.
docs: $(VENV)/installed
	mkdocs build --strict

# Reinstalls when the dependencies change. Without git, DVC needs core.no_scm.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "Installing into $(VENV): a few minutes the first time"
	$(PYTHON) -m venv $(VENV)
	pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@git rev-parse --show-toplevel >/dev/null 2>&1 || dvc config --local core.no_scm true
	@touch $@

# Deletes all results; raw data, DVC's cache and MLflow's runs stay.
clean:
	rm -rf code data/prepared data/synthetic data/checked.txt data/checked_data.txt models results checkpoints dvc.lock pipeline/dvc.lock
