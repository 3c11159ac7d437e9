package cost_test

import (
	"math"
	"strings"
	"testing"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// Bills that were computed by hand from the price pages.
func TestEstimate_ByHand(t *testing.T) {
	const day = 365.0 / 12 // of a month
	for _, test := range []struct {
		name, stack, item string
		values            map[string]any
		want              float64
	}{
		{"EightShards", "Stream", "shard-hours", nil, 8 * 730 * 0.015},
		// 7,350 trips/s of 290 B on 8 shards are 53,288 B a shard and 200 ms: an aggregate of 48 KiB (2 units),
		// one of 4,136 B (1) and a watermark (1); 8 shards, 5 times a second.
		{"PutUnits", "Stream", "PUT payload units of 25 KB", nil, 4 * 8 * 5 * 3600 * day / 1e6 * 0.014},
		// 8 shards, the processor's and the archive's reading and the writing: 12 an hour each.
		{"StreamKeyRequests", "Stream", "KMS requests", nil, 8 * 3 * 12 * 730 / 1e4 * 0.03},
		{"Retention", "Stream", "shard-hours of more than 24 h retention", map[string]any{"stream.retention-hours": 48}, 8 * 730 * 0.02},
		// On demand: 49 KB, of 4 shards: 106,575 B are 2 aggregates of 48 KB and 8,271 B (9 KB), and 1 KB of watermark.
		{"OnDemandIn", "Stream", "on-demand data in", map[string]any{"stream.shards": 0}, (2*48 + 9 + 1) * 4 * 5 * 3600 * day / (1 << 20) * 0.08},
		{"OnDemandHours", "Stream", "on-demand stream-hours", map[string]any{"stream.shards": 0}, 730 * 0.04},
		// 48 KiB are 10 times 5 KB, 4,136 B once, the watermark once.
		{"Firehose", "Archive", "Firehose data in, by 5 KB", nil, 12 * 5 * 8 * 5 * 3600 * day / (1 << 20) * 0.029},
		{"FirehoseByTrip", "Archive", "Firehose data in, by 5 KB", map[string]any{"assume.round-trips": true}, (7350 + 40) * 5 * 3600 * day / (1 << 20) * 0.029},
		{"Nodes", "Search", "hours of m7g.medium.search", nil, 730 * 0.068},
		{"ThreeNodes", "Search", "gp3 storage of a domain", map[string]any{"search.nodes": 3, "search.volume-gb": 50}, 150 * 0.122},
		{"Managers", "Search", "hours of m7g.large.search", map[string]any{"search.masters": "m7g.large.search"}, 3 * 730 * 0.135},
		{"ProcessorARM", "Processor", "Fargate vCPU-hours, arm64", nil, 0.5 * 730 * 0.03238},
		{"ProcessorX86", "Processor", "Fargate GB-hours, amd64", map[string]any{"cpu": "amd64"}, 730 * 0.004445},
		{"Producer", "Producer", "Fargate vCPU-hours, arm64", nil, 0.5 * day * 0.03238},
		// Every 5 s the lease, and four states, a manifest and the lease before it while trips come.
		{"CheckpointPuts", "Processor", "S3 PUT, COPY, LIST", nil, (730 + 6*day) / 5 * 3600 / 1000 * 0.005},
		{"FanOut", "FanOut", "consumer-shard-hours", map[string]any{"fan-out.on": true}, 8 * 730 * 0.015},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := estimate(t, test.values)
			got := 0.0
			for _, l := range e.Lines {
				if l.Stack == test.stack && string(l.Item) == test.item {
					got += l.USD()
				}
			}
			if math.Abs(got-test.want) > 1e-3*test.want {
				t.Errorf("got %.4f, want %.4f", got, test.want)
			}
		})
	}
}

// The hour and the month say the same.
func TestEstimate_Hours(t *testing.T) {
	e := estimate(t, map[string]any{"assume.replay-hours": 6})
	if got, want := e.Deployed()*730+e.Replaying()*6*730/24, e.Monthly(); math.Abs(got-want) > 1e-9*want {
		t.Errorf("the hours make %.6f a month, the lines %.6f", got, want)
	}
	if e := estimate(t, map[string]any{"assume.replay-hours": 0}); e.Replaying() != 0 {
		t.Errorf("an hour of no replay costs %.2f", e.Replaying())
	}
}

// More of a thing is never cheaper.
func TestEstimate_Monotonic(t *testing.T) {
	for _, test := range []struct {
		key    string
		values []any
		with   map[string]any
	}{
		{"stream.shards", []any{1, 2, 4, 8, 16, 64}, nil},
		{"stream.retention-hours", []any{24, 25, 168, 169, 8760}, nil},
		{"stream.retention-hours", []any{24, 25, 168, 169, 8760}, map[string]any{"stream.shards": 0}},
		{"assume.replay-hours", []any{0, 0.5, 1, 24}, nil},
		{"producer.speedup", []any{1, 2, 60, 1440, 10_000}, nil},
		{"producer.speedup", []any{0.1, 1, 2, 60, 1440, 10_000}, map[string]any{"stream.shards": 0}},
		{"archive.expire-days", []any{100, 200, 365}, nil},
		{"archive.on", []any{false, true}, nil},
		{"telemetry.on", []any{false, true}, nil},
		{"scaling.on", []any{false, true}, nil},
		{"fan-out.on", []any{false, true}, nil},
		{"processor.size", []any{"small", "medium", "large"}, nil},
		{"producer.size", []any{"small", "medium", "large"}, nil},
		{"producer.size", []any{"small", "medium", "large"}, map[string]any{"producer.speedup": 0}},
		{"network.flow-logs", []any{false, true}, nil},
		{"processor.insights", []any{false, true}, nil},
		{"processor.log-days", []any{1, 30, 365}, nil},
		{"processor.checkpoint-days", []any{1, 7, 365}, nil},
		{"search.nodes", []any{1, 2, 3, 10}, nil},
		{"search.volume-gb", []any{10, 20, 1000}, nil},
		{"search.masters", []any{"", "m7g.medium.search", "m7g.large.search"}, nil},
		{"search.instance", []any{"t3.small.search", "m7g.medium.search", "m7g.large.search", "r7g.large.search", "r7g.xlarge.search"}, nil},
		{"assume.users", []any{0, 3, 100}, nil},
		{"cpu", []any{"arm64", "amd64"}, nil},
	} {
		last := -1.0
		for _, value := range test.values {
			if now := monthly(t, and(test.with, test.key, value)); now < last {
				t.Errorf("%s=%v with %v costs %.2f, less than the one before: %.2f", test.key, value, test.with, now, last)
			} else {
				last = now
			}
		}
	}
}

// What has no price is an error that names it, not a line of nothing.
func TestEstimate_NoPrice(t *testing.T) {
	c := config.Default()
	empty := cost.Table{Region: "nowhere", Date: "2026-01-01"}
	_, err := cost.Of(&c, &empty)
	if err == nil || !strings.Contains(err.Error(), "no price for shard-hours in nowhere (2026-01-01): add it to infra/cost with its page") {
		t.Errorf("got %v", err)
	}
}
