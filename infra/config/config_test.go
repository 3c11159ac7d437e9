package config

import (
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	c, err := Load(map[string]any{"stream.shards": "2", "local": true, "aws:cdk:version": "x", "@aws-cdk/core:flag": true, "cpu": "arm64"})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Stream.Shards, want.Local, want.CPU = 2, true, "arm64"
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"stream.shard", "2", "stream.shard is no option (did you mean stream.shards?): `go run ./infra options` lists them"},
		{"stream.shards", "two", "stream.shards=two: write a whole number"},
		{"stream.shards", "-1", "stream.shards is -1: choose 0 to 10000"},
		{"stream.retention-hours", "1", "stream.retention-hours is 1: choose 24 to 8760"},
		{"local", "maybe", "local=maybe: write true or false"},
		{"cpu", "sparc", `cpu is "sparc": choose one of ["arm64" "amd64"]`},
		{"stream.name", "", "stream.name is empty: give a value"},
	} {
		_, err := Load(map[string]any{test.key: test.value})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: got %v, want %q", test.key, test.value, err, test.want)
		}
	}
}

// Every option has a name of its own, says what it means and survives a round trip.
func TestOptions(t *testing.T) {
	seen := map[string]bool{}
	values := map[string]any{}
	for _, o := range Options() {
		if o.Key == "" || strings.HasSuffix(o.Key, ".") || seen[o.Key] || !ours(o.Key) {
			t.Errorf("option %q: its key must be there, once, and not look like the CDK's", o.Key)
		}
		if o.Doc == "" {
			t.Errorf("option %s has no doc", o.Key)
		}
		seen[o.Key] = true
		values[o.Key] = o.Default
	}
	c, err := Load(values)
	if err != nil || c != Default() {
		t.Errorf("the defaults as text gave %+v, %v", c, err)
	}
}

// What Changed lists gives the same configuration again.
func TestChanged(t *testing.T) {
	c := Default()
	if got := c.Changed(); got != nil {
		t.Errorf("the default differs from itself by %v", got)
	}
	c.Name, c.Stream.Shards, c.Trail.On = "Other", 2, true
	values := map[string]any{}
	for _, option := range c.Changed() {
		key, value, _ := strings.Cut(option, "=")
		values[key] = value
	}
	if got, err := Load(values); err != nil || got != c || len(values) != 3 {
		t.Errorf("%v gave %+v, %v", values, got, err)
	}
}
