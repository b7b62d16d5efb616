# `make demo` and `make test` do all set-up by themselves: a virtual environment in .venv, with the pinned versions.
# Needs Python 3.11 or newer with venv, and a package index. PYTHON=python3.12 chooses another Python, CORES=2 fewer cores.

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
# The name of a stamp holds a checksum of what was asked for, so that a changed pin is installed and nothing else is.
RUNTIME := .venv/.runtime-$(shell cat requirements.txt requirements.lock.txt | cksum | tr ' ' '-')
TOOLS := .venv/.tools-$(shell cat requirements.txt requirements-test.txt requirements.lock.txt | cksum | tr ' ' '-')
FORMAT_RULES := $(BIN)/snakefmt --line-length 120 Snakefile workflow/rules
# One process a core and one more, since tests of a cluster wait for the most part; each test file whole to one of them; more
# than eight would wait for the longest file.
SHARED_OUT = --numprocesses $$($(BIN)/python -c 'import os; print(min(8, 1 + (os.cpu_count() or 1)))') --dist loadscope \
	--no-loadscope-reorder

.PHONY: help demo test test-fast lint audit bench docs containers lock clean

help:
	@echo "make demo       run the lac promoter example from FASTQ to report (CORES=2 for fewer cores)"
	@echo "make test       check style and types, then run all tests"
	@echo "make test-fast  run the tests that take seconds"
	@echo "make lint       check style and types only"
	@echo "make audit      ask for known vulnerabilities of the pinned packages (needs the internet)"
	@echo "make bench      show the measurements in benchmarks/"
	@echo "make docs       write the generated pages: docs/data-model.md and config/README.md"
	@echo "make containers write containers/, recipes of an image that holds every environment of envs/"
	@echo "make lock       write requirements.lock.txt: the versions of everything that the pinned packages bring along"
	@echo "make clean      remove results, logs and caches (not .venv)"

# On a clean folder the second run of the lac promoter comes a week later: then only its reads are read, and merged.
demo: $(RUNTIME)
	@test -e results/runs || { mkdir -p build && grep -v '^lac_run2' config/runs.tsv > build/first_week.tsv && \
	  echo "The first week: counts without the second run of the lac promoter" && \
	  $(BIN)/snakemake --cores $(CORES) --config runs=build/first_week.tsv -- counts && \
	  echo "The second week: one row more in config/runs.tsv, whose reads alone are read; then all the rest"; }
	@$(BIN)/snakemake --cores $(CORES)
	@PYTHONPATH=scripts $(BIN)/python -m kcalseq.report results

test: lint
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SHARED_OUT)

test-fast: $(TOOLS)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SHARED_OUT) -m "not slow"

lint: $(TOOLS)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "make lint: '$(BIN)/ruff format' mends the layout of the files above"; exit 1; }
	@$(BIN)/mypy
	@$(FORMAT_RULES) --check 2> /dev/null || { echo "make lint: '$(FORMAT_RULES)' mends the layout of the rules"; exit 1; }
	@$(BIN)/snakemake --lint

# Out of reach of its data it says so and lets the rest go on.
audit: $(TOOLS)
	@told=$$($(BIN)/python -m pip_audit --disable-pip --no-deps --progress-spinner off --timeout 10 -r requirements.txt 2>&1); \
	ended=$$?; unknown=$$(echo "$$told" | grep -c "could not be audited"); \
	if [ $$ended -eq 0 ] && [ $$unknown -eq 0 ]; then echo "make audit: no known vulnerability in the packages of requirements.txt"; \
	elif [ $$ended -eq 0 ]; then echo "make audit: the index in reach says nothing of vulnerabilities of $$unknown packages"; \
	elif echo "$$told" | grep -q -e ConnectionError -e Timeout -e "Max retries" -e ServiceError; \
	then echo "make audit: the lists of known vulnerabilities are out of reach; nothing was checked"; \
	else echo "$$told"; exit 1; fi

bench:
	@found=$$(find benchmarks -name '*.md' -o -name '*.tsv' 2>/dev/null | sort); \
	if [ -z "$$found" ]; then echo "benchmarks/ holds no measurements yet"; fi; \
	for file in $$found; do echo "== $$file"; cat "$$file"; done

docs: $(RUNTIME)
	@PYTHONPATH=scripts $(BIN)/python docs/generate

# Snakemake only asks a conda what it is, which the stand-in of the tests answers.
containers: $(TOOLS)
	@export PATH="$(CURDIR)/tests/workflow/conda/bin:$$PATH" CONDA_STAND_IN_PYTHON="$(CURDIR)/$(BIN)/python"; \
	mkdir -p containers; \
	$(BIN)/snakemake --containerize dockerfile 2> /dev/null > containers/Dockerfile && \
	$(BIN)/snakemake --containerize apptainer 2> /dev/null > containers/kcalseq.def

lock: $(TOOLS)
	@mkdir -p build
	@$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report build/resolved.json \
	  -r requirements.txt -r requirements-test.txt
	@$(BIN)/python envs/lock.py build/resolved.json > requirements.lock.txt

clean:
	rm -rf results logs .snakemake .pytest_cache .mypy_cache .ruff_cache .hypothesis build

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "kcalseq needs Python 3.11 or newer, and there is no '$(PYTHON)'. On Debian or Ubuntu: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "kcalseq needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). With another one: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@for file in "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" zlib.h; do \
	  echo "#include \"$$file\"" | $${CC:-cc} -E - > /dev/null 2>&1 || { \
	  echo "One package, mappy, is compiled: that needs a C compiler and the headers of Python and zlib ($$file was not found)." \
	    "On Debian or Ubuntu: apt-get install gcc libc6-dev python3-dev zlib1g-dev"; exit 1; }; done
	@echo "Setting up .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Setting up .venv failed: see above"; exit 1; }

$(RUNTIME): | $(BIN)/python
	@$(call install,requirements.txt)
	@rm -f .venv/.runtime-*; touch $@

$(TOOLS): $(RUNTIME)
	@$(call install,requirements.txt requirements-test.txt)
	@rm -f .venv/.tools-*; touch $@

# uv is quicker but reads none of pip's settings; where it fails or is missing, pip does the same.
define install
echo "Installing the packages of $(subst .txt ,.txt and ,$(1)) (minutes the first time)"; \
UV_FIND_LINKS="$${UV_FIND_LINKS:-$$PIP_FIND_LINKS}" uv pip install --quiet --python $(BIN)/python -c requirements.lock.txt $(addprefix -r ,$(1)) 2> /dev/null \
|| $(BIN)/python -m pip install -qq --disable-pip-version-check -c requirements.lock.txt $(addprefix -r ,$(1)) \
|| { echo "Installing failed: see above. Is a package index in reach ('$(BIN)/python -m pip config list' tells which)?"; exit 1; }
endef
