package app_test

import (
	"flag"
	"testing"

	"taxistream/processor/app"
	"taxistream/processor/vectors"
)

var _ = flag.Bool("update", false, "write the vectors of both editions instead of comparing them")

// Ensure which command lines both editions take, and which rules they then name in templates and checkpoints.
func TestVectors(t *testing.T) {
	var lines []any
	for _, args := range commandLines() {
		c, err := parse(append([]string{"-opensearch-endpoint", "http://127.0.0.1:9200", "-region", "us-east-1"}, args...)...)
		line := map[string]any{"args": args, "wrong": err != nil}
		if err == nil {
			line["meta"], line["prefix"] = app.Meta(&c), c.IndexPrefix
		}
		lines = append(lines, line)
	}
	vectors.Hold(t, "flags.jsonl", lines)
}

func commandLines() [][]string {
	all := [][]string{
		{},
		{"--max-duration", "2h"},
		{"-max-duration=2h", "--max-duration=3h"},
		{"-es-index", "v2-"},
		{"-noeventtime"},
		{"-noeventtime=false"},
		{"-noeventtime=T"},
		{"-noeventtime=yes"},
		{"-noeventtime=tRuE"},
		{"-quiet=1", "-quiet=0"},
		{"extra"},
		{"-"},
		{"--"},
		{"-stream"},
		{"-stream="},
		{"-nosuch"},
		{"-index-prefix=a\n\n"},
	}
	with := func(flag string, values ...string) {
		for _, v := range values {
			all = append(all, []string{"-" + flag + "=" + v})
		}
	}
	with("max-ahead", "0", "0s", "1", "1.5", "250us", "250µs", "250μs", "1h1m1s", "1m", "60s", "3600", "90m", "1.5h", "100h5ms", "1h0.5s", "999ns", "1500ns", "1ms1ns", "1e3", "1e-3", ".5s", "5.s", ".s", "1d", "1f", "0x10",
		" 1", "1 ", "+5s", "-5s", "-1", "+1", "5S", "s", "", "h", "1h30", "NaN", "Inf", "infinity", "1e300", "2562047h", "2562048h", "9223372036854ms", "9223372036855ms")
	with("event-time", "producer", "arrival", "none", "bounded=10s", "bounded=0", "bounded=1500", "bounded", "bounded=", "bounded=x", "Producer", "producer=1", "arrival=1", "bounded=10s=1", "")
	with("hotspot-min", "1", "0", "-1", "+3", "2.0", "1e3", "2147483647", "0x2", "1_0", "", " 1", "٣")
	with("hotspot-resolution", "0", "15", "16", "-1")
	with("parallelism", "1", "128", "129", "0")
	with("hotspot-window", "1ms", "999us", "0", "24h", "7m")
	with("airport-window", "1ms", "999us", "90m")
	with("allowed-lateness", "0", "1m", "-1s")
	with("index-prefix", "a", "A", "é", "É", "-a", "_a", "+a", ".a", "a-_+.b", "a b", "a:b", "a#b", "a,b", "a/b", "a*", "a\tb", "a\nb", "\n", longText(200), longText(201), "é"+longText(198), "é"+longText(199))
	with("position", "TRIM_HORIZON", "LATEST", "latest", "AT_TIMESTAMP", "AT_TIMESTAMP=", "AT_TIMESTAMP=2016-01-05T12:00:00Z", "AT_TIMESTAMP=2016-01-05", "AT_SEQUENCE_NUMBER=1")
	with("checkpoint-interval", "10", "9", "9.999ms")
	with("idle-timeout", "0", "30s", "-1")
	with("consumer", "polling", "fan-out", "push", "")
	with("log-level", "debug", "info", "warn", "error", "INFO", "trace", "")
	with("log-format", "text", "json", "xml", "")
	with("flush-interval", "0", "1s", "x")
	with("sign", "es", "aoss")
	with("allow-fresh-start", "true", "false", "x")
	with("stream", "a", "a b", "arn:aws:kinesis:us-east-1:123456789012:stream/a", "arn:aws:kinesis:eu-west-1:123456789012:stream/a", "arn:aws:kinesis:us-east-1:1:stream/a", "arn:x", longText(128), longText(129))
	for _, name := range []string{"a", "a b", "", longText(129)} {
		all = append(all, []string{"-consumer", "fan-out", "-consumer-name", name})
	}
	return all
}

func longText(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = 'x'
	}
	return string(text)
}
