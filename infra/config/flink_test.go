package config

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The flags that a deployment knows are those of the job, aliases included, and whether
// each takes a value is as there.
func TestFlinkFlags(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../processor/flink/src/main/java/taxistream/job/Config.java"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`f\.add\("([a-z-]+)", "([^"]*)", .*?\);`)
	quoted := regexp.MustCompile(`"([^"]*)"`)
	var job []string
	for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
		names := []string{m[1]}
		if words := quoted.FindAllStringSubmatch(m[0], -1); len(words) > 4 || len(words) == 4 && strings.Contains(m[0], "String.valueOf") {
			names = append(names, words[len(words)-1][1])
		}
		for _, name := range names {
			job = append(job, name)
			if takes, known := flinkFlags[name]; known && takes != (m[2] != "") {
				t.Errorf("-%s takes a value: %v, in Config.java %q", name, takes, m[2])
			}
		}
	}
	known := slices.Concat(slices.Collect(maps.Keys(flinkFlags)), slices.Collect(maps.Keys(flinkGiven)))
	slices.Sort(job)
	slices.Sort(known)
	if !slices.Equal(job, known) {
		t.Errorf("the job's flags are   %q\nthose known here are %q", job, known)
	}
}

// Flags go to the job or to the service.
func TestOnFlink(t *testing.T) {
	for _, test := range []struct {
		flags    string
		job      map[string]string
		interval time.Duration
		level    string
	}{
		{"", nil, time.Minute, "INFO"},
		{"-max-duration=2h --event-time bounded=10s -noeventtime", map[string]string{"max-duration": "2h", "event-time": "bounded=10s", "noeventtime": "true"}, time.Minute, "INFO"},
		{"-checkpoint-interval 10s -log-level=warn", nil, 10 * time.Second, "WARN"},
		{"-quiet -hotspot-min 3", map[string]string{"hotspot-min": "3"}, time.Minute, "ERROR"},
	} {
		p := Processor{Flags: test.flags}
		f, err := p.OnFlink()
		if err != nil || !maps.Equal(f.Flags, test.job) || f.CheckpointInterval != test.interval || f.LogLevel != test.level {
			t.Errorf("%q: %+v, %v", test.flags, f, err)
		}
	}
}

// What the edition flink has not is refused, with what to do; so is an edition that nobody knows.
func TestFlinkRefuses(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"processor.edition", "beam", `processor.edition is "beam": choose one of ["go" "flink"]`},
		{"processor.edition", "", `processor.edition is ""`},
		{"processor.edition", "Flink", `processor.edition is "Flink"`},
		{"processor.kpus", "0", "processor.kpus is 0: choose 1 to 64"},
		{"processor.kpus", "65", "processor.kpus is 65"},
		{"watch.kpus", "1", "watch.kpus is 1"},
		{"local", "true", "local=true with processor.edition=flink"},
		{"room.forward", "true", "the control room (room.on, room.forward) with processor.edition=flink"},
		{"search.vpc", "true", "give -c network.mode=endpoints"},
		{"processor.index-prefix", strings.Repeat("x", 100) + "y", "processor.index-prefix"},
		{"name", "T" + strings.Repeat("a", 27), ""},
		{"processor.flags", "-p 4", "processor.flags has -p, which the edition flink has not: give -c processor.kpus="},
		{"processor.flags", "-checkpoint-dir=x", "the service keeps the checkpoints"},
		{"processor.flags", "-idle-timeout 10s", "the job on Flink holds for every shard"},
		{"processor.flags", "--stream=x", "which the deployment gives the job itself"},
		{"processor.flags", "-also=file://x", "-also=file://x, which the edition flink does not know: leave it out, or deploy -c processor.edition=go"},
		{"processor.flags", "max-duration=2h", "which is no flag"},
		{"processor.flags", "-max-duration", "ends with -max-duration: write -max-duration=value"},
		{"processor.flags", "-checkpoint-interval=10ms", "choose 1s to 1h"},
		{"processor.flags", "-log-level=loud", "choose debug, info, warn or error"},
	} {
		values := map[string]any{"processor.edition": "flink", test.key: test.value}
		_, err := Load(values)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: got %v, want %q", test.key, test.value, err, test.want)
		}
	}
	long := map[string]any{"processor.edition": "flink", "name": "T" + strings.Repeat("a", 27), "processor.index-prefix": strings.Repeat("x", 100)}
	if _, err := Load(long); err == nil || !strings.Contains(err.Error(), "has at most 128 characters") {
		t.Errorf("got %v", err)
	}
	for _, name := range Presets() {
		if _, err := Load(map[string]any{"processor.edition": "flink", "preset": name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Another index prefix is another application, and never the same one as of another prefix.
func TestApplicationName(t *testing.T) {
	c := Default()
	seen := map[string]bool{}
	for _, prefix := range []string{"", "v2", "v2-", "v2."} {
		c.Processor.IndexPrefix = prefix
		seen[c.ApplicationName()] = true
	}
	if len(seen) != 4 || !seen["TaxiStream-flink"] || !seen["TaxiStream-flink-v2-"] {
		t.Errorf("the names are %v", seen)
	}
}
