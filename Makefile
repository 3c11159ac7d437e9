# Go and a C compiler are all that these targets need.
.DEFAULT_GOAL := help
TAXI_SHARED ?= ../shared
export TAXI_SHARED := $(abspath $(TAXI_SHARED))
DEMO ?=
TOOL := go tool -modfile=tools/go.mod

# What -version answers with; where there is no git, what Go itself has noted.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT := $(shell git rev-parse HEAD 2>/dev/null)
STAMP := -X taxistream/internal/flags.version=$(VERSION) -X taxistream/internal/flags.commit=$(COMMIT)

.PHONY: help demo build test vulncheck integration test-dashboards clients flink test-flink bench-flink soak-flink flink-shapes flink-ui test-flink-ui matrix simulate simulate-programs chaos soak lint fmt generate check-generated generate-live check-live test-live screenshots bench speed bench-engine fuzz test-infra generate-infra test-guides synth local-deploy lambda replay dist image check-compose up down up-flink down-flink logs clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## a generated day through the whole pipeline, in the control room (DEMO=-open opens it, -exit-when-done ends with the day)
	@[ -x bin/localstack ] || echo "compiling the demo: one to two minutes the first time on two cores, seconds from then on"
	@go build -ldflags '$(STAMP)' -o bin/localstack ./localstack
	@./bin/localstack demo $(DEMO)

build: ## the programs, into bin/
	@mkdir -p bin
	go build -ldflags '$(STAMP)' -o bin/ ./producer ./processor ./localstack ./data ./dashboards

# All but infra, whose CDK needs Node and minutes to compile.
PACKAGES = $(shell go list -find ./... | grep -v -e '/infra$$' -e '/infra/app$$')

# Many tests wait more than they compute: four packages at once, whatever the number of CPUs.
test: ## all tests with the race detector
	@go test -race -p 4 $(PACKAGES)
	@test -d "$(TAXI_SHARED)/data" && echo "real trips: $(TAXI_SHARED)/data" || echo "no real trips at $(TAXI_SHARED)/data: generated days were used"

# The build script makes the images and starts dockerd on a machine that has no registry; elsewhere they are pulled.
integration: ## all against LocalStack and OpenSearch in containers (INTEGRATION=skip: pass where there is no Docker)
	@if [ -x "$(TAXI_SHARED)/images/build" ] && [ "$$INTEGRATION" != skip ]; then "$(TAXI_SHARED)/images/build" && "$(TAXI_SHARED)/images/build" opensearch-security; fi
	@mkdir -p bin
	bash -o pipefail -c 'go test -tags integration -count=1 -timeout 30m -v ./localstack/integration | tee bin/integration.log'

# The browser and npm are Debian's; what the pictures need from npm is pinned in dashboards/render.
test-dashboards: ## the pictures of OpenSearch Dashboards, drawn in headless Chromium from a real OpenSearch (CHROMIUM=path)
	@command -v npm >/dev/null && { [ -n "$$CHROMIUM" ] || command -v chromium >/dev/null; } || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq nodejs npm chromium >/dev/null; } || \
		{ echo "test-dashboards: npm and chromium are needed: apt-get install nodejs npm chromium"; exit 1; }
	@if [ -x "$(TAXI_SHARED)/images/build" ]; then "$(TAXI_SHARED)/images/build" opensearch ryuk; fi
	go test -count=1 ./dashboards/objects ./dashboards/app
	go run ./dashboards check
	go test -tags integration -count=1 -timeout 20m -v -run '^TestDashboards$$' ./localstack/integration

