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
func dump(c *checkpoint.Checkpoint) string {
	var out []string
	for name, o := range c.Operators {
		for g, data := range o.Groups {
			out = append(out, fmt.Sprintf("%s group %03d %s\n", name, g, hex.EncodeToString(data)))
		}
		for i, data := range o.List {
			out = append(out, fmt.Sprintf("%s list %03d %s\n", name, i, hex.EncodeToString(data)))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

// undump reads what dump has written.
func undump(t *testing.T, text string) map[string]checkpoint.OperatorState {
	t.Helper()
	operators := map[string]checkpoint.OperatorState{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		number, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(err)
		}
		data := []byte{} // an entry may be empty
		if len(f) > 3 {
			if data, err = hex.DecodeString(f[3]); err != nil {
				t.Fatal(err)
			}
		}
		o := operators[f[0]]
		if f[1] == "list" {
			o.List = append(o.List, data)
		} else {
			if o.Groups == nil {
				o.Groups = map[int][]byte{}
			}
			o.Groups[number] = data
		}
		operators[f[0]] = o
	}
	return operators
}

// Ensure a checkpoint that this version takes is, byte for byte, what versions
// before it took, and that those are gone on from: jobs outlive programs.
func TestStateGolden(t *testing.T) {
	w := newWorld(t, "a", "b")
	first(w)
	w.run()
	w.must(w.driver.Checkpoint())
	taken, _, err := w.store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "state-v1.golden", dump(taken))
	rest(w)
	want := w.documents()
	w.wantRejected("duplicate 2")

	old, err := os.ReadFile(filepath.Join("testdata", "state-v1.golden"))
	if err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, "a", "b")
	first(again)
	taken.Operators = undump(t, string(old))
	if _, err := again.store.Save(t.Context(), taken); err != nil {
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
