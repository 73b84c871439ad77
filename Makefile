# What a person types. Everything else is CMake (presets) and scripts/.

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
SOURCES = $(shell git ls-files -- '*.cpp' '*.hpp' '*.c' '*.h')

.PHONY: all build setup test demo images install deb bench format tidy clean

all: build

setup:
	@scripts/setup

build: setup
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS)

test: setup
	@scripts/test -j $(JOBS)

demo: setup
	@JOBS=$(JOBS) scripts/demo

images: setup
	@scripts/images/build

install: build
	cmake --install build/release --prefix $(PREFIX)

deb: build
	cd build/release && cpack -G DEB

bench: build
	@bench/run

format: setup
	clang-format -i $(SOURCES)

tidy: setup
	@cmake --preset dev >/dev/null
	@git ls-files -- '*.cpp' | grep -v '^tests/' | xargs -P $(JOBS) -n 1 clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option

clean:
	rm -rf build
