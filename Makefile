PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench bench-peer attacks load faults serve schema docs build clean

help: ## Show these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Answer the four questions on the sample bank, then serve (ONCE=1: answer and leave)
	@$(BIN)/goldenthread demo $(if $(ONCE),--once)

test: $(READY) ## Run the whole suite on a real Neo4j
	$(BIN)/python -m pytest

lint: $(READY) ## Check style, the import arrows and duplicated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/pylint api graph loaders queries

types: $(READY) ## Check the types
	$(BIN)/mypy

bench: $(READY) ## Measure loading, reading, questions over HTTP and more, as ratios (SIZE="small large")
	$(BIN)/python -m bench $(if $(SIZE),--size $(SIZE))

bench-peer: $(READY) ## Measure six questions beside @neo4j/graphql; needs npm and wrk (SIZE="small large")
	$(BIN)/python -m bench peer $(if $(SIZE),--size $(SIZE))

attacks: $(READY) ## Send all attacks, 50,000 changed bodies and 20,000 documents to a server: times, memory
	$(BIN)/python -m tests.faults.attacks
	$(BIN)/python -m tests.faults.overload
	$(BIN)/python -m tests.faults.distinct

load: $(READY) ## Ask as 60 users of five roles for 10 minutes: times, errors, memory (SECONDS=120)
	$(BIN)/python -m tests.faults.load $(if $(SECONDS),--seconds $(SECONDS))

faults: $(READY) ## Kill, end and freeze the service and a private Neo4j under writers (a long run)
	$(BIN)/python -m tests.faults.killing --kills 200 --terms 20 --freezes 20 --neo4j 20 --neo4j-freezes 20

serve: $(READY) ## Serve the API on 127.0.0.1:8000
	@$(BIN)/goldenthread serve

schema: $(READY) ## Write api/schema.graphql anew from the declarations
	$(BIN)/goldenthread schema > api/.schema.graphql && mv api/.schema.graphql api/schema.graphql

docs: $(READY) ## Write docs/dictionary.md anew from the declarations
	$(BIN)/goldenthread schema --dictionary > docs/.dictionary.md && mv docs/.dictionary.md docs/dictionary.md

build: $(READY) ## Build the sdist and the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build

clean: ## Remove what the other verbs made (never your data)
	rm -rf .venv dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Goldenthread needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "Installing into .venv, once: a minute or two"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[local,fast,auth,dev]'
	@touch $@
