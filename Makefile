# make demo | test | quick | bench | lab | build | site | pictures | clean: each installs what it needs into .venv first, once.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
READY := .venv/ready
unexport PYTHONDONTWRITEBYTECODE  # tests start hundreds of processes, which share what one has compiled

.PHONY: demo test quick bench lab build site pictures clean

demo: $(READY)
	gradus demo

test: $(READY)
	pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(TESTS)  # of two cores: many tests wait

quick: $(READY)
	pytest --quick --numprocesses 3 --dist loadfile --no-loadscope-reorder

bench: $(READY)
	python benchmarks/bench.py

lab: $(READY)
	jupyter lab notebooks

build: $(READY)
	gradus build

site: $(READY)
	python docs/site/build.py site
	@echo "Open file://$(CURDIR)/site/index.html"

pictures: $(READY)  # of docs/instructor.md
	python docs/pictures.py

clean:
	rm -rf .venv demo site

$(READY): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --editable '.[grade,cluster,site,dev]'
	touch $@
