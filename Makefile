# Everything runs in .venv, made from requirements.lock; nothing is installed outside the checkout but the models' files.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test smoke check parser eval baseline record lock bench faults load ray clean help

help: ## List the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(READY) ## Extract the example article on the embedded model: table here, page in claims.html.
	$(BIN)/extractor models pull
	$(BIN)/extractor extract examples/dispatch.txt
	$(BIN)/extractor extract examples/dispatch.txt --format html --out claims.html
	@echo "the page is claims.html"

test: check parser ## Lint, types, layers, and the tests with the network blocked.
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest --numprocesses auto --dist loadfile --record-mode=none
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report
	$(BIN)/python -m coverage report --include='$(PURE)' --fail-under=100

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

parser: $(READY)
	$(BIN)/extractor models pull parser

# The pure core; a branch of it that no test takes is an error.
comma := ,
empty :=
PURE_MODULES := claims documents per_document requests extraction explaining memo maker grounding segmentation prompts schemas trees normalise/* syntax/* profiles/* \
  sinks/csv client/answers client/events \
  $(addprefix service/,callers findings headers heads kinds negotiation rates shape signing sse) \
  $(addprefix service/jobs/,cursors idempotency places queue records turns) \
  $(addprefix evaluation/,samples scores similarity fields matching faults claim_scorer statistics summary comparing probes/*)
PURE := $(subst $(empty) $(empty),$(comma),$(PURE_MODULES:%=extractor/%.py))

smoke: $(READY) ## Really extract a short article on the embedded model.
	$(BIN)/extractor models pull
	$(BIN)/python -m pytest tests/live --live

record: $(READY) ## Record the cassettes anew from the embedded model.
	$(BIN)/extractor models pull
	rm -rf cassettes
	$(BIN)/python -m pytest tests/test_cassettes.py tests/test_eval_small.py --live --freeze --record-mode=once

baseline: parser ## Score the recorded answers of the small eval anew, after a change of gold or scorer; the difference is in the diff.
	$(BIN)/python -m pytest tests/test_eval_small.py --freeze --record-mode=none

eval: $(READY) ## Run the suites on the embedded model and print the table; DATA=FOLDER holds the public sets (evals/README.md).
	$(BIN)/extractor models pull
	$(BIN)/python -m evals all $(if $(DATA),--data $(DATA)) --out runs

bench: $(READY) ## Compare with the naive way on the same model, article and machine.
	$(BIN)/python benchmarks/naive.py examples/dispatch.txt

faults: $(READY) ## Inject faults into the batch command, in 15 to 25 minutes; some need root and cc.
	$(BIN)/python benchmarks/faults/run.py

load: $(READY) ## Prove the service: load, overload, identical requests, clients that leave, kills, fuzzing; 30 minutes, cc needed.
	$(BIN)/python benchmarks/service/all.py
	$(BIN)/python benchmarks/service/fuzz.py

ray: ## Test the cluster engine on a real Ray, in an environment of its own (617 MB, not locked).
	test -x .venv-ray/bin/python || $(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-ray/bin/python -m pip install --quiet --editable '.[archives,ray]' --group dev
	.venv-ray/bin/python -m pytest tests/test_ray.py --record-mode=none

lock: $(READY) ## Renew requirements.lock from pyproject.toml: hashes, no index addresses.
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-strip-extras --extra archives --extra eval --extra fast --extra inspect --extra local --extra mcp --extra otel --extra redis --extra service --group dev --output-file requirements.lock pyproject.toml

clean: ## Remove the environment and everything made.
	rm -rf .venv .venv-ray build dist *.egg-info claims.html

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	# pip before 23.3 takes two spellings of one extra (html_clean, html-clean) for two packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=24'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)
