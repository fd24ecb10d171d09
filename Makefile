# `make run` starts the whole product, `make test` proves it. Both set up what they need on a bare machine.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev train run test check unit e2e conversations kill lock clean

# Switched off here and not in code (docs/operations.md): chatter, telemetry, and deprecations of our dependencies.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport PYTHONHOME
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 2
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONWARNINGS := ignore::DeprecationWarning,ignore::UserWarning:pkg_resources
export PYTHON310

PYTHON := .venv/bin/python
WORKERS ?= 2
ARGS ?=

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | awk '{n=$$1; $$1=""; printf "  make %-14s%s\n", n, $$0}'

setup: ## Build .venv from requirements.lock
	@.ci/setup

setup-dev: ## Build .venv from requirements-dev.lock, with the tools of the tests
	@.ci/setup dev

train: setup ## Train the models anew (run and test do it by themselves when something has changed)
	@$(PYTHON) -m bot.train --force

run: setup ## Start everything on this machine; Ctrl-C stops it (options: ARGS="--port 5006")
	@exec .venv/bin/heyue run $(ARGS)

test: setup-dev ## Everything that must hold before a change lands
	@$(PYTHON) -m bot.train
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory conversations
	$(PYTHON) -m pytest tests/unit -q -n $(WORKERS)
	$(PYTHON) -m pytest tests --ignore=tests/unit -q

check: setup-dev ## Lint, types, import rules, security lint, packages that fit together
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/bandit -q -c pyproject.toml -r heyue bot actions coach_ui
	.venv/bin/uv pip check -q --python $(PYTHON)

unit: setup-dev ## Unit tests
	$(PYTHON) -m pytest tests/unit -q -n $(WORKERS) $(ARGS)

e2e: setup-dev ## Tests over the real servers
	@$(PYTHON) -m bot.train
	$(PYTHON) -m pytest tests --ignore=tests/unit -q $(ARGS)

kill: setup-dev ## Kill servers and workers 50 times each in the middle of their work: nothing may be lost or doubled
	@$(PYTHON) -m bot.train
	HEYUE_KILLS=50 $(PYTHON) -m pytest tests/e2e/test_kill.py tests/e2e/test_kill_worker.py -q -s

conversations: setup-dev ## Conversation tests (Rasa's own, over tests/conversations)
	@$(PYTHON) -m bot.train
	$(PYTHON) -m tests.conversation_tests

lock: setup-dev ## Resolve pyproject.toml anew into the two lock files
	.venv/bin/uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile -q --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built (environment, models, caches); your data folder stays
	rm -rf .venv bot/models heyue/*/models build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
