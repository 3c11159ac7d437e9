package app_test

import (
	"bytes"
	"context"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/app"
	"taxistream/processor/job"
	"taxistream/processor/source"
)

// contractFlags are all that the contract gives the processor, with the aliases.
var contractFlags = strings.Fields(`stream region endpoint opensearch-endpoint es-endpoint index-prefix es-index sign checkpoint-dir checkpoint
	checkpoint-interval from-savepoint parallelism p position consumer consumer-name event-time noeventtime idle-timeout flush-interval listen
	listen-token-file log-level log-format quiet max-duration allowed-lateness hotspot-window hotspot-resolution hotspot-min airport-window airport-resolution
	max-ahead allow-fresh-start max-state-entries takeover also`)

// Ensure the defaults are the contract's.
func TestFlags_Defaults(t *testing.T) {
	got, err := parse("-opensearch-endpoint", "http://o")
	got.Again = nil // a function: TestCheckpointOfAnotherStream follows what it says
	want := app.Config{
		Stream: "taxi-trip-events", OpenSearchEndpoint: "http://o", FlushInterval: 200 * time.Millisecond,
		CheckpointDir: "./checkpoints", CheckpointInterval: 5 * time.Second, Parallelism: 3,
		Position: source.Position{Kind: types.ShardIteratorTypeTrimHorizon}, Rules: trip.DefaultRules,
		HotspotResolution: 9, AirportResolution: 8, HotspotMin: 2, Listen: "127.0.0.1:8081", MaxStateEntries: 16777216,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

// Ensure every flag, by each of its names and with one dash or two, sets what it says.
func TestFlags_Set(t *testing.T) {
	for args, is := range map[string]func(c app.Config) bool{
		"-stream s":                           func(c app.Config) bool { return c.Stream == "s" },
		"--stream=s":                          func(c app.Config) bool { return c.Stream == "s" },
		"-region r":                           func(c app.Config) bool { return c.Region == "r" },
		"-endpoint http://k":                  func(c app.Config) bool { return c.Endpoint == "http://k" },
		"-es-endpoint http://e":               func(c app.Config) bool { return c.OpenSearchEndpoint == "http://e" },
		"--es-endpoint=http://e":              func(c app.Config) bool { return c.OpenSearchEndpoint == "http://e" },
		"-index-prefix a-":                    func(c app.Config) bool { return c.IndexPrefix == "a-" },
		"-es-index a-":                        func(c app.Config) bool { return c.IndexPrefix == "a-" },
		"-also file://out?format=parquet":     func(c app.Config) bool { return c.Also.Folder == "out" && c.Also.Parquet },
		"-also s3://b/p/":                     func(c app.Config) bool { return c.Also.Bucket.Prefix == "p/" && !c.Also.Parquet },
		"-sign aoss":                          func(c app.Config) bool { return c.Sign == "aoss" },
		"-checkpoint-dir d":                   func(c app.Config) bool { return c.CheckpointDir == "d" },
		"-checkpoint d":                       func(c app.Config) bool { return c.CheckpointDir == "d" },
		"-checkpoint-interval 1500":           func(c app.Config) bool { return c.CheckpointInterval == 1500*time.Millisecond },
		"-parallelism 7":                      func(c app.Config) bool { return c.Parallelism == 7 },
		"-p 7":                                func(c app.Config) bool { return c.Parallelism == 7 },
		"-p=128":                              func(c app.Config) bool { return c.Parallelism == 128 },
		"-position LATEST":                    func(c app.Config) bool { return c.Position.Kind == types.ShardIteratorTypeLatest },
		"-consumer fan-out":                   func(c app.Config) bool { return c.Consumer == "processor" },
		"-consumer fan-out -consumer-name me": func(c app.Config) bool { return c.Consumer == "me" },
		"-consumer polling -consumer-name me": func(c app.Config) bool { return c.Consumer == "" },
		"-event-time bounded=10s": func(c app.Config) bool {
			return c.EventTime == job.EventTime{Mode: job.Bounded, Bound: 10 * time.Second}
		},
		"-event-time arrival":             func(c app.Config) bool { return c.EventTime.Mode == job.Arrival },
		"-noeventtime":                    func(c app.Config) bool { return c.EventTime.Mode == job.Clock },
		"-noeventtime=false":              func(c app.Config) bool { return c.EventTime.Mode == job.Producer },
		"-idle-timeout 30s":               func(c app.Config) bool { return c.IdleTimeout == 30*time.Second },
		"-flush-interval 50":              func(c app.Config) bool { return c.FlushInterval == 50*time.Millisecond },
		"-max-duration 2h":                func(c app.Config) bool { return c.Rules.MaxDuration == 2*time.Hour },
		"-allowed-lateness 1m":            func(c app.Config) bool { return c.Rules.AllowedLateness == time.Minute },
		"-hotspot-window 5m":              func(c app.Config) bool { return c.Rules.HotspotWindow == 5*time.Minute },
		"-airport-window 30m":             func(c app.Config) bool { return c.Rules.AirportWindow == 30*time.Minute },
		"-max-ahead 1h":                   func(c app.Config) bool { return c.Rules.MaxAhead == time.Hour },
		"-max-ahead 0":                    func(c app.Config) bool { return c.Rules.MaxAhead == 0 },
		"-allow-expired":                  func(c app.Config) bool { return c.AllowExpired },
		"-allow-fresh-start":              func(c app.Config) bool { return c.AllowFreshStart },
		"-max-state-entries 0":            func(c app.Config) bool { return c.MaxStateEntries == 0 },
		"-hotspot-resolution 0":           func(c app.Config) bool { return c.HotspotResolution == 0 },
		"-airport-resolution 15":          func(c app.Config) bool { return c.AirportResolution == 15 },
		"-hotspot-min 1":                  func(c app.Config) bool { return c.HotspotMin == 1 },
		"-listen :0 -listen-token-file f": func(c app.Config) bool { return c.Listen == ":0" && c.TokenFile == "f" },
		"-log-level debug -log-format json -quiet": func(c app.Config) bool {
			return c.Log == telemetry.LogOptions{Level: "debug", Format: "json", Quiet: true}
		},
	} {
		c, err := parse(append([]string{"-opensearch-endpoint", "http://o"}, strings.Fields(args)...)...)
		if err != nil || !is(c) {
			t.Errorf("%s: got %+v, %v", args, c, err)
		}
	}
}

// main runs the program.
func main(args ...string) (status int, stdout, stderr string) {
	var o, e bytes.Buffer
	status = app.Main(context.Background(), args, &o, &e)
	return status, o.String(), e.String()
}

// Ensure wrong usage is status 2 and one line that says what to choose and points to -h.
func TestFlags_WrongUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                     "flag -opensearch-endpoint is needed",
		"-foo":                 "unknown flag -foo",
		"-opensearch-endpoint": "needs a value",
		"ENDS run":             `unexpected argument "run"`,
		"ENDS -consumer push":  "-consumer push: choose polling or fan-out",
		"ENDS -consumer fan-out -consumer-name a/b": `-consumer-name "a/b": a name has 1 to 128 letters`,
		"ENDS -p 0":                        "-parallelism 0: choose 1 to 128",
		"ENDS -emf AWS/ECS":                `-emf: namespace "AWS/ECS": write 1 to 255 letters`,
		"ENDS -p 129":                      "-parallelism 129: choose 1 to 128",
		"ENDS -p two":                      "-p ",
		"ENDS -position START":             "choose TRIM_HORIZON, LATEST or AT_TIMESTAMP=",
		"ENDS -position AT_TIMESTAMP=noon": "-position AT_TIMESTAMP=noon",
		"ENDS -event-time moon":            "choose producer, arrival, bounded=10s or none",
		"ENDS -hotspot-resolution 16":      "H3 has 0 to 15",
		"ENDS -airport-resolution -1":      "H3 has 0 to 15",
		"ENDS -hotspot-min 0":              "-hotspot-min 0: choose 1 or more",
		"ENDS -hotspot-window 0":           "-hotspot-window",
		"ENDS -airport-window 0":           "-airport-window",
		"ENDS -hotspot-window -5m":         "-hotspot-window",
		"ENDS -max-duration -1h":           "-max-duration",
		"ENDS -allowed-lateness -1":        "-allowed-lateness",
		"ENDS -max-ahead -1h":              "-max-ahead",
		"ENDS -max-state-entries -1":       "-max-state-entries -1: choose 1 or more, or 0 for no limit",
		"ENDS -idle-timeout soon":          "-idle-timeout",
		"ENDS -checkpoint-interval 1ms":    "-checkpoint-interval 1ms: choose 10ms or more",
		"ENDS -checkpoint-dir=":            "-checkpoint-dir is empty",
		"ENDS -index-prefix A*":            "-index-prefix",
		"ENDS -index-prefix _a":            "-index-prefix",
		"ENDS -log-level loud":             "choose debug, info, warn or error",
		"ENDS -log-format xml":             "choose text or json",
	} {
		args = strings.ReplaceAll(args, "ENDS", "-opensearch-endpoint http://127.0.0.1:1 -endpoint http://127.0.0.1:1 -listen 127.0.0.1:0")
		status, stdout, stderr := main(strings.Fields(args)...)
		if status != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "processor: ") || !strings.HasSuffix(stderr, "; see -h\n") || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want status 2 and one line with %q", args, status, stdout, stderr, want)
		}
	}
}

