# make demo | test | quick | bench | lab | build | pictures | clean: each installs what it needs into .venv first, once.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PYTHON ?= python3
READY := .venv/ready

.PHONY: demo test quick bench lab build pictures clean

demo: $(READY)
	gradus demo

test: $(READY)
	pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder  # of two cores: many tests wait

quick: $(READY)
	pytest --quick --numprocesses 3 --dist loadfile --no-loadscope-reorder

bench: $(READY)
	python benchmarks/bench.py

lab: $(READY)
	jupyter lab notebooks

build: $(READY)
	gradus build

pictures: $(READY)  # of docs/instructor.md
	python docs/pictures.py

clean:
	rm -rf .venv demo

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[grade,cluster,dev]'
	touch $@
