# Everything there is to do with the project; `make` lists it.

PYTHON ?= python3
DATA ?= data
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check faults fmt lint types bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## set up and serve a demo business on http://127.0.0.1:8080
	@$(BIN)/smoothbox --data-dir $(DATA) demo

test: .venv/dev.stamp ## run the whole test suite, in two processes, then what needs a browser
	@$(BIN)/pytest -n 2 --dist worksteal --ignore=tests/browser
	@$(BIN)/pytest tests/browser

faults: .venv/dev.stamp ## crashes, power cuts, broken disks and attacks at length; the suite has a short form of each
	@FAULTS=full $(BIN)/pytest --timeout 3600 tests/faults

check: lint types test ## all quality gates: lint, types, tests

lint: .venv/dev.stamp ## ruff: rules and format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: .venv/dev.stamp ## mypy, strict
	@$(BIN)/mypy

fmt: .venv/dev.stamp ## put the code in its format
	@$(BIN)/ruff check --fix --select I
	@$(BIN)/ruff format

bench: .venv/dev.stamp ## benchmarks, as ratios to bare Tornado in the same run
	@$(BIN)/python -m tests.bench

clean: ## remove what make made; the data folder stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("smoothbox needs Python 3.11 or newer; say which: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml | .venv/bin/pip
	@echo "Installing smoothbox into .venv …" >&2
	@$(PIP) install --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/pip
	@echo "Installing smoothbox and its tools into .venv …" >&2
	@$(PIP) install --editable '.[dev]'
	@touch $@ .venv/run.stamp
