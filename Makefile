# Plain `make` explains the targets. All that set-up writes stays in this folder: .venv and gen.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
PROTOS := $(shell find protos -type d -o -name '*.proto')

# Starting a process takes three times as long where Python may not keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

# Whatever environment is activated outside, ours is the one to install into.
export VIRTUAL_ENV := $(CURDIR)/.venv
# Cache and clone may lie on two file systems, and a home may be missing or not ours to write in.
export UV_LINK_MODE := copy
# An organisation's own certificate authority is known to the system, not to uv.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif
ifneq ($(shell test -d "$$HOME" -a -w "$$HOME" && echo writable),writable)
export UV_NO_CACHE := 1
endif

help:
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

##@ Use it
run: setup ## Start everything on this machine. PORT=8080 HOME_DIR=.plein ARGS=…
	@$(BIN)/plein up $(if $(PORT),--port $(PORT)) $(if $(HOME_DIR),--home $(HOME_DIR)) $(ARGS)

##@ Work on it
setup: .venv/installed gen/sources.sha256 ## Install Python packages into .venv and generate code into gen; again only when needed
	@:

generate: gen/sources.sha256 ## Generate code, the descriptor set and OpenAPI from protos/; again only when needed
	@:

test: setup ## Run every test but the benchmarks, two at a time. ARGS=tests/identity runs some, ARGS=-n0 one at a time
	@$(BIN)/pytest --numprocesses=2 $(ARGS)

canary: setup ## Ask everything that can be asked as a dozen kinds of people, and see that nobody is told too much; minutes
	@$(BIN)/pytest tests/canary --timeout=900 -s $(ARGS)

chaos: setup ## Kill, freeze, slow down and fill processes of a running stack while people use it; minutes
	@$(BIN)/pytest tests/chaos --timeout=300 -s $(ARGS)

browser: setup .venv/browser ## Show hostile texts in a real Chromium, which has to be there (apt-get install chromium)
	@$(BIN)/pytest tests/browser --timeout=300 $(ARGS)

bench: setup ## How fast it is, as ratios in one run; prints a table and writes bench.json
	@$(BIN)/python -m tests.bench

CHECKS := check-style check-types check-imports check-protos check-edge check-shape
check: setup ## Style, types, import directions, protos and shape, side by side
	@$(MAKE) --jobs=3 --keep-going $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(CHECKS)

clean: ## Remove what set-up and the checks wrote; the state in .plein stays
	rm -rf .venv gen .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -r {} +

##@ Change what it stands on
lock: .venv/uv ## Choose the newest versions of all dependencies and write them down with their hashes
	@echo "uv" | $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --output-file deploy/build/installer.lock -
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --all-extras --no-header --output-file requirements.lock pyproject.toml
	@echo "playwright" | $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --no-header --no-annotate --constraints requirements.lock --output-file tests/browser/requirements.lock -

release-protos: gen/sources.sha256 ## Declare today's protos released: from now on `make check` refuses what would break them
	@$(BIN)/buf build gen/api.binpb --path plein --exclude-source-info --output protos/released.binpb

check-style:
	@echo "Style"
	@$(BIN)/ruff check --quiet --output-format=concise
	@$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --check; echo "Mend it with: $(BIN)/ruff format"; exit 1; }

check-types:
	@echo "Types"
	@$(BIN)/mypy --no-error-summary

check-imports:
	@echo "Import directions"
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report"; exit 1; }

check-protos:
	@echo "Protos"
	@$(BIN)/buf lint gen/api.binpb --config protos/buf.yaml --path plein
	@$(BIN)/buf breaking gen/api.binpb --config protos/buf.yaml --path plein --against protos/released.binpb

check-edge:
	@echo "Envoy's configuration"
	@$(BIN)/python -m gateway.edge --validate

check-shape:
	@$(BIN)/pytest --quiet --tb=short tests/shape

.venv/uv: deploy/build/installer.lock
	@deploy/build/venv
	@touch $@

.venv/locked: .venv/uv requirements.lock
	@echo "Installing packages from requirements.lock; the first time takes a minute or so"
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.lock deploy/build/installer.lock
	@rm -f .venv/installed
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@echo "Installing Plein itself, editable"
	@$(BIN)/uv pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.venv/browser: .venv/installed tests/browser/requirements.lock
	@echo "Installing what drives a browser"
	@$(BIN)/uv pip install --quiet --require-hashes --requirements tests/browser/requirements.lock
	@touch $@

gen/sources.sha256: .venv/locked $(PROTOS) $(wildcard deploy/build/*.py)
	@$(BIN)/python -m deploy.build.generate
	@touch $@

.PHONY: help run setup generate test browser canary chaos bench check clean lock release-protos $(CHECKS)
