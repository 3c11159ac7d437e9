package config

import (
	"strings"
	"testing"

	"taxistream/processor/app"
)

func TestTaskSize(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"small", "small"},
		{"large", "large"},
		{"1", "small"},
		{"12500", "small"},
		{"12501", "medium"},
		{"50000", "large"},
		{"50001", "xlarge"},
		{"200000", "2xlarge"},
		{"200001", ""},
		{"0", ""},
		{"-1", ""},
		{"huge", ""},
		{"", ""},
	} {
		got, err := TaskSize("processor.size", test.text)
		if got.Name != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: got %q, %v; want %q", test.text, got.Name, err, test.want)
		}
		if err != nil && !strings.Contains(err.Error(), "processor.size is ") {
			t.Errorf("%q: the error names no option: %v", test.text, err)
		}
	}
}

// Fargate takes only certain pairs of CPU and memory; a larger size carries more.
func TestSizes(t *testing.T) {
	fargate := map[float64][]int{0.25: {512, 1024, 2048}, 0.5: {1024, 2048, 3072, 4096}, 1: {2048, 3072, 4096, 8192}, 2: {4096, 8192, 16384}, 4: {8192, 16384, 30720}}
	events := 0
	for _, s := range Sizes {
		fits := false
		for _, memory := range fargate[s.VCPU] {
			fits = fits || memory == s.MemoryMiB
		}
		if !fits || s.Events <= events {
			t.Errorf("%+v", s)
		}
		events = s.Events
	}
}

func TestTasksRefuse(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"network.mode", "nat", `network.mode is "nat": choose one of`},
		{"network.cidr", "10.0.0.0/8", "/16 to /24"},
		{"network.cidr", "10.0.0.1/22", "/16 to /24"},
		{"network.cidr", "fd00::/20", "/16 to /24"},
		{"processor.size", "huge", "processor.size"},
		{"processor.log-days", "31", "processor.log-days is 31: choose one of [1 3"},
		{"processor.checkpoint-days", "0", "processor.checkpoint-days"},
		{"processor.index-prefix", "v*", "processor.index-prefix"},
		{"processor.index-prefix", "V2", "lower-case letters"},
		{"processor.index-prefix", "-v2", "a letter or digit first"},
		{"processor.flags", "-p 4 --listen=:80", "processor.flags has --listen=:80"},
		{"processor.flags", "-es-index v2-", "processor.flags has -es-index"},
		{"producer.size", "huge", "producer.size"},
		{"producer.source", "", `producer.source is ""`},
		{"producer.source", "trips.csv", "a task has no files"},
		{"producer.source", "http://x/y", "only HTTPS goes out"},
		{"producer.source", "s3:///x", "write s3://bucket/prefix"},
		{"producer.source", "s3://b/x*", "write s3://bucket/prefix"},
		{"producer.speedup", "-1", "producer.speedup is -1"},
	} {
		_, err := Load(map[string]any{test.key: test.value})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: got %v, want %q", test.key, test.value, err, test.want)
		}
	}
}

func TestProcessorFlags(t *testing.T) {
	for _, flags := range []string{"", "-checkpoint-interval=15s", "-idle-timeout 10s -p 4", "-event-time bounded=10s"} {
		if _, err := Load(map[string]any{"processor.flags": flags, "processor.index-prefix": "v2-"}); err != nil {
			t.Errorf("%q: %v", flags, err)
		}
	}
}

func TestProducerBucket(t *testing.T) {
	for _, test := range []struct{ source, bucket, prefix string }{
		{"s3://trips/2016/", "trips", "2016/"}, {"s3://trips", "trips", ""}, {"generate:2016-01-05", "", ""}, {"https://x/y", "", ""},
	} {
		p := Producer{Source: test.source}
		bucket, prefix, err := p.Bucket()
		if bucket != test.bucket || prefix != test.prefix || err != nil {
			t.Errorf("%s: %q %q %v", test.source, bucket, prefix, err)
		}
	}
}

// The flags that a deployment gives are the processor's; Given panics for one that is not.
func TestGivenFlags(t *testing.T) {
	set, _ := app.CommandLine(1)
	for _, name := range given {
		func() {
			defer func() {
				if fault := recover(); fault != nil {
					t.Errorf("-%s: %v", name, fault)
				}
			}()
			set.Given(name)
		}()
	}
}
