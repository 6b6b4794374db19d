# Wellspring: build, run, test, install. `make help` lists the targets.
# SPDX-License-Identifier: Apache-2.0

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# systemd looks for units, users and rules below /usr/lib, /usr/local/lib and /etc only.
SYSTEMD_DIR ?= $(PREFIX)/lib/systemd/system
SYSUSERS_DIR ?= $(PREFIX)/lib/sysusers.d
UDEV_DIR ?= $(PREFIX)/lib/udev/rules.d

# One set of flags per configuration: other flags would build everything anew.
TEST_FLAGS := --explicit-target-dependency-import-check error
RELEASE_FLAGS := -c release --static-swift-stdlib
RELEASE_DIR = $(shell $(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)

.PHONY: help run build test test-assess test-guest test-peers fuzz lint format bench claims install clean
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: build ## Install what is needed, build, and run the daemon in the foreground
	exec $(RELEASE_DIR)/wellspring run

build: ## Build the programs for release
	scripts/setup.sh run
	$(SWIFT) build $(RELEASE_FLAGS)

# Swift Testing's summary is the last line of output, so the tests come last.
test: ## Install what is needed, build and run the tests
	scripts/setup.sh test
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	SWIFT_BACKTRACE=enable=no $(SWIFT) test --skip-build --disable-xctest

test-assess: build ## Compare assessments, ent and rngtest with the programs that define them
	scripts/setup.sh test
	Tests/Assess/run.py $(RELEASE_DIR)

test-guest: build ## Boot old kernels and feed them, and one with an Entropy Key on USB
	scripts/setup.sh test
	Tests/Guest/run.sh $(RELEASE_DIR)
	Tests/Guest/run.sh $(RELEASE_DIR) Tests/Guest/feed.sh
	Tests/Guest/run-usb.sh $(RELEASE_DIR)

test-peers: build ## Serve QEMU guests, HAProxy, ekeyd-egd-linux and the documentation's examples
	scripts/setup.sh peers
	Tests/Peers/run.sh $(RELEASE_DIR)

# Executions per fuzz target. A thorough run takes ten million.
RUNS ?= 20000
FUZZ_TARGETS := egd-codec egd-server entropy-key
FUZZ_FLAGS := -c release -Xswiftc -enable-testing --sanitize=fuzzer -Xswiftc -use-ld=lld --scratch-path .build-fuzz

fuzz: ## Fuzz what is read from outside, RUNS executions per target; keeps what it found in .build-fuzz/corpus
	scripts/setup.sh test
	Fuzzing/seeds.py .build-fuzz/corpus
	for target in $(FUZZ_TARGETS); do \
	  WELLSPRING_FUZZING=1 $(SWIFT) build $(FUZZ_FLAGS) --product fuzz-$$target && \
	  SWIFT_BACKTRACE=enable=no .build-fuzz/release/fuzz-$$target -runs=$(RUNS) -max_len=400 \
	    -print_final_stats=1 -artifact_prefix=.build-fuzz/ .build-fuzz/corpus/$$target \
	    >.build-fuzz/$$target.log 2>&1 || { cat .build-fuzz/$$target.log; exit 1; }; \
	  grep number_of_executed_units .build-fuzz/$$target.log || exit 1; done

lint: ## Check format and shell scripts
	$(SWIFT) format lint --strict --recursive $(wildcard Sources Tests Benchmarks Fuzzing) Package.swift
	@if command -v shellcheck >/dev/null; then scripts/shell-files.sh | xargs -r shellcheck; \
	else echo "lint: shellcheck is not installed, shell scripts were not checked" >&2; fi

format: ## Rewrite the sources in the format that lint demands
	$(SWIFT) format --in-place --recursive $(wildcard Sources Tests Benchmarks Fuzzing) Package.swift

bench: ## Install what is needed and run the benchmarks
	scripts/setup.sh bench
	$(SWIFT) build $(RELEASE_FLAGS)
	Benchmarks/run.sh $(RELEASE_DIR)

claims: ## Capture and assess the timing sources in three states of this machine (docs/claims.md)
	scripts/setup.sh bench
	$(SWIFT) build $(RELEASE_FLAGS)
	Benchmarks/claims.sh $(RELEASE_DIR)

# Built before, by the user; root only copies. DESTDIR stands before every path, for packages.
install: ## Install programs, units, completions and an example configuration
	@test -x $(RELEASE_DIR)/wellspring || { echo "install: run 'make build' first" >&2; exit 1; }
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(RELEASE_DIR)/wellspring \
	  $(RELEASE_DIR)/wellspring-feeder
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/wellspring LICENSE Packaging/wellspring.yaml
	for unit in Packaging/systemd/*.service Packaging/systemd/*.socket; do \
	  install -d $(DESTDIR)$(SYSTEMD_DIR) && sed 's#@PREFIX@#$(PREFIX)#g' $$unit \
	    > $(DESTDIR)$(SYSTEMD_DIR)/$$(basename $$unit) || exit 1; done
	install -D -m 644 Packaging/systemd/sysusers.conf $(DESTDIR)$(SYSUSERS_DIR)/wellspring.conf
	install -D -m 644 -t $(DESTDIR)$(UDEV_DIR) Packaging/udev/60-wellspring.rules
	install -D -m 755 Packaging/initramfs-tools/hooks/wellspring \
	  $(DESTDIR)/usr/share/initramfs-tools/hooks/wellspring
	sed -i 's#@PREFIX@#$(PREFIX)#g' $(DESTDIR)/usr/share/initramfs-tools/hooks/wellspring
	install -D -m 755 Packaging/initramfs-tools/scripts/init-premount/wellspring \
	  $(DESTDIR)/usr/share/initramfs-tools/scripts/init-premount/wellspring
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE_DIR)/wellspring --generate-completion-script bash \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/wellspring
	$(RELEASE_DIR)/wellspring --generate-completion-script zsh \
	  > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_wellspring
	$(RELEASE_DIR)/wellspring --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/wellspring.fish

clean: ## Remove what was built
	$(SWIFT) package clean
	rm -rf .build-fuzz
