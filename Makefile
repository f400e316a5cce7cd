# The reader's interface; `make` lists the commands. Nearly all are verbs of
# bin/workbook, which is built when one of its sources has changed.

MAKEFLAGS += --no-print-directory --no-builtin-rules --silent
GO        ?= go

# What bin/workbook is built from: Go files and the files they embed.
SOURCES := go.mod go.sum $(shell find runner site -type d -name testdata -prune \
	-o -path site/public -prune -o -type f ! -name '*_test.go' -print)

# `make chapter 3 CELL=accept`: make takes every word for a goal, so the words
# after one of these verbs are handed to it, and mean nothing to make itself.
# .DEFAULT does that, not a rule for each word: a word may hold what a target
# cannot, and a file of that name must not matter.
TAKES_WORDS := chapter play exercise tangle record check

VERB   := $(or $(firstword $(MAKECMDGOALS)),help)
WORDS  := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
quoted  = '$(subst ','\'',$(1))'
flag    = $(if $($(2)),-$(1)=$(call quoted,$($(2))))
switch  = $(if $(filter-out 0 no false,$($(2))),-$(1))

ifneq ($(filter $(VERB),$(TAKES_WORDS)),)

FLAGS_chapter := $(call flag,cell,CELL) $(call flag,engine,ENGINE)
FLAGS_play    := $(call flag,server,SERVER) $(call flag,port,PORT) \
	$(call flag,engine,ENGINE) $(call switch,trace,TRACE)

.PHONY: $(VERB)
$(VERB): bin/workbook
	exec bin/workbook $@ $(FLAGS_$@) -- $(foreach word,$(WORDS),$(call quoted,$(word)))

.DEFAULT: ;

else

.PHONY: help site bench test test-long fuzz
help bench: bin/workbook
	exec bin/workbook $@

site: bin/workbook
	exec bin/workbook site $(call switch,strict,STRICT) $(call flag,base,BASE)

# What is tested with the race detector too: what the runner does itself. Cells
# are not (TestLanguage runs nothing else): yaegi has races of its own.
RACED := ./runner/trace ./runner/notebook ./runner/chapter ./runner/kernel

# Everything that must hold. A failure does not keep the rest from being said.
test: bin/workbook
	failed=0; \
	unformatted=$$(gofmt -l runner site); \
	if [ -n "$$unformatted" ]; then \
		echo "not as gofmt would write it: $$unformatted"; failed=1; \
	fi; \
	$(GO) vet ./... || failed=1; \
	$(GO) -C runner/compare/netpoll vet . || failed=1; \
	GOARCH=arm64 $(GO) build ./... || failed=1; \
	GOARCH=386 $(GO) vet ./... || failed=1; \
	bin/workbook check || failed=1; \
	bin/workbook site -strict || failed=1; \
	$(GO) test -timeout 30m ./... || failed=1; \
	$(GO) test -race -skip TestLanguage $(RACED) || failed=1; \
	exit $$failed

# What takes longer than a change can wait for: every cell alone, random programs
# against the compiler, and the faults that are seeded to see whether these find them.
test-long: fuzz
	$(GO) test -timeout 60m -run TestCellsAlone ./runner -args -long
	$(GO) test -timeout 0 -run 'TestFaults|TestCoverage' ./runner/lower/generate -args -faults -measure

# A minute of each fuzzer. SPEND=1h takes longer, from another SEED= each time.
SPEND ?= 1m
SEED  ?= $(shell date +%s)
fuzz:
	$(GO) test -run '^$$' -fuzz FuzzParse -fuzztime $(SPEND) ./runner/chapter
	$(GO) test -run '^$$' -fuzz FuzzSplit -fuzztime $(SPEND) ./runner/program
	$(GO) test -run '^$$' -fuzz FuzzNew -fuzztime $(SPEND) ./runner/program
	$(GO) test -timeout 0 -v -run 'TestFuzz$$' ./runner/lower/generate -args -spend $(SPEND) -seed $(SEED)

.DEFAULT:
	echo "no command \"$@\"; make alone lists them" >&2; exit 2

endif

# Without Linux or Go, say what works instead of what a compiler says.
bin/workbook: $(SOURCES)
	if [ "$$(uname -s)" != Linux ]; then \
		echo "The chapters call Linux system calls: running them needs Linux, this is $$(uname -s)." >&2; \
		echo "Reading works here: chapters/*.md, their recorded runs in chapters/*.ipynb, and the site." >&2; \
		exit 2; \
	fi
	if ! command -v $(GO) >/dev/null; then \
		echo "Go is not installed: https://go.dev/dl/ has it, go.mod names the version." >&2; \
		exit 2; \
	fi
	[ -e $@ ] || echo "building $@ (the first time takes a minute)" >&2
	$(GO) build -o $@ ./runner
	touch $@
