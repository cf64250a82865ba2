# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= build/demo
# Two worker processes; each keeps its numerical libraries to one thread, or they would fight for the cores.
WORKERS ?= 2
export OMP_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS ?= 1
export ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS ?= 1

# What a window needs on Debian: a virtual display, OpenGL in software, and the libraries that Qt loads.
WINDOW := xvfb xauth libgl1 libegl1 libopengl0 libgl1-mesa-dri libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
  libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xfixes0 \
  libdbus-1-3 libfontconfig1 libglib2.0-0

# Real peers of the tests: an archive, validators of what goes to one, a browser, a database server. Tests skip, and say
# so, without them.
PEERS := orthanc orthanc-dicomweb dcmtk dicom3tools libpixelmed-java default-jre-headless chromium postgresql

.PHONY: demo test lint lock install system accuracy bench coverage sample-data screenshots plugin-matrix fuzz clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml plugins/napari-catheterview/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "catheterview needs Python 3.11 or later: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@# The lock's own entry of uv, up to the line that does not go on; pip installs it, and it installs the rest.
	awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	  -e . -e plugins/napari-catheterview
	touch $(STAMP)

# Only root on a system with apt can install these; without them the tests that open a window skip and say so.
system:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s $(WINDOW) $(PEERS) >/dev/null 2>&1; then \
	  apt-get update -qq >/dev/null; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(WINDOW) >/dev/null \
	    || echo "no virtual display could be installed: tests that open a window will skip"; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PEERS) >/dev/null \
	    || echo "no archive, validators, browser and database could be installed: tests that talk to them will skip"; \
	fi

# Seeds of the train split: the test split is for measuring.
demo: $(STAMP)
	rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	@echo "Simulating three patients: a whole catheter, a broken one, a kinked one"
	@printf '%s\n' 'healthy 4' 'discontinuity 2' 'kink 6' | xargs -P 2 -L 1 sh -c \
	  '$(BIN)/catheterview phantom $(DEMO)/studies/$$0 --fault $$0 --seed $$1 --small'
	$(BIN)/catheterview triage $(DEMO)/studies/*/dicom --out $(DEMO)/out --jobs 2
	@echo
	$(BIN)/catheterview worklist $(DEMO)/out
	@echo
	@echo "Open $(DEMO)/out/worklist.html in a browser,"
	@echo "or read the cases in napari: $(BIN)/catheterview review $(DEMO)/out"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One file of tests stays on one worker: its phantoms are made once.
test: system lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations 15

coverage: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report term:skip-covered

lock:
	UV_PYTHON_DOWNLOADS=never uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-emit-package catheterview --extra lab --extra archive --extra cluster --extra department --group dev pyproject.toml -o requirements.lock

accuracy: $(STAMP)
	$(BIN)/python benchmarks/accuracy.py --split test --count 40 --thick 12 --elsewhere 12 --write

bench: $(STAMP)
	$(BIN)/python benchmarks/speed.py

# What is missing in sample_data is made; delete a folder there to have it made anew.
sample-data: $(STAMP)
	$(BIN)/python -m catheterview.phantom.samples sample_data

# Pictures of every hanging and tool of the reading room, of a patient that is simulated and triaged on the way; the page
# has those that it names.
SHOTS ?= build/screenshots
screenshots: $(STAMP)
	test -f $(SHOTS)/out/worklist.html || $(BIN)/python plugins/napari-catheterview/pictures/patient.py $(SHOTS)
	xvfb-run -a -s "-screen 0 1700x1100x24" $(BIN)/python -m napari_catheterview.shots $(SHOTS)/out $(SHOTS)/pictures
	for shown in $$(grep -o 'reading-room/[a-z0-9-]*\.png' docs/reading-room.md); do \
	  cp $(SHOTS)/pictures/$${shown##*/} docs/$$shown || exit 1; \
	done

# The reading room on the other napari and Qt that it is made for, each in a virtual environment of its own.
MATRIX ?= "napari==0.8.* PySide6_Essentials!=6.12.0" "napari==0.8.* PyQt6" "napari==0.9.* PyQt6"
PLUGIN := plugins/napari-catheterview
PLUGIN_TESTS ?= $(PLUGIN)/tests
plugin-matrix: $(STAMP) system
	set -f; failed=0; for kinds in $(MATRIX); do \
	  room="build/matrix/$$(echo "$$kinds" | tr -dc 'A-Za-z0-9.')"; \
	  test -x "$$room/bin/python" || $(BIN)/uv venv --quiet --python $(BIN)/python "$$room" || exit 1; \
	  $(BIN)/uv pip install --quiet --python "$$room/bin/python" $$kinds pytest pytest-qt pytest-xvfb pytest-timeout sybil \
	    hypothesis psutil SimpleITK -e '.[archive]' -e $(PLUGIN) || exit 1; \
	  "$$room/bin/python" -c 'import napari, qtpy; print("napari", napari.__version__, qtpy.API_NAME, qtpy.QT_VERSION)'; \
	  "$$room/bin/python" -m pytest $(PLUGIN_TESTS) -q -p no:napari -m "not slow and not real" || failed=1; \
	done; exit $$failed

# Spoilt files through the reading room, where what does harm is kept in build/fuzz, and spoilt protocol at a node.
FUZZ_SECONDS ?= 600
fuzz: $(STAMP)
	$(BIN)/python benchmarks/fuzz.py --seconds $(FUZZ_SECONDS)
	$(BIN)/python benchmarks/fuzz_node.py --seconds $(FUZZ_SECONDS)

# A run killed with -9 ten times and resumed, beside one that nobody disturbs: half an hour on two quiet cores.
KILLS ?= --count 1000 --kills 10
kills: $(STAMP)
	$(BIN)/python benchmarks/kills.py $(KILLS)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
