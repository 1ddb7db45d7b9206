# `make` alone lists the targets. PYTHON=python3.12 chooses the interpreter of .venv, ARGS="..." adds to what is run.

.DEFAULT_GOAL := help
BIN := .venv/bin

# Make has a default for neither; exported, so that scripts/install sees a choice only where one was made.
PYTHON ?=
export PYTHON

# Compiled modules are kept, or each of the hundreds of processes that the tests start would compile them all again.
unexport PYTHONDONTWRITEBYTECODE

# A .venv of another Python than the one asked for is out of date: forget its stamps, so that it is rebuilt.
ifneq ($(PYTHON),)
    ifneq ($(shell $(PYTHON) -V),$(shell test -x $(BIN)/python && $(BIN)/python -V))
        $(shell rm -f .venv/.installed-*)
    endif
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: .venv/.installed-runtime ## create .venv with sheetplan and what it needs, from the lock file

.PHONY: demo
demo: setup ## solve the example workbook and show the results
	@$(BIN)/sheetplan demo $(ARGS)

.PHONY: test
test: .venv/.installed-test test-deps ## set up with the test dependencies and run the whole test suite
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

.PHONY: test-deps
test-deps: ## install what the tests need beyond Python, where apt-get and npm may be used
	@scripts/install-test-deps

.PHONY: lint
lint: .venv/.installed-test ## check style, formatting, types, who imports whom, and generated documentation
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m scripts.documentation --check

.PHONY: format
format: .venv/.installed-test ## format the code and fix what can be fixed
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format .

.PHONY: docs
docs: .venv/.installed-test ## write the tables of the documentation that come from the code
	@$(BIN)/python -m scripts.documentation --write

.PHONY: bench
bench: .venv/.installed-bench ## measure how long solving and whole commands take
	@$(BIN)/python -m pytest benchmarks -q --benchmark-enable --benchmark-columns min,median,max,rounds --benchmark-sort name $(ARGS)

.PHONY: campaign
campaign: .venv/.installed-test ## a long series of random sheets, attacks or faults: NAME=habits, xml, studies ..., see tests/campaigns
	@$(BIN)/python -m tests.campaigns.$(NAME) $(ARGS)

.PHONY: pictures
pictures: .venv/.installed-test test-deps ## redraw the pictures of docs/images, with LibreOffice
	@$(BIN)/python -m scripts.pictures

.PHONY: picture-sizes
picture-sizes: .venv/.installed-test test-deps ## draw Results of many sizes into build/pictures, to look at
	@$(BIN)/python -m scripts.picture_sizes

.PHONY: lock
lock: ## rewrite the lock files from pyproject.toml (ARGS=--upgrade for the newest versions)
	@scripts/lock $(ARGS)

.PHONY: clean
clean: ## remove .venv and everything else that was generated
	@rm -rf .venv build dist demo tests/sheets_sync/apps_script/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-runtime: requirements.lock pyproject.toml scripts/install
	@scripts/install runtime

.venv/.installed-test: requirements-test.lock pyproject.toml scripts/install
	@scripts/install test

.venv/.installed-bench: requirements-bench.lock pyproject.toml scripts/install
	@scripts/install bench
