package cost_test

import (
	"math"
	"testing"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// free are the options that cost nothing, each with the reason.
var free = map[string]string{
	"name":        "a name",
	"region":      "only one region's prices are in the table; the report says so for another",
	"local":       "LocalStack's edition is free",
	"stream.name": "a name",
	"protect":     "what is kept costs as before",

	"network.cidr":             "addresses inside the VPC",
	"processor.index-prefix":   "a name",
	"processor.jar":            "a file of 36 MB in the CDK's own bucket",
	"producer.source":          "reading a day from S3 is some hundred requests",
	"archive.result-days":      "results of queries are a few kilobytes",
	"archive.first-date":       "bounds what Athena looks for; days without events have no objects",
	"telemetry.topic":          "a name",
	"pipeline.connection":      "a name",
	"pipeline.repository":      "a name",
	"pipeline.branch":          "a name",
	"pipeline.approval":        "waiting for a person is not charged",
	"scaling.least":            "the estimate counts with stream.shards; what is scaled costs by the hour in which it exists",
	"scaling.greatest":         "the same",
	"scaling.up-percent":       "the same",
	"scaling.down-percent":     "the same",
	"scaling.cooldown-minutes": "the same",
	"fan-out.name":             "a name",

	"room.forward":          "a port forward by Systems Manager to a task costs nothing",
	"room.domain":           "a name",
	"room.certificate":      "ACM's public certificates cost nothing",
	"search.operators":      "a text",
	"search.keep-months":    "the volume is paid for, full or not",
	"search.zones":          "what crosses them inside the domain costs nothing; more zones need more nodes",
	"search.mfa":            "codes of an app cost nothing, unlike SMS",
	"search.slow-seconds":   "slow searches are few",
	"search.from":           "a time",
	"search.to":             "a time",
	"watch.email":           "a thousand e-mails a month cost nothing",
	"watch.slack-workspace": "chat costs nothing",
	"watch.slack-channel":   "the same",
	"watch.runbooks":        "a text",
	"watch.budget-dollars":  "budgets without actions cost nothing",
	"watch.lag-seconds":     "an alarm costs the same at any threshold",
	"watch.stalled-seconds": "the same",
	"watch.ahead-seconds":   "the same",
	"watch.late-percent":    "the same",
	"watch.checkpoint-age":  "the same",
	"watch.kpus":            "the same; what the job scales itself to is not foreseen",
}

// priced are the options that cost money: with these options set as well, the value moves the estimate.
var priced = map[string]struct {
	value any
	with  map[string]any
}{
	"stream.shards":          {value: 3},
	"stream.retention-hours": {value: 48},
	"assume.replay-hours":    {value: 5},
	"producer.speedup":       {value: 60},
	"cpu":                    {value: "amd64"},
	"image":                  {value: "registry/image@sha256:0"},

	"network.mode":              {value: "endpoints"},
	"network.flow-logs":         {value: true},
	"processor.flags":           {value: "-p 2 -checkpoint-interval 30s"},
	"processor.edition":         {value: "flink"},
	"processor.kpus":            {value: 4, with: map[string]any{"processor.edition": "flink"}},
	"processor.size":            {value: "large"},
	"processor.insights":        {value: true},
	"processor.log-days":        {value: 365},
	"processor.checkpoint-days": {value: 30},
	"producer.size":             {value: "large"},

	"archive.on":              {value: false},
	"archive.buffer-mb":       {value: 128},
	"archive.buffer-seconds":  {value: 60, with: map[string]any{"producer.speedup": 1}},
	"archive.infrequent-days": {value: 0},
	"archive.glacier-days":    {value: 0},
	"archive.expire-days":     {value: 200},
	"archive.scan-limit-gb":   {value: 1},
	"assume.queries":          {value: 0},
	"assume.round-trips":      {value: true},

	"trail.on":           {value: true},
	"trail.keep-days":    {value: 30, with: map[string]any{"trail.on": true}},
	"telemetry.on":       {value: true},
	"assume.taxis":       {value: 7, with: map[string]any{"telemetry.on": true}},
	"pipeline.on":        {value: true, with: pipeline},
	"assume.deployments": {value: 7, with: and(pipeline, "pipeline.on", true)},
	"search.instance":    {value: "r7g.large.search"},
	"search.nodes":       {value: 3},
	"search.masters":     {value: "m7g.medium.search"},
	"search.volume-gb":   {value: 100},
	"search.own-key":     {value: false},
	"search.log-days":    {value: 365},
	"assume.users":       {value: 50},
	"watch.on":           {value: false},
	"scaling.on":         {value: true},
	"fan-out.on":         {value: true},
	"room.on":            {value: true, with: room},
	"room.internal":      {value: true, with: and(room, "room.on", true)},
	"preset":             {value: "trial"},
	"search.vpc":         {value: true},
	"search.waf":         {value: true},
	"search.allow-cidr":  {value: "203.0.113.0/24"},
}

// room is what the control room needs to be told.
var room = map[string]any{
	"room.domain": "room.example.org", "network.mode": "endpoints",
	"room.certificate": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
}

// pipeline is what the deployment pipeline needs to be told.
var pipeline = map[string]any{
	"pipeline.connection": "arn:aws:codeconnections:us-east-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef",
	"pipeline.repository": "owner/name",
}

// Every option either moves the estimate or stands in the list of those that cost nothing.
func TestEveryOptionIsPriced(t *testing.T) {
	known := map[string]bool{}
	for _, option := range config.Options() {
		known[option.Key] = true
		test, costs := priced[option.Key]
		switch {
		case costs && free[option.Key] != "":
			t.Errorf("%s stands in both lists", option.Key)
		case !costs && free[option.Key] == "":
			t.Errorf("%s is new: price it in infra/cost and add it to priced, or to free with the reason", option.Key)
		case costs:
			if before, after := monthly(t, test.with), monthly(t, and(test.with, option.Key, test.value)); math.Abs(after-before) < 1e-6 {
				t.Errorf("%s=%v changes nothing: %.2f", option.Key, test.value, before)
			}
		}
	}
	for key := range free {
		if !known[key] {
			t.Errorf("%s is no option any more", key)
		}
	}
	for key := range priced {
		if !known[key] {
			t.Errorf("%s is no option any more", key)
		}
	}
}

// monthly is the total of a configuration.
func monthly(t *testing.T, values map[string]any) float64 {
	t.Helper()
	e := estimate(t, values)
	return e.Monthly()
}

func estimate(t *testing.T, values map[string]any) cost.Estimate {
	t.Helper()
	c, err := config.Load(and(map[string]any{"cpu": "arm64"}, "", nil, values))
	if err != nil {
		t.Fatal(err)
	}
	e, err := cost.Of(&c, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// and is a copy of values with one more, if its key is not empty, and those of others.
func and(values map[string]any, key string, value any, others ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, each := range append([]map[string]any{values}, others...) {
		for k, v := range each {
			all[k] = v
		}
	}
	if key != "" {
		all[key] = value
	}
	return all
}
