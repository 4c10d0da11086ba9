# Needs python3 (3.11 or newer, with venv), git and make; everything else goes into .venv.
#
#   make run              the app on http://localhost:$(PORT) with the sample data
#   make test             every test that needs nothing outside this folder
#   make test-reference   tests against published and real data (PERENNIAL_REFERENCE_DATA, default ../shared/data)
#   make test-slow        many replicates, faults, fuzzed files, and walks over every page and book
#   make test-engines     the same counts in every database: starts PostgreSQL, Spark and ClickHouse
#   make bench            print how long things take
#   make golden           write the golden results and drawings again, to be read in the diff
#   make screenshots      take the pictures of docs/ from the running app
#   make sbom             the bill of materials of what is installed, CycloneDX, into build/sbom.json
#   make lock             compile pyproject.toml to exact pins with hashes
#   make clean            remove .venv and caches

PORT ?= 8501
VENV := .venv
PYTHON := $(VENV)/bin/python
# Two workers. Each begins with one half of the tests and takes over what the other has left: neighbours share fixtures.
PYTEST := $(PYTHON) -m pytest --durations=15 -n 2 --dist worksteal
PIP := $(PYTHON) -m pip --disable-pip-version-check install --quiet --require-hashes
RUN_READY := $(VENV)/.ready-to-run
TEST_READY := $(VENV)/.ready-to-test
ENGINES_READY := $(VENV)/.ready-for-engines

# Small matrices on many threads fight over the cores: one thread per process is faster and steadier.
export OPENBLAS_NUM_THREADS = 1

.PHONY: run test test-reference test-slow test-engines bench golden screenshots sbom lock clean
.DELETE_ON_ERROR:

# No look at the source: compiling it at the first visit is taken for a change, and says so on a shared screen.
run: $(RUN_READY)
	$(PYTHON) -m streamlit run app.py --server.port $(PORT) --server.showEmailPrompt false --server.fileWatcherType none

test: $(TEST_READY)
	$(PYTEST)

test-reference: $(TEST_READY)
	$(PYTEST) -m reference

# Fuzzed files for minutes: so many times as many as by themselves.
test-slow: export PERENNIAL_FUZZ_TIMES ?= 3
test-slow: $(TEST_READY)
	$(PYTEST) -m slow

test-engines: $(ENGINES_READY)
	$(PYTEST) -m engines

bench: $(RUN_READY)
	@set -e; for file in benchmarks/[a-z]*.py; do \
	    echo "== $$file"; $(PYTHON) -m benchmarks.$$(basename $$file .py); done

golden: $(RUN_READY)
	$(PYTHON) -m sample_data.generate
	$(PYTHON) -m sample_data.golden
	$(PYTHON) -m scripts.draw_charts

screenshots: $(TEST_READY)
	$(PYTHON) -m scripts.screenshots

sbom: $(TEST_READY)
	@mkdir -p build
	$(VENV)/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --sv 1.6 \
	    --output-reproducible -o build/sbom.json

lock: $(PYTHON)
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url pyproject.toml -o requirements.txt
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --extra test -c requirements.txt pyproject.toml -o requirements-test.txt
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --extra test --extra engines -c requirements-test.txt pyproject.toml -o requirements-engines.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON):
	bash scripts/new_venv.sh $(VENV)

$(RUN_READY): requirements.txt | $(PYTHON)
	$(PIP) -r requirements.txt
	@touch $@

$(TEST_READY): requirements.txt requirements-test.txt scripts/chromium.sh | $(PYTHON)
	$(PIP) -r requirements-test.txt
	bash scripts/chromium.sh $(PYTHON)
	@touch $@

$(ENGINES_READY): requirements-engines.txt scripts/engines.sh | $(TEST_READY)
	$(PIP) -r requirements-engines.txt
	bash scripts/engines.sh
	@touch $@
