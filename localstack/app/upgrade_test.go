package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/localtest"
)

// guide runs the commands of docs/upgrade.md as they stand there, but for the places of the programs, of the
// servers and of the trips, for ports, which are free ones, and for the time between checkpoints.
type guide struct {
	t                     *testing.T
	dir                   string // where the commands are given
	kinesisURL, searchURL string
	places                []string                     // what the document names and what it is here, for strings.NewReplacer
	terminals             map[string]*process          // what was started last in each
	trips                 []localtest.Trip             // on the stream
	blue, green           []byte                       // the documents of both rules
	checks                map[string]func(said string) // after each command that holds the text
	checked               map[string]bool
}

var (
	terminal   = regexp.MustCompile(`^# terminal (\d)$`)
	listensOn  = regexp.MustCompile(`-listen (127\.0\.0\.1:\d+)`)
	guideBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
)

// TestUpgradeGuide gives every command of the document, in its order, with real processes, and sees what it says.
func TestUpgradeGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/upgrade.md")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuide(t)
	given := 0
	for _, block := range guideBlock.FindAllStringSubmatch(string(text), -1) {
		at := ""
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			if m := terminal.FindStringSubmatch(line); m != nil {
				at = m[1]
				continue
			}
			g.give(at, line)
			given++
		}
	}
	for text := range g.checks {
		if !g.checked[text] {
			t.Errorf("no command holds %q", text)
		}
	}
	t.Logf("%d commands", given)
}

func newGuide(t *testing.T) *guide {
	t.Helper()
	source := generatedDay(t, 5000)
	programs, err := localtest.Programs()
	if err != nil {
		t.Fatal(err)
	}
	kinesisURL, searchURL := serving(t, "-shards", "2")
	inBucket(t)
	if p := start(t, "producer", "-endpoint", kinesisURL, "-source", source, "-speedup", "0"); p.WaitExit(2*time.Minute) != 0 {
		t.Fatal(p.Errors())
	}
	g := &guide{
		t: t, dir: t.TempDir(), kinesisURL: kinesisURL, searchURL: searchURL, trips: oracleRead(t, source),
		terminals: map[string]*process{}, checked: map[string]bool{},
		places: []string{
			"go run ./processor", filepath.Join(programs, "processor"), "http://127.0.0.1:4566", kinesisURL, "http://127.0.0.1:9200", searchURL,
			"s3://BUCKET/", "s3://bucket/", "trips.json", source,
		},
	}
	g.blue, _ = oracle(t, g.trips)
	g.green = g.backfill(source)
	g.checks = map[string]func(said string){
		"savepoints/before": func(string) {
			if found, err := filepath.Glob(filepath.Join(g.dir, "savepoints/before/*/manifest.json")); err != nil || len(found) != 1 {
				t.Errorf("savepoints %v, %v", found, err)
			}
		},
		"-takeover": func(string) {
			if p := g.terminals["3"]; p.WaitExit(time.Minute) != 1 || !strings.Contains(p.Errors(), "which was told to (-takeover)") {
				t.Errorf("the older program: %s", p.Errors())
			}
		},
		"-index-prefix green- -checkpoint-dir": func(string) {
			g.refused()
			g.documents("green-", "5", g.green)
			g.documents("", "1", g.blue)
		},
		"backfill -source": func(string) { g.documents("green-", "5", g.green) },
		"grep -e behind_latest": func(said string) {
			if !strings.Contains(said, "taxistream_behind_latest_seconds{") || !strings.Contains(said, "taxistream_shard_watermark_timestamp_seconds{") {
				t.Errorf("it says %s", said)
			}
		},
		"./processor list": func(said string) {
			if !strings.Contains(said, "RUNNING") {
				t.Errorf("it says %s", said)
			}
		},
		`{"add":{"index":"trip_duration-*"`: func(string) { g.reads(g.blue) },
		"@template.json":                    func(string) { g.nextMonth() },
		"./processor stop -address 127.0.0.1:8081": func(string) {
			if p := g.terminals["1"]; p.WaitExit(time.Minute) != 0 {
				t.Errorf("the older program: %s", p.Errors())
			}
		},
	}
	return g
}

