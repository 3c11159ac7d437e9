package lint_test

import "strings"

// A room is a row of the table "who may import whom". A pattern names a package by
// its path below the module; one that ends in /... names all packages under it
// and the one before it. The most specific room that matches a package is its own.
type room struct {
	pattern string
	ours    []string // patterns of our packages that it may import
	modules []string // import path prefixes it may import outside the standard library
	rule    string
}

var (
	engineParts = []string{"engine/watermark", "engine/window", "engine/trigger", "engine/state", "engine/checkpoint"}
	engineCore  = append([]string{"engine/internal/runtime"}, engineParts...)
	cdk         = []string{"github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go", "github.com/cdklabs"}
	aws         = []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"}
	serverRule  = "an embedded server shares no meaning with the client that it tests: JSON's syntax, at most"
	clientRule  = "a client knows configuration and names, never the engine, the domain or another client"
)

// rooms covers every package of the module; a package without a room fails the test.
var rooms = []room{
	{"engine", engineCore, nil, "the engine knows nothing of taxis, AWS or OpenSearch, and only the standard library"},
	{"engine/internal/runtime", []string{"engine/checkpoint"}, nil, "the engine's core knows neither operators nor elements"},
	{"engine/watermark", nil, nil, "the engine's parts import each other downwards: watermark, window, trigger, state, checkpoint"},
	{"engine/window", engineParts[:1], nil, "the engine's parts import each other downwards: watermark, window, trigger, state, checkpoint"},
	{"engine/trigger", engineParts[:2], nil, "the engine's parts import each other downwards: watermark, window, trigger, state, checkpoint"},
	{"engine/state", engineParts[:2], nil, "the engine's parts import each other downwards: watermark, window, trigger, state, checkpoint"},
	{"engine/state/disk", []string{"engine/state"}, []string{"github.com/cockroachdb/pebble/v2"}, "Pebble is in engine/state/disk and nowhere else: who does not import that does not get it"},
	{"engine/state/statetest", []string{"engine/state"}, nil, "what every backend must do knows none of them"},
	{"engine/checkpoint", engineParts[:4], nil, "the engine's parts import each other downwards: watermark, window, trigger, state, checkpoint"},
	{"engine/enginetest", append([]string{"engine", "engine/files"}, engineCore...), nil, "the engine's harness knows the engine and below"},
	{"engine/enginetest/scenario", []string{"engine/enginetest"}, nil, "main only runs what the harness knows"},

	{"engine/examples/...", []string{"engine", "engine/examples/example", "engine/window", "engine/trigger", "internal/flags"}, nil, "an example knows the engine's parts, and reads a command line"},
	{"engine/files", []string{"engine"}, nil, "files are written and read over the engine's contracts, and only the standard library"},
	{"engine/web", []string{"engine"}, nil, "REST knows the engine and below"},
	{"engine/web/flinkui", nil, nil, "what serves Flink's web UI knows REST by its address alone"},

	{"internal/guides", nil, nil, "the documents' commands are run as they stand, and know nothing of what they run"},
	{"internal/lint", nil, nil, "the rules import nothing that they judge"},
	{"internal/sbom", nil, nil, "what programs are made of is read from the programs alone"},
	{"internal/names", nil, nil, "names are spelled once and depend on nothing"},
	{"internal/mutant", nil, nil, "what the simulation must find depends on nothing"},
	{"internal/fault", nil, nil, "the classes of errors know no client"},
	{"internal/stop", nil, nil, "a program's end depends on nothing"},
	{"internal/durable", nil, nil, "a file that is replaced as a whole is nobody's"},
	{"internal/redact", nil, nil, "what a message may show depends on nothing"},
	{"internal/flags", []string{"internal/redact"}, nil, "flag values depend on nothing of ours"},
	{"internal/jsonscan", nil, nil, "the scanner knows JSON and nothing of its readers"},
	{"internal/geo", nil, []string{"github.com/uber/h3-go/v4"}, "h3 (cgo) is imported in internal/geo and nowhere else"},
	{"internal/trip", []string{"internal/names", "internal/geo", "internal/jsonscan"}, nil, "the domain knows names and geography"},
	{"internal/results", []string{"internal/names", "internal/jsonscan", "internal/opensearch"}, nil, "what is said of documents knows the client, which knows no document, and needs no C compiler: functions build without one"},
	{"internal/results/document", []string{"internal/results", "internal/names", "internal/geo", "internal/trip", "internal/jsonscan", "internal/opensearch"}, nil, "documents are made of the domain's results"},
	{"internal/awsconf", []string{"internal/fault", "internal/redact", "internal/telemetry", "internal/names"}, append([]string{"golang.org/x/crypto/x509roots/fallback"}, aws...), clientRule},
	{"internal/kinesis", []string{"internal/fault", "internal/redact", "internal/awsconf", "internal/kinesis/wire", "internal/telemetry", "internal/names"}, append([]string{"google.golang.org/protobuf/encoding/protowire", "github.com/minio/md5-simd"}, aws...), clientRule},
	{"internal/kinesis/wire", []string{"internal/jsonscan"}, append([]string{"github.com/segmentio/asm/base64"}, aws...), "the fast path knows the SDK and JSON, nothing of streams and readers"},
	{"internal/opensearch", []string{"internal/fault", "internal/redact", "internal/awsconf", "internal/telemetry", "internal/names", "internal/jsonscan"}, append([]string{"github.com/opensearch-project/opensearch-go/v4"}, aws...), clientRule},
	{"internal/s3", []string{"internal/fault", "internal/redact", "internal/awsconf", "internal/telemetry", "internal/names"}, aws, clientRule},
	{"internal/telemetry", []string{"internal/names"}, []string{"github.com/prometheus/client_golang", "golang.org/x/term", "github.com/mattn/go-runewidth"}, "metrics are registered in internal/telemetry and nowhere else"},

	{"internal/telemetry/terminaltest", nil, []string{"github.com/creack/pty", "github.com/mattn/go-runewidth"}, "the tests' terminal shares no code with what draws on it"},

	{"data", []string{"data/app"}, nil, "main only calls app.Main"},
	{"data/app", []string{"data/...", "internal/trip", "internal/geo", "internal/names", "internal/flags", "internal/telemetry", "internal/awsconf", "internal/s3", "internal/fault", "internal/redact", "internal/stop"}, trips, dataRule},
	{"data/sort", []string{"data/trips", "data/generate", "data/zones", "internal/trip", "internal/geo"}, trips, dataRule},
	{"data/summary", []string{"data/sort", "internal/telemetry"}, nil, "what was read, in words, knows the summary and how figures are written"},
	{"data/generate", []string{"data/zones", "internal/trip", "internal/geo"}, nil, dataRule},
	{"data/trips", []string{"internal/trip", "internal/geo", "internal/s3", "internal/fault", "internal/redact"}, trips, dataRule},
	{"data/zones", []string{"internal/trip", "internal/geo"}, nil, dataRule},

	{"producer", []string{"producer/app"}, nil, "main only calls app.Main"},
	{"producer/...", []string{"producer/...", "data/...", "internal/..."}, nil, "the producer knows neither the engine nor the processor, and reaches AWS through internal clients"},

	{"processor", []string{"processor/app"}, nil, "main only calls app.Main"},
	{"processor/...", []string{"processor/...", "engine", "engine/...", "internal/...", "dashboards/live", "dashboards/jobpage"}, nil, "the processor knows the engine and the clients, not the producer or the data"},
	{"processor/examples/...", []string{"engine", "engine/window", "data/generate", "data/trips", "data/zones", "internal/flags", "internal/geo", "internal/trip"}, nil, "an example reads trips from files itself, and knows nothing of the processor"},
	{"processor/app", []string{"processor/...", "engine", "engine/...", "internal/...", "dashboards/live", "dashboards/jobpage", "data/zones", "data/sort", "data/summary", "data/trips"}, nil, "the processor knows the neighbourhoods' names, for people, and reads trips where it has no stream (backfill)"},
	{"processor/also", []string{"engine", "engine/files", "internal/..."}, []string{"github.com/parquet-go/parquet-go"}, "Parquet is written in processor/also and nowhere else"},
	{"processor/backfill", []string{"processor/job", "engine", "engine/checkpoint", "internal/..."}, nil, "a backfill is the job over trips that are handed in"},
	{"processor/source", []string{"processor/job", "engine", "internal/..."}, []string{"github.com/aws/aws-sdk-go-v2/service/kinesis/types"}, "the source reads the Kinesis SDK's records; all else goes through internal/kinesis"},

	{"dashboards", []string{"dashboards/app"}, nil, "main only calls app.Main"},
	{"dashboards/app", []string{"dashboards/objects", "internal/names", "internal/opensearch", "internal/results", "internal/fault", "internal/flags", "internal/stop"}, nil, "the dashboards' command knows the objects and the results store"},
	{"dashboards/grafana", []string{"internal/names"}, nil, "the dashboard knows the metrics' names"},
	{"dashboards/objects", []string{"internal/names", "internal/opensearch", "internal/results"}, nil, "the saved objects know names and the index templates"},
	{"dashboards/jobpage", nil, nil, "the job page draws what it is given, and knows neither the engine nor the results store"},
	{"dashboards/live", []string{"internal/names", "internal/opensearch", "internal/results", "internal/results/document"}, nil, "the control room knows names and the results store, never the engine or the domain"},

	{"infra", []string{"infra/app"}, nil, "main only calls app.Main"},
	{"infra/app", []string{"infra/calls", "infra/config", "infra/cost", "infra/local", "infra/operate", "infra/preflight", "infra/queries", "infra/replay", "internal/flags", "internal/names", "internal/stop"}, cdk, "the CDK is imported in infra/app and nowhere else"},
	{"infra/...", []string{"infra/config", "internal/flags", "internal/names"}, nil, "the infrastructure knows names, never the programs"},
	{"infra/replay", []string{"infra/awscli", "infra/config", "internal/names", "internal/flags"}, nil, "make replay reads a command line; AWS it asks through the AWS CLI"},
	{"infra/preflight", []string{"infra/awscli", "infra/config", "internal/flags"}, nil, "a look at an account reads the options; AWS it asks through the AWS CLI"},
	{"infra/gate", []string{"infra/gate/door", "internal/flags", "internal/stop"}, nil, "the gate knows a load balancer's signature, and nothing of what it lets through"},
	{"infra/gate/door", nil, nil, "the gate knows a load balancer's signature, and nothing of what it lets through"},
	{"infra/operate", []string{"infra/awscli", "infra/config", "infra/replay", "internal/flags", "internal/names", "internal/opensearch"}, nil, "who looks after a deployment asks AWS through the AWS CLI, and its domain by a signed request"},
	{"infra/lambda/...", []string{"infra/lambda/...", "internal/names", "dashboards/objects", "internal/awsconf", "internal/opensearch", "internal/results"}, append([]string{"github.com/aws/aws-lambda-go"}, aws...), "a function puts the dashboards' objects in place and knows names"},
	{"infra/lambda/scaling/...", []string{"infra/lambda/scaling/...", "internal/names"}, append([]string{"github.com/aws/aws-lambda-go"}, aws...), "the scaling function knows the stream and its alarms, and nothing of the programs"},

	{"localstack", []string{"localstack/app"}, nil, "main only calls app.Main"},
	{"localstack/listen", nil, nil, "a listener knows nothing of what it carries"},
	{"localstack/kinesis", []string{"internal/names", "internal/jsonscan", "internal/durable", "localstack/kinesis/protocol", "localstack/listen"}, []string{"github.com/segmentio/asm/base64"}, serverRule},
	{"localstack/kinesis/protocol", nil, []string{"github.com/fxamacker/cbor/v2"}, "how requests are spelled knows no operation"},
	{"localstack/s3", []string{"localstack/listen"}, nil, serverRule},
	{"localstack/search", []string{"internal/names", "internal/jsonscan", "localstack/listen", "localstack/search/..."}, nil, serverRule},
	{"localstack/search/fail", []string{"internal/jsonscan"}, nil, searchRule},
	{"localstack/search/disk", nil, nil, searchRule},
	{"localstack/search/column", nil, nil, searchRule},
	{"localstack/search/schema", []string{"internal/jsonscan", "localstack/search/fail"}, nil, searchRule},
	{"localstack/search/index", []string{"internal/jsonscan", "localstack/search/fail", "localstack/search/disk", "localstack/search/column", "localstack/search/schema"}, nil, searchRule},
	{"localstack/search/query", []string{"internal/jsonscan", "localstack/search/fail", "localstack/search/disk", "localstack/search/schema", "localstack/search/index"}, nil, searchRule},
	{"localstack/localtest", []string{"internal/names", "internal/trip", "data/generate"}, append([]string{"github.com/uber/h3-go/v4"}, trips...), "the oracle shares no code with the pipeline, so it asks H3 and the file formats' libraries itself; only the generated days come from the generator"},
	{"localstack/localtest/held", []string{"localstack/localtest", "internal/names", "internal/opensearch", "internal/results"}, append([]string{"github.com/awslabs/kinesis-aggregation/go/v2", "google.golang.org/protobuf"}, aws...), "what the oracle is held against is read by others' libraries, never by the processor's source"},
	{"localstack/...", []string{"..."}, nil, "localstack joins everything; the AWS SDK is for its tests only"},
}

