package cost

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"taxistream/infra/config"
)

// A Lever is a change of options and what it does to the bill.
type Lever struct {
	What  string
	Set   map[string]any // options as -c has them
	Total float64        // USD a month
	Delta float64        // against the configuration itself
}

// Levers gives the levers that change something, in the order of the table. The
// values are the options of the configuration as -c has them; a lever that they
// contradict is left out.
func Levers(values map[string]any, t *Table) ([]Lever, error) {
	base, err := totalOf(values, t)
	if err != nil {
		return nil, err
	}
	var all []Lever
	for _, l := range levers {
		merged := map[string]any{}
		maps.Copy(merged, values)
		maps.Copy(merged, l.Set)
		if l.Total, err = totalOf(merged, t); errors.Is(err, errConfig) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("lever %q: %w", l.What, err)
		}
		l.Delta = l.Total - base
		if math.Abs(l.Delta) >= 0.005 {
			all = append(all, l)
		}
	}
	return all, nil
}

// Replaces says what the lever makes of a deployment that is there, beyond a change in
// place; else it is empty.
func (l *Lever) Replaces() string {
	var all []string
	sets := config.WithPreset(l.Set)
	for _, o := range config.Options() {
		if _, set := sets[o.Key]; set && strings.HasPrefix(o.Change, "replaces") {
			all = append(all, o.Change)
		}
	}
	return strings.Join(all, "; ")
}

// errConfig is part of the error when the options contradict each other.
var errConfig = errors.New("configuration")

func totalOf(values map[string]any, t *Table) (float64, error) {
	c, err := config.Load(values)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errConfig, err)
	}
	e, err := Of(&c, t)
	return e.Monthly(), err
}

// Flags is the lever as it is typed.
func (l *Lever) Flags() string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(l.Set)) {
		all = append(all, fmt.Sprintf("-c %s=%v", key, l.Set[key]))
	}
	return strings.Join(all, " ")
}

var levers = []Lever{
	{What: "a stream on demand", Set: map[string]any{"stream.shards": 0}},
	{What: "the smallest of everything, for trials", Set: map[string]any{"preset": "trial"}},
	{What: "what production asks for", Set: map[string]any{"preset": "production"}},
	{What: "four shards, enough for a replay at 1440", Set: map[string]any{"stream.shards": 4}},
	{What: "a week of retention", Set: map[string]any{"stream.retention-hours": 168}},
	{What: "a domain in two zones", Set: map[string]any{"search.nodes": 2, "search.zones": 2}},
	{What: "a domain in three zones, with managers", Set: map[string]any{"search.nodes": 3, "search.zones": 3, "search.masters": "m7g.medium.search"}},
	{What: "larger nodes", Set: map[string]any{"search.instance": "r7g.large.search"}},
	{What: "the smallest nodes, for trials", Set: map[string]any{"search.instance": "t3.small.search"}},
	{What: "the account's key for the domain", Set: map[string]any{"search.own-key": false}},
	{What: "no archive", Set: map[string]any{"archive.on": false}},
	{What: "no archive after 30 days", Set: map[string]any{"archive.infrequent-days": 0, "archive.glacier-days": 0, "archive.expire-days": 30}},
	{What: "if Firehose rounds each trip up to 5 KB", Set: map[string]any{"assume.round-trips": true}},
	{What: "no dashboard, no alarms", Set: map[string]any{"watch.on": false}},
	{What: "a record of who reads and writes the data", Set: map[string]any{"trail.on": true}},
	{What: "taxis' telemetry by MQTT", Set: map[string]any{"telemetry.on": true}},
	{What: "the number of shards follows the load", Set: map[string]any{"scaling.on": true}},
	{What: "a consumer with enhanced fan-out", Set: map[string]any{"fan-out.on": true}},
	{What: "the control room behind a load balancer", Set: map[string]any{
		"room.on": true, "room.domain": "room.example.org",
		"room.certificate": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
	}},
	{What: "a firewall before the login", Set: map[string]any{"search.waf": true}},
	{What: "a domain inside the VPC", Set: map[string]any{"search.vpc": true}},
	{What: "a small processor", Set: map[string]any{"processor.size": "small"}},
	{What: "a large processor", Set: map[string]any{"processor.size": "large"}},
	{What: "the processor on Apache Flink", Set: map[string]any{"processor.edition": "flink"}},
	{What: "a checkpoint a minute", Set: map[string]any{"processor.flags": "-checkpoint-interval=1m"}},
	{What: "private subnets: endpoints and a NAT gateway", Set: map[string]any{"network.mode": "endpoints"}},
	{What: "flow logs", Set: map[string]any{"network.flow-logs": true}},
	{What: "Container Insights", Set: map[string]any{"processor.insights": true}},
	{What: "tasks on Graviton", Set: map[string]any{"cpu": "arm64"}},
	{What: "tasks on x86", Set: map[string]any{"cpu": "amd64"}},
	{What: "no replay at all", Set: map[string]any{"assume.replay-hours": 0}},
	{What: "replay around the clock", Set: map[string]any{"assume.replay-hours": 24}},
	{What: "in real time, around the clock", Set: map[string]any{"assume.replay-hours": 24, "producer.speedup": 1}},
}
