# What a person or CI runs. Everything sets itself up: Python 3.11+ and make are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo story run doctor test check format lint types contracts soak lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make the virtual environment with the locked dependencies

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: $(READY) ## Try the bot in the browser, in a make-believe Slack
	$(BIN)/python -m sandbox demo

story: $(READY) ## Play the whole conversation and print it; fails if anything in it is wrong
	$(BIN)/python -m sandbox story

run: $(READY) ## Run the bot with the settings in .env
	$(BIN)/python -m bot run

doctor: $(READY) ## Say what works and what does not
	$(BIN)/python -m bot doctor

# Many more of them than processors: most tests wait, for a bot to start or a time to come.
WORKERS := 9

test: $(READY) ## Run every test
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

soak: $(READY) ## Kill the bot and PostgreSQL at random, again and again, and more (hours; SOAK_ROUNDS=2)
	$(BIN)/pytest tests/soak tests/faults -m soak -n 2 -p no:cacheprovider

check: format lint types contracts test ## What CI runs

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

lock: ## Resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 pyproject.toml \
		--extra dev -o requirements.lock --no-emit-index-url --quiet

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
