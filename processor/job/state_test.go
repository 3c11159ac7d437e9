package job_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/engine/checkpoint"
	"taxistream/localstack/localtest"
	"taxistream/processor/job"
)

// first and rest are the stream before and behind the checkpoint of these tests.
// Windows are open, ids kept and a shard has split when it is taken.
func first(w *world) {
	w.trip("a", ride(1, at("11:30")))
	w.trip("b", ride(2, at("11:31")))
	w.watermarks(at("11:45"))
	w.log.Split("a", "c", "d")
	for i, trip := range afternoon()[2:8] {
		w.trip([]string{"b", "c", "d"}[i%3], trip)
	}
	w.watermark("c", at("12:05"))
}

func rest(w *world) {
	for i, trip := range afternoon()[6:] { // two of them come again
		w.trip([]string{"b", "c", "d"}[i%3], trip)
	}
	w.watermarks(at("14:00"))
	w.run()
}

// dump prints a checkpoint's states, one a line, in order.
func dump(t *testing.T, c *checkpoint.Checkpoint) string {
	t.Helper()
	states, err := checkpoint.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for name, entries := range states {
		if w := c.Operators[name].Watermark; w != nil {
			out = append(out, fmt.Sprintf("%s watermark %d\n", name, *w))
		}
		for i, e := range entries {
			versions := fmt.Sprintf("%d.%d.%d", e.State.Layout, e.State.Key, e.State.Value)
			if e.Group < 0 {
				out = append(out, fmt.Sprintf("%s %s %s list %03d %s\n", name, e.State.Name, versions, i, hex.EncodeToString(e.Data)))
			} else {
				out = append(out, fmt.Sprintf("%s %s %s group %03d %s\n", name, e.State.Name, versions, e.Group, hex.EncodeToString(e.Data)))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

// undump reads what version 1's dump has written: states without names.
func undump(t *testing.T, text string) map[string][]checkpoint.Entry {
	t.Helper()
	states := map[string][]checkpoint.Entry{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		e := checkpoint.Entry{State: checkpoint.State{Layout: 1, Key: 1, Value: 1}, Group: -1, Data: []byte{}} // an entry may be empty
		var err error
		if f[1] == "group" {
			if e.Group, err = strconv.Atoi(f[2]); err != nil {
				t.Fatal(err)
			}
		}
		if len(f) > 3 {
			if e.Data, err = hex.DecodeString(f[3]); err != nil {
				t.Fatal(err)
			}
		}
		states[f[0]] = append(states[f[0]], e)
	}
	return states
}

// Ensure the states of a checkpoint do not change unnoticed, and that those which
// versions before this one took are gone on from: jobs outlive programs.
func TestStateGolden(t *testing.T) {
	w := newWorld(t, "a", "b")
	first(w)
	w.run()
	w.must(w.driver.Checkpoint())
	taken, _, err := w.store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "state-v2.golden", dump(t, taken))
	rest(w)
	want := w.documents()
	w.wantRejected("duplicate 2")

	old, err := os.ReadFile(filepath.Join("testdata", "state-v1.golden"))
	if err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, "a", "b")
	first(again)
	if _, err := checkpoint.Save(t.Context(), again.store, taken, undump(t, string(old))); err != nil {
		t.Fatal(err)
	}
	again.out.Add(w.out.Elements()[:writtenBefore(w)]...) // the results store outlives the processor, too
	rest(again)
	again.wantRejected("duplicate 2")
	if diff := localtest.Diff([]byte(again.documents()), []byte(want)); diff != "" {
		t.Errorf("from the old checkpoint: %s", diff)
	}
}

// writtenBefore is how many documents w wrote before its checkpoint: those of windows
// that ended at 11:45.
func writtenBefore(w *world) (n int) {
	for _, e := range w.out.Elements() {
		if e.EventTime < at("11:45") {
			n++
		}
	}
	return n
}

// Ensure a restart at any point of the stream, under another parallelism, changes
// nothing but how often a document is written.
func TestRestartChangesNothing(t *testing.T) {
	steady := newWorld(t, "a", "b")
	first(steady)
	rest(steady)
	for _, parallelism := range []int{1, 2, 5} {
		w := newWorld(t, "a", "b")
		w.parallelism = 2
		first(w)
		w.run()
		w.must(w.driver.Checkpoint())
		w.trip("c", afternoon()[9]) // read, and lost in the crash
		w.run()
		w.parallelism = parallelism
		w.config.Counts = &job.Counts{}
		w.restart()
		rest(w)
		w.wantRejected("duplicate 3") // this trip, which comes again, too
		if diff := localtest.Diff(export(t, w), export(t, steady)); diff != "" {
			t.Errorf("parallelism %d: %s", parallelism, diff)
		}
	}
}