# The clients' versions are pinned in localstack/clients. Java and Maven, Node and Python are the machine's, or Debian's.
CLIENTS := bin/clients
$(CLIENTS)/ready: $(wildcard localstack/clients/*/*.txt localstack/clients/*/*.json localstack/clients/*/*.mjs localstack/clients/java/pom.xml localstack/clients/java/src/main/java/clients/*)
	@for tool in java mvn node npm python3; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; [ -z "$$missing" ] || \
		{ echo "clients: not found:$$missing (apt-get install openjdk-17-jdk-headless maven nodejs npm python3-venv)"; exit 1; }
	rm -rf $(CLIENTS) && mkdir -p $(CLIENTS)/js && cp localstack/clients/js/* $(CLIENTS)/js
	cp -r localstack/clients/java $(CLIENTS)/java && cd $(CLIENTS)/java && \
		mvn -q -B package dependency:copy-dependencies -DoutputDirectory=lib && mv target/clients.jar .
	cd $(CLIENTS)/js && npm ci --no-audit --no-fund --ignore-scripts --silent
	python3 -m venv $(CLIENTS)/venv && $(CLIENTS)/venv/bin/pip install -q --disable-pip-version-check -r localstack/clients/python/requirements.txt
	@touch $@

clients: $(CLIENTS)/ready ## boto3, the JavaScript SDK and KCL read what the producer wrote over a split and a merge (needs Java, Node, Python)
	go test -tags clients -count=1 -timeout 10m -v -run '^TestClients$$' ./localstack/clients

# Maven downloads what pom.xml pins, once. Nothing else here needs Java.
FLINK := bin/flink
MAVEN = command -v mvn >/dev/null && command -v java >/dev/null || { echo "flink: Java 17 and Maven are needed: apt-get install openjdk-17-jdk-headless maven"; exit 1; }
$(FLINK)/local: processor/flink/pom.xml processor/flink/local processor/flink/cluster processor/flink/sql $(shell find processor/flink/src/main -type f)
	@$(MAVEN)
	rm -rf bin/flink-build/lib bin/flink-build/log4j bin/flink-build/session bin/flink-build/sql-lib && cd processor/flink && mvn -q -B package -DskipTests
	rm -rf $(FLINK) && mkdir -p $(FLINK) && cp -r bin/flink-build/taxistream-flink.jar bin/flink-build/lib bin/flink-build/log4j bin/flink-build/session bin/flink-build/sql-lib $(FLINK)/ && cp processor/flink/local processor/flink/cluster processor/flink/sql $(FLINK)/

FLINK_RUN ?= .
test-flink: flink ## the Flink job: JUnit, then against the oracle and the Go processor over kills, reshards and rescales (needs Java 17 and Maven)
	cd processor/flink && mvn -q -B test
	go test -tags flink -count=1 -timeout 15m -run '$(FLINK_RUN)' ./localstack/flink

# What a real cluster answers over REST, for the Go tests of engine/web: minutes, and only when Flink's version changes.
flink-shapes: ## record the shapes of Flink's REST answers again (needs Java 17 and Maven)
	@$(MAVEN)
	cd processor/flink && mvn -q -B test -Dtest=ShapesTest -Dshapes=$(CURDIR)/engine/web/testdata/flink-2.2.1.json

# The published files of Flink's web UI, taken from Maven as they are, and none of them committed.
FLINK_UI := bin/flink-ui
$(FLINK_UI)/web/index.html:
	@$(MAVEN)
	mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact=org.apache.flink:flink-runtime-web:2.2.1 -DoutputDirectory=$(CURDIR)/$(FLINK_UI)
	cd $(FLINK_UI) && { unzip -q -o flink-runtime-web-2.2.1.jar 'web/*' 2>/dev/null || jar xf flink-runtime-web-2.2.1.jar web; } && touch web/index.html

test-flink-ui: $(FLINK_UI)/web/index.html dashboards/live/web/node_modules build ## that UI's every page in headless Chromium over a demo (CHROMIUM=path; needs Java and Maven once)
	go build -o bin/flinkui ./engine/web/flinkui
	cd dashboards/live/web && node --test --test-concurrency=1 --test-reporter=spec test/flinkui.test.mjs

FLINK_UI_FLAGS ?=
flink-ui: $(FLINK_UI)/web/index.html ## Flink's own web UI in front of a running processor (FLINK_UI_FLAGS="-address HOST:PORT"; needs Java and Maven once)
	@go build -o bin/flinkui ./engine/web/flinkui
	@./bin/flinkui -files $(FLINK_UI)/web $(FLINK_UI_FLAGS)

# Times of this machine, so not in CI; the counts and documents that each must have are tests.
bench-flink: flink ## the Go processor and the Flink job over the same streams, Nexmark on both engines: CPU an event, memory, start, restart (minutes)
	cd processor/flink && mvn -q -B test-compile
	go test -tags flink,bench -count=1 -timeout 60m -v -run '^TestBench' ./localstack/flink

SOAK_FLINK ?= -seed 1 -kills 20 -reshards 30
soak-flink: flink ## 20 kills and 30 reshards, drawn, of the Flink job on a session cluster, then its documents against the oracle (ten minutes; SOAK_FLINK="-seed 2")
	go test -tags flink,soak -count=1 -timeout 2h -v -run '^TestSoak$$' ./localstack/flink -args $(SOAK_FLINK)

flink: $(FLINK)/local ## the processor as a job for Apache Flink, into bin/flink/ (needs Java 17 and Maven)

.PHONY: test-sql
bin/sql/ready: infra/queries/requirements.txt
	@command -v python3 >/dev/null || { echo "test-sql: Python 3 is needed: apt-get install python3-venv"; exit 1; }
	python3 -m venv bin/sql && bin/sql/bin/pip install -q --disable-pip-version-check -r infra/queries/requirements.txt
	@touch $@

test-sql: bin/sql/ready ## the archive's queries in DuckDB against the oracle, and Athena's SQL by a parser (needs Python 3)
	go test -tags infra,duckdb -count=1 -timeout 5m -run 'DuckDB|Athena' ./infra/queries

matrix: ## every shard count, parallelism, restart and damage against the oracle (minutes)
	TAXI_MATRIX=all go test -count=1 -timeout 40m -v -run 'Matrix|Kill|Reshard|RealTrips|Trouble' ./localstack/app/
	TAXI_MATRIX=all go test -count=1 -run 'Damaged|Random' ./data/trips ./processor/store

# The engine's deterministic simulation with its invariants, then its mutants without them: the model
# alone must catch each. More by hand: SEEDS=100000, FROM=5000.
SEEDS ?= 2000
FROM ?= 0
simulate: ## the engine on drawn programs, schedules and faults (SEEDS=2000), and its mutants
	CGO_ENABLED=0 go test -tags invariants -count=1 -timeout 0 -v -run '^TestSimulation' ./engine -args -seeds $(SEEDS) -seed $(FROM)
	CGO_ENABLED=0 go test -tags mutants -count=1 -v -run '^TestMutants$$' ./engine

# The programs' simulation: producer and processor over simulated servers, in a time of their own. More by hand: PROGRAM_SEEDS=10000.
PROGRAM_SEEDS ?= 500
simulate-programs: ## producer and processor over simulated Kinesis, OpenSearch and S3, with kills, faults and clock jumps (PROGRAM_SEEDS=500)
	bash -o pipefail -c "go test -count=1 -timeout 0 -v -run '^TestSimulation\$$' ./localstack/simulation -args -seeds $(PROGRAM_SEEDS) -seed $(FROM) | grep -v -e '^ *=== ' -e '^ *--- PASS'"
	go test -tags mutants -count=1 -timeout 20m -v -run '^TestMutants$$' ./localstack/simulation

# Five seeds in a row have every kind of fault. More by hand: SEEDS=50, FROM=1000.
chaos: SEEDS = 5
chaos: ## the programs as processes under drawn kills, broken networks, full disks, reshards, clock jumps (SEEDS=5; docs/chaos.md)
	go test -tags chaos -count=1 -timeout 0 -v -run '^TestChaos$$' ./localstack/chaos -args -seeds $(SEEDS) -seed $(FROM)

# Times of this machine, so not in CI.
soak: ## with a million keys: checkpoint, kill -9, restart, takeover; 10 million events of backlog; OpenSearch away: how long each takes
	CGO_ENABLED=0 go test -tags soak -count=1 -v -run '^TestSoak' ./engine
	go test -tags soak -count=1 -timeout 1h -v -run '^TestSoak' ./localstack/app
	CGO_ENABLED=0 go test -run '^$$' -bench 'Snapshot|Restore$$' -benchtime 3x ./engine

lint: ## gofumpt and golangci-lint
	$(TOOL) golangci-lint run ./...

VULN_DB ?= https://vuln.go.dev
vulncheck: ## what is known to be unsafe in the modules that are used (needs VULN_DB, the vulnerability database)
	@curl -fsS -m 10 -o /dev/null $(VULN_DB)/index/db.json || { echo "vulncheck: $(VULN_DB) cannot be reached: name another database in VULN_DB"; exit 1; }
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 -db $(VULN_DB) ./...

fmt: ## format with gofumpt
	$(TOOL) gofumpt -l -w $$(git ls-files "*.go")

# The generated files are the tables of data/generate and data/zones. Their generators are tests over the
# shared trip data: with -update they write, without it they compare; without the data they say so and skip.
TABLES := go test -count=1 -v -run '^Test(TablesMatchSamples|FactsMatchSamples|OutlinesMatchSource)$$' ./data/generate ./data/zones

generate: generate-live ## make every generated file again (tables from TAXI_SHARED, saved objects, vectors, the page: needs Node)
	$(TABLES) -args -update
	go test -count=1 -run Outlines ./dashboards/objects -args -update
	go test -count=1 -run Objects ./dashboards/objects -args -update
	go test -count=1 -run Generated ./dashboards/grafana -args -update
	go test -count=1 -run Ready ./infra/queries -args -update
	go test -count=1 -run '^TestVectors' ./processor/source ./processor/job ./processor/app -args -update

check-generated: ## fail where a table is not what its source gives
	$(TABLES)

# The control room's page is TypeScript; what is built from it is committed, so Go needs no Node.
LIVE := dashboards/live/web
$(LIVE)/node_modules: $(LIVE)/package-lock.json
	cd $(LIVE) && npm ci --no-audit --no-fund && touch node_modules

generate-live: $(LIVE)/node_modules ## build the control room's page
	go test -count=1 -run Zones ./dashboards/live -args -update
	cd $(LIVE) && npm run --silent check && npm run --silent build

check-live: $(LIVE)/node_modules ## fail where the committed page is not what its sources give
	go test -count=1 -run Zones ./dashboards/live
	cd $(LIVE) && npm run --silent check && npx --no-install tsc -p ../../jobpage && node build.mjs ../../../bin/live-page && diff -r dist ../../../bin/live-page

LIVE_TESTS ?= test/page.test.mjs test/map.test.mjs test/states.test.mjs test/causes.test.mjs test/cost.test.mjs test/job.test.mjs test/phone.test.mjs test/cell.test.mjs test/places.test.mjs test/budget.test.mjs
test-live: $(LIVE)/node_modules build ## the control room in headless Chromium (CHROMIUM=path), screenshots in bin/live-shots
	cd $(LIVE) && node --test --test-concurrency=1 --test-reporter=spec $(LIVE_TESTS)

screenshots: $(LIVE)/node_modules build ## take the screenshots in docs/img again
	cd $(LIVE) && node screenshots.mjs

# DuckDB, which the backfill is measured beside, comes from PyPI where Python and PyPI are.
DUCKDB = duckdb==2.0.1
bench: ## CPU per event by stage, beside the stock SDK's own put and get; a backfill's, beside DuckDB on the same files
	@[ -x bin/duckdb/bin/python ] || { mkdir -p bin && python3 -m venv bin/duckdb && bin/duckdb/bin/pip install -q --disable-pip-version-check $(DUCKDB); } || { rm -rf bin/duckdb; echo "bench: without DuckDB: this needs python3 with venv, and PyPI"; }
	go test -run '^$$' -bench 'Stages|Backfill' -benchtime 3x ./localstack/app/

# The job's CPU beside that of a bare loop, in one run: a test, since it is a ratio. The limits are 0.38 of the loop in peers/flink, whose
# H3 is 4.4.1, and what that is of the loop in processor/job, whose H3 takes half as long.
PEERS = $(TAXI_SHARED)/peers/flink
PEER = $(CURDIR)/bin/peers/golimit
SPEED ?= -events 500000 -repeat 4 -rounds 3
speed: ## the taxi job from memory takes at most 0.38 of a bare Go loop's CPU
	@mkdir -p bin/peers; [ ! -d $(PEERS)/golimit ] || [ -x $(PEER) ] || (cd $(PEERS)/golimit && go build -o $(PEER) .) || echo "speed: without the loop of peers/flink"
	go test -count=1 -timeout 30m -v -run '^TestSpeed$$' ./processor/job -args $(SPEED) -most 0.75 $$([ ! -x $(PEER) ] || echo -peer $(PEER) -most-peer 0.38)

# 10 million events: the trips of peers/flink, five times, each a day later, or as many of its own; beside Flink, where that can be built.
bench-engine: ## the engine by itself, Nexmark's queries, then the taxi job from memory beside bare Go loops and Flink: CPU an event (minutes)
	@go test -run '^$$' -bench 'Chained|Exchange|Window|Hop|Keys' -benchtime 20000000x ./engine
	@go run ./engine/examples/nexmark -events 2000000
	@[ ! -x $(PEERS)/run ] || { mkdir -p bin/peers && WORK=$(CURDIR)/bin/peers REPEAT=5 CASES="go mem-p1" bash $(PEERS)/run 2000000 1; }
	@$(MAKE) --no-print-directory speed SPEED="-repeat 5 -rounds 2 $$([ -s bin/peers/trips-2000000.json ] && echo -trips $(CURDIR)/bin/peers/trips-2000000.json || echo -events 2000000)"

fuzz: ## each fuzz target for 10 s
	@set -e; for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime 10s $$p; done; done

# Node comes with the machine or from Debian, cfn-lint from Debian or PyPI; the CDK's command line is pinned in infra/package.json.
infra/node_modules: infra/package-lock.json
	@command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null; } || \
		{ echo "npm is needed: https://nodejs.org"; exit 1; }
	cd infra && npm ci --no-audit --no-fund && touch node_modules

# Each command below infra/lambda becomes bin/lambda/<name>/bootstrap, which the stacks take as it is. GOARCH as in -c cpu.
lambda:
	@for p in $$(go list -find -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./infra/lambda/...); do name=$${p#*/infra/lambda/}; \
		GOOS=linux CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o bin/lambda/$${name%%/*}/bootstrap $$p || exit 1; done

# The CDK notes that Node 20, Debian's and many others', is past its end of life; it serves.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION ?= 20
export JSII_DEPRECATED ?= quiet

# In fresh clones of the last commit. The README's three programs and demos take ports 4566, 9200 and 8081, the guide to AWS needs npm.
test-guides: ## the commands of README.md and docs/deploy.md as they stand there, the README's twice
	go test -tags guides -count=1 -timeout 15m -v ./internal/guides

CFN_LINT := 1.51.0
test-infra: infra/node_modules lambda ## the templates of the AWS deployment: assertions, golden files, cdk-nag, cfn-lint (needs Node)
	@command -v cfn-lint >/dev/null || { python3 -m venv bin/venv && bin/venv/bin/pip install -q cfn-lint==$(CFN_LINT); } || \
		{ echo "cfn-lint is needed: pip install cfn-lint==$(CFN_LINT)"; exit 1; }
	@PATH="$$PATH:$(CURDIR)/bin/venv/bin" go test -v -count=1 -tags infra ./infra/... >bin/test-infra.log 2>&1 || \
		{ grep -vE '^ *(=== |--- (PASS|SKIP)|!!)' bin/test-infra.log; exit 1; }
	@go test -v -count=1 -run 'TestCoordinator_Unchanged|TestJob_Unsaved|TestPutRetention' ./engine ./engine/internal/runtime ./internal/opensearch >>bin/test-infra.log 2>&1 || \
		{ tail -30 bin/test-infra.log; exit 1; }
	@grep -E '^(ok|FAIL)' bin/test-infra.log

generate-infra: lambda ## write the golden templates again: read their diff
	go test -count=1 -tags infra -run 'Golden|LeaveOut' ./infra/app -update

synth: infra/node_modules lambda ## the templates of the AWS deployment, into infra/cdk.out (CDK="-c stream.shards=2" changes them)
	cd infra && npx cdk synth --quiet $(CDK)
	@ls infra/cdk.out/*.template.json

# The stacks of AWS on LocalStack: docs/local-deploy.md.
local-deploy: infra/node_modules lambda ## deploy the stacks to LocalStack, run the programs on them, check the documents, destroy (needs Docker, Node)
	@if [ -x "$(TAXI_SHARED)/images/build" ]; then "$(TAXI_SHARED)/images/build"; fi
	go test -tags integration,deploy -count=1 -timeout 30m -v -run '^TestDeploy$$' ./localstack/integration

replay: ## start the producer on the deployed stream (REPLAY="-source generate:2016-01-06 -speedup 60")
	@go run ./infra replay $(REPLAY)

dist: ## static programs for Linux on amd64 and arm64, with checksums and a bill of materials, into bin/dist (DIST=amd64: one of them)
	@VERSION='$(VERSION)' STAMP='$(STAMP)' tools/dist.sh $(DIST)

image: ## taxistream:local, the programs on an empty image (needs Docker)
	@STAMP='$(STAMP)' tools/image.sh

COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose) -p taxistream -f localstack/compose.yaml

check-compose: ## whether Docker Compose understands localstack/compose.yaml
	$(COMPOSE) config -q

up: image ## LocalStack, OpenSearch, Dashboards, producer, processor and Prometheus in containers
	$(COMPOSE) up -d
	@echo; echo "control room  http://127.0.0.1:8081/"; echo "dashboard     http://127.0.0.1:5601/app/dashboards#/view/taxi-trips-dashboard (a minute after the first start)"; echo "Prometheus    http://127.0.0.1:9090/"

down: ## stop and remove what `make up` started, results included
	$(COMPOSE) down -v

# On the stream and the OpenSearch of `make up`, or of those two and the producer alone; its documents' indexes begin with flink-.
FLINK_CLUSTER := bin/flink-cluster
up-flink: flink image ## the job on a session cluster of Flink (JobManager, two TaskManagers) beside the containers, with its web UI (WEB_PORT=8082)
	$(COMPOSE) up -d localstack opensearch
	@for i in $$(seq 120); do curl -fsS -m 5 http://127.0.0.1:4566/_localstack/init/ready 2>/dev/null | grep -q '"completed": *true' && exit; sleep 1; done; echo "LocalStack is not ready: make logs"; exit 1
	@$(FLINK)/cluster up $(FLINK_CLUSTER) -endpoint http://127.0.0.1:4566 -opensearch-endpoint http://127.0.0.1:9200 -index-prefix flink-
	$(COMPOSE) up -d producer

down-flink: ## stop the session cluster and remove its checkpoints (make down: the containers)
	@processor/flink/cluster down $(FLINK_CLUSTER)

logs: ## follow the containers' logs
	$(COMPOSE) logs -f

clean: ## remove what the targets made
	rm -rf bin checkpoints