// Ensure -h lists flags of the contract only, each with words, on standard output.
func TestFlags_Help(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"--help"}, {"-p", "3", "-h"}} {
		status, stdout, stderr := main(args...)
		if status != 0 || stderr != "" {
			t.Fatalf("%v: status %d, stderr %q", args, status, stderr)
		}
		listed := 0
		for _, line := range regexp.MustCompile(`(?m)^  -.*\n        .*$`).FindAllString(stdout, -1) {
			head, words, _ := strings.Cut(line, "\n")
			for _, name := range regexp.MustCompile(`-[a-z][a-z-]*`).FindAllString(strings.ReplaceAll(head, " -", " , -"), -1) {
				listed++
				if !slices.Contains(append(contractFlags, "version", "emf", "opensearch-compress", "allow-expired"), strings.TrimPrefix(name, "-")) { // infra's watch needs -emf; ADR 0008
					t.Errorf("%s is no flag of the contract", name)
				}
			}
			if len(strings.TrimSpace(words)) < 10 {
				t.Errorf("%s is not explained", head)
			}
		}
		if listed < 30 {
			t.Errorf("only %d flags are listed:\n%s", listed, stdout)
		}
	}
}

// Ensure a flag that -h lists is one that is taken, and that what is not there is
// refused rather than passed over.
func TestFlags_NotThere(t *testing.T) {
	_, help, _ := main("-h")
	for _, name := range contractFlags {
		taken := regexp.MustCompile(`[ ,]-` + name + `\b`).MatchString(help)
		_, err := parse("-opensearch-endpoint", "http://o", "-"+name)
		unknown := err != nil && strings.Contains(err.Error(), "unknown flag")
		if taken == unknown {
			t.Errorf("-%s: listed %v, but %v", name, taken, err)
		}
	}
}
