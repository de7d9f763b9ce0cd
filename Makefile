# What one does with this project; `make help` lists it. All building is Meson's (meson.build).

PACKAGES := tools/install_packages.sh
PYTHON := /usr/bin/python3
SOURCES = $(shell find src tests/unit tests/crash fuzz bench tools -name '*.[ch]')

.DEFAULT_GOAL := all
.PHONY: all help run build web client asan test torture check fuzz tsan valgrind coverage bench fmt clean

all: fmt asan ## Format, then build with sanitizers (plain `make`)

help: ## This list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

run: build ## Serve http://localhost:8000 on ./rollcall.db
	@tools/first_steps.sh
	@exec build/rollcall serve

build: ## Build build/rollcall, optimised and hardened
	@$(PACKAGES) run
	@tools/build.sh build/release src/rollcall
	@ln -sfn release/src/rollcall build/rollcall

web: client ## Make the pages of web/ anew, after a change there or of the API (docs/web.md)
	@tools/npm.sh --silent --workspace web run build

client: build ## Pack the TypeScript client for npm into build/
	@build/rollcall openapi >build/openapi.json
	@$(CLIENT)

asan:
	@$(PACKAGES) run test browser
	@tools/build.sh build/asan

test: asan ## Run all tests against a build with AddressSanitizer and UBSan
	@$(PYTHON) tools/run_tests.py build/asan

torture: asan ## Kills, power cuts and bad disks in full (half an hour); docs/durability.md says what for
	@ROLLCALL_TORTURE=1 $(PYTHON) tools/run_tests.py build/asan

check: ## Formatting, layers, gcc and clang without warnings, cppcheck, the API's document, the pages
	@$(PACKAGES) run test check
	@clang-format --dry-run -Werror $(SOURCES)
	@$(PYTHON) tools/check_layers.py
	@tools/build.sh build/release src/rollcall
	@build/release/src/rollcall openapi >build/openapi.json
	@tools/npm.sh --silent run lint
	@$(CLIENT)
	@tools/npm.sh --silent --workspace web run build -- ../build/web
	@tools/npm.sh --silent --workspace web test
	@diff -rq web/built build/web
	@tools/build.sh build/clang
	@$(CPPCHECK)

fuzz: ## Fuzz each target for FUZZ_SECONDS (60); says executions (fuzz/README.md)
	@$(PACKAGES) run test fuzz
	@tools/build.sh build/fuzz fuzzers
	@$(PYTHON) fuzz/run.py build/fuzz

tsan: ## Run the API tests, and the unit tests, under ThreadSanitizer
	@$(PACKAGES) run test browser
	@tools/build.sh build/tsan
	@TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 ROLLCALL_TEST_ENGINES="sqlite postgresql" \
	    $(PYTHON) tools/run_tests.py build/tsan

valgrind: ## Run the unit tests under valgrind
	@$(PACKAGES) run test valgrind
	@tools/build.sh build/valgrind
	@ROLLCALL_TEST_VALGRIND=1 meson test -C build/valgrind --no-rebuild --print-errorlogs --timeout-multiplier 30 \
	    --wrap "$(VALGRIND)"

coverage: ## Run all tests; lines of src/ (92 %), branches of what reads from outside (90 %)
	@$(PACKAGES) run test browser coverage
	@tools/build.sh build/coverage
	@find build/coverage -name '*.gcda' -delete
	@$(PYTHON) tools/run_tests.py build/coverage; tests=$$?; tools/coverage.sh build/coverage && exit $$tests

bench: build ## Measure; writes the tables in bench/README.md, docs/https.md and docs/scaling.md
	@$(PACKAGES) bench
	@$(PYTHON) bench/run.py
	@$(PYTHON) bench/https.py
	@$(PYTHON) bench/scaling.py

fmt: ## Format the C sources
	@$(PACKAGES) check
	@clang-format -i $(SOURCES)

clean: ## Remove everything that was built
	rm -rf build

CLIENT = for step in 'run types' 'run build' 'pack --pack-destination build'; do \
    tools/npm.sh --silent --workspace clients/typescript $$step || exit; done

CPPCHECK = cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 \
    --enable=warning,performance,portability --suppressions-list=tools/cppcheck.txt \
    -D_GNU_SOURCE -DROLLCALL_VERSION='""' -Isrc -j 2 src

# Leaks are LeakSanitizer's to find (`make test`), which knows what threads and children hold.
VALGRIND = valgrind --quiet --fair-sched=yes --error-exitcode=99 --leak-check=no
