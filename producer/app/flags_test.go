package app

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"taxistream/producer/replay"
)

// Ensure every flag of the contract has its default, its aliases and its unit.
func TestCommandLine_Contract(t *testing.T) {
	ms := func(n time.Duration) time.Duration { return n * time.Millisecond }
	for _, c := range []struct {
		names []string // the flag and its aliases
		get   func(*Config) any
		def   any
		text  string // another value, and what it means
		want  any
	}{
		{[]string{"stream"}, func(c *Config) any { return c.Stream }, "taxi-trip-events", "other", "other"},
		{[]string{"region"}, func(c *Config) any { return c.Region }, "", "eu-west-1", "eu-west-1"},
		{[]string{"endpoint"}, func(c *Config) any { return c.Endpoint }, "", "http://127.0.0.1:4566", "http://127.0.0.1:4566"},
		{[]string{"bucket"}, func(c *Config) any { return c.sources() }, []string{"x"}, "b", []string{"x", "s3://b/"}},
		{[]string{"speedup"}, func(c *Config) any { return c.Speedup }, 1440., "0", 0.},
		{[]string{"seek"}, func(c *Config) any { return c.Seek }, int64(replay.NoSeek), "2015-01-15T12:30:00+01:00", millis("2015-01-15T11:30:00Z")},
		{[]string{"until"}, func(c *Config) any { return c.Until }, int64(replay.NoUntil), "2015-01-15 07:30:00", millis("2015-01-15T12:30:00Z")},
		{[]string{"adapt-time", "adaptTime"}, func(c *Config) any { return c.AdaptTime }, "original", "invocation", "invocation"},
		{[]string{"adapt-time", "adaptTime"}, func(c *Config) any { return c.AdaptTime }, "original", "ingestion", "ingestion"},
		{[]string{"aggregate"}, func(c *Config) any { return c.Aggregate }, true, "false", false},
		{[]string{"no-watermark", "noWatermark"}, func(c *Config) any { return c.NoWatermark }, false, "true", true},
		{[]string{"watermark-interval"}, func(c *Config) any { return c.WatermarkInterval }, ms(200), "50", ms(50)},
		{[]string{"end-watermark"}, func(c *Config) any { return c.EndWatermark }, time.Hour, "0", ms(0)},
		{[]string{"statistics-interval", "statisticsFrequency"}, func(c *Config) any { return c.StatisticsInterval }, 60 * time.Second, "1500", ms(1500)},
		{[]string{"max-gap"}, func(c *Config) any { return c.MaxGap }, 24 * time.Hour, "90m", 90 * time.Minute},
		{[]string{"loop"}, func(c *Config) any { return c.Loop }, 1, "0", 0},
		{[]string{"max-outstanding"}, func(c *Config) any { return c.MaxOutstanding }, 50000, "7", 7},
	} {
		for _, name := range c.names {
			for _, arg := range []string{"-" + name + "=" + c.text, "--" + name + "=" + c.text} {
				parse := func(args ...string) *Config {
					set, config := CommandLine()
					var out, errs bytes.Buffer
					if done, code := set.Parse(append(args, "-source", "x"), &out, &errs); done {
						t.Fatalf("%v: status %d, %s", args, code, errs.String())
					}
					return config
				}
				if got := c.get(parse()); !reflect.DeepEqual(got, c.def) {
					t.Errorf("-%s is %v, want %v", name, got, c.def)
				}
				if got := c.get(parse(arg)); !reflect.DeepEqual(got, c.want) {
					t.Errorf("%s: %v, want %v", arg, got, c.want)
				}
			}
		}
	}
	for _, prefix := range []string{"prefix", "objectPrefix"} {
		set, c := CommandLine()
		if done, _ := set.Parse([]string{"-bucket", "b", "-" + prefix, "2015/", "-source", "x", "-source", "y"}, new(bytes.Buffer), new(bytes.Buffer)); done {
			t.Fatal("wrong usage")
		}
		if got := fmt.Sprint(c.sources()); got != "[x y s3://b/2015/]" {
			t.Errorf("sources %s", got)
		}
	}
}
