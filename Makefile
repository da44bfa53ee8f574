# `make` shows what there is.

SHARED ?= $(or $(TOETSBANK_SHARED),../shared)
SUITE ?= bgz

.PHONY: help check test accept defects behaviours simulate demo bench bench-peer load fuzz agreement

help: ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

check: ## formatting, clippy, all tests; offline
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo test --locked

test: ## all tests
	cargo test --locked

accept: ## take the present output as right: snapshots and generated files; look at the difference before you commit
	INSTA_UPDATE=always TOETSBANK_ACCEPT=1 cargo test --locked
	git diff --stat

defects: ## every planted defect of both references, alone and in pairs; takes what each finds into fixtures/defects*.md
	TOETSBANK_ACCEPT=1 cargo test --locked --test it defects::
	git diff --stat fixtures/defects.md fixtures/defects-dvp.md

behaviours: ## every allowed behaviour of the reference DVA by itself: nothing may be found; make test tries a few at a time
	TOETSBANK_BEHAVIOUR=each cargo test --locked --test it behaviours::

simulate: ## start the reference DVA: make simulate [DEFECT=name]
	cargo run --release -- simulate dva --write-candidate reference.toml $(if $(DEFECT),--defect $(DEFECT))

demo: ## run a suite against the reference: make demo [SUITE=bgz] [DEFECT=name]
	cargo run --release -- run $(SUITE) $(if $(DEFECT),--defect $(DEFECT))

bench: ## start-up, whole run, peak memory, validation, definitions, FHIRPath; compared with the last time (criterion)
	cargo bench --locked --bench run --bench validate

bench-peer: ## one FHIRPath evaluation next to that of a peer
	cargo run --release --locked --manifest-path benches/peer/Cargo.toml --target-dir target/peer

load: ## many sessions at once in the world of a DVP: make load [SESSIONS=number]
	TOETSBANK_SESSIONS=$(or $(SESSIONS),200) cargo test --release --locked --test it load:: -- --nocapture

fuzz: ## hostile input, ten million or: make fuzz [FROM=number] [COUNT=number]
	TOETSBANK_FUZZ_FROM=$(or $(FROM),0) TOETSBANK_FUZZ_COUNT=$(or $(COUNT),10000000) \
		cargo test --profile fuzz --locked --test it fuzz:: -- --nocapture

agreement: ## agreement with the HL7 engine on Dutch resources (needs the corpora and python3)
	python3 $(SHARED)/oracle/agreement.py target/release/toetsbank