// searchRule is why the store's parts know no more.
const searchRule = "the results store's packages import downwards only: fail, disk, column, schema, index, query, search"

var (
	trips    = []string{"github.com/parquet-go/parquet-go", "github.com/klauspost/compress", "github.com/pierrec/lz4/v4", "github.com/ulikunitz/xz", "golang.org/x/text"}
	dataRule = "the data packages know the trip and import each other downwards: zones, trips, generate, sort, app"
)

// roomOf gives the room of a package: the one of its own name, else the longest
// pattern that matches, else nil.
func roomOf(pkg string) *room {
	var best *room
	for i := range rooms {
		r := &rooms[i]
		if r.pattern == pkg {
			return r
		}
		if matches(r.pattern, pkg) && (best == nil || len(r.pattern) > len(best.pattern)) {
			best = r
		}
	}
	return best
}

func matches(pattern, pkg string) bool {
	below, all := strings.CutSuffix(pattern, "...")
	if !all {
		return pattern == pkg
	}
	return strings.HasPrefix(pkg+"/", below)
}

// allows reports whether the room's packages may import path, a package of ours
// below the module (ours) or one of another module.
func (r *room) allows(path string, ours bool) bool {
	if ours {
		for _, p := range r.ours {
			if matches(p, path) && path != "internal/lint" {
				return true
			}
		}
		return false
	}
	for _, p := range r.modules {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}