// give runs a command: one that serves until it reads the last trip, any other to its end.
func (g *guide) give(at, line string) {
	g.t.Helper()
	here := strings.NewReplacer(g.places...).Replace(line)
	said := ""
	if on := listensOn.FindStringSubmatch(line); on != nil {
		if p := g.terminals[at]; p != nil && !p.Ended() {
			g.t.Fatalf("terminal %s is busy: %s", at, line)
		}
		if strings.Contains(line, "-takeover") {
			url := g.terminals["3"].Address()
			waitFor(g.t, "a checkpoint", func() bool { n, _ := metric(url, "taxistream_checkpoints_completed_total"); return n >= 1 })
		}
		command := exec.Command("bash", "-c", "exec "+strings.Replace(here, on[1], "127.0.0.1:0", 1)+" -checkpoint-interval 200ms")
		command.Dir = g.dir
		before := g.terminals[at]
		p := localtest.Run(g.t, command)
		g.terminals[at] = p
		g.places = append([]string{on[1], strings.TrimPrefix(p.Address(), "http://")}, g.places...)
		waitFor(g.t, "the last trip is read: "+line, func() bool { return watermarkReached(p.Address(), g.trips) })
		if (before != nil || strings.Contains(line, "-takeover")) && !strings.Contains(p.Errors(), "going on from a checkpoint") {
			g.t.Errorf("it began anew: %s", line)
		}
	} else {
		stop := g.watch(line)
		command := exec.Command("bash", "-e", "-o", "pipefail", "-c", here)
		command.Dir = g.dir
		out, err := command.CombinedOutput()
		if err != nil {
			g.t.Fatalf("%s: %v\n%s", line, err, out)
		}
		said = string(out)
		stop()
	}
	for text, check := range g.checks {
		if strings.Contains(line, text) {
			g.checked[text] = true
			check(said)
		}
	}
}

// watch reads the alias while a command moves it: each search finds one set of results whole.
func (g *guide) watch(line string) (stop func()) {
	if !strings.Contains(line, `{"remove":`) {
		return func() {}
	}
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			g.reads(g.blue, g.green)
			select {
			case <-end:
				return
			default:
			}
		}
	}()
	return func() {
		close(end)
		<-done
		g.reads(g.green)
	}
}

// reads counts what the readers' alias holds.
func (g *guide) reads(want ...[]byte) {
	n := g.count("rides")
	for _, w := range want {
		if n == strings.Count(string(w), `trip_duration","_id":`) {
			return
		}
	}
	g.t.Errorf("the readers' alias holds %d documents", n)
}

func (g *guide) count(index string) int {
	answer, err := http.Get(g.searchURL + "/" + index + "/_count")
	if err != nil {
		g.t.Error(err)
		return -1
	}
	defer answer.Body.Close()
	var body struct{ Count int }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != http.StatusOK {
		g.t.Errorf("count %s: %s, %v", index, answer.Status, err)
		return -1
	}
	return body.Count
}

// backfill computes the documents of green without a stream.
func (g *guide) backfill(source string) []byte {
	g.t.Helper()
	file := filepath.Join(g.dir, "green.ndjson")
	if p := start(g.t, "processor", "backfill", "-source", source, "-airport-resolution", "7", "-index-prefix", "green-", "-export", file); p.WaitExit(2*time.Minute) != 0 {
		g.t.Fatal(p.Errors())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	return text
}

// documents holds those of a prefix against what is wanted, once the processor of a terminal has written all.
func (g *guide) documents(prefix, at string, want []byte) {
	g.t.Helper()
	file := filepath.Join(g.t.TempDir(), "export.ndjson")
	if p := start(g.t, "localstack", "export", "-opensearch-endpoint", g.searchURL, "-index-prefix", prefix, "-export", file,
		"-address", strings.TrimPrefix(g.terminals[at].Address(), "http://")); p.WaitExit(2*time.Minute) != 0 {
		g.t.Fatal(p.Errors())
	}
	got, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	if diff := diffLines(got, want); diff != "" {
		g.t.Errorf("documents of %q: %s", prefix, diff)
	}
}

// refused gives blue's program green's rule, where there are results, and where there is a checkpoint.
func (g *guide) refused() {
	g.t.Helper()
	for _, args := range [][]string{
		{"-checkpoint-dir", g.t.TempDir()},
		{"-checkpoint-dir", g.t.TempDir(), "-index-prefix", "other-", "-from-savepoint", filepath.Join(g.dir, "savepoints", "before")},
	} {
		p := start(g.t, "processor", append(args, "-endpoint", g.kinesisURL, "-opensearch-endpoint", g.searchURL, "-airport-resolution", "6", "-listen", "127.0.0.1:0", "-quiet")...)
		if code, said := p.WaitExit(time.Minute), p.Errors(); code != 1 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "airport_resolution is") {
			g.t.Errorf("%v: status %d: %s", args, code, said)
		}
	}
}

// nextMonth puts trips of another month on the stream: its index joins the alias by itself, and blue's does not.
func (g *guide) nextMonth() {
	g.t.Helper()
	february := fmt.Sprintf(goodTrip, 1, "2016-02-05T12:30:00.000Z")
	file := filepath.Join(g.dir, "february.json")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(february, "2016-01", "2016-02")+"\n"), 0o600); err != nil {
		g.t.Fatal(err)
	}
	if p := start(g.t, "producer", "-endpoint", g.kinesisURL, "-source", file, "-speedup", "0"); p.WaitExit(time.Minute) != 0 {
		g.t.Fatal(p.Errors())
	}
	before := g.count("rides")
	waitFor(g.t, "February is there", func() bool { return g.count("rides") == before+1 })
	waitFor(g.t, "and blue has it", func() bool { return g.count("trip_duration-2016.02*") == 1 })
	if n := g.count("rides"); n != before+1 {
		g.t.Errorf("the readers' alias holds %d documents more", n-before)
	}
}
