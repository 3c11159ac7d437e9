package engine

import (
	"reflect"
	"testing"
)

func never(string) bool { return false }

// Ensure that splits come back from a checkpoint as they were, with the children
// that nobody has registered yet, and the clock's floor.
func TestSplitState_RoundTrip(t *testing.T) {
	b := &split{Split: Split{ID: "b", Watermark: NoWatermark}, phase: reading}
	all := splits{parallelism: 2, byID: map[string]*split{
		"a":     {Split: Split{ID: "a", Offset: []byte("17"), Watermark: 5, Initial: true}, phase: reading},
		"b":     b,
		"other": {Split: Split{ID: "other"}, phase: reading, subtask: 1},
	}}
	all.end("b", []Split{{ID: "c", Parents: []string{"a", "b"}}})
	list, err := all.snapshot(0, 9, 4, never)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeSplits(list)
	if err != nil {
		t.Fatal(err)
	}
	want := restoredSplits{
		entries: []*split{
			{Split: Split{ID: "a", Offset: []byte("17"), Watermark: 5, Initial: true}, phase: reading},
			{Split: Split{ID: "b", Watermark: NoWatermark}, phase: settled},
		},
		unknown: []Split{{ID: "c", Parents: []string{"a", "b"}}},
		floor:   4,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if b.endedIn != 9 {
		t.Errorf("the end is in checkpoint %d", b.endedIn)
	}
}

// Ensure that the form of a split in checkpoints does not change unnoticed.
func TestSplitState_Golden(t *testing.T) {
	all := splits{parallelism: 1, byID: map[string]*split{
		"a": {Split: Split{ID: "a", Parents: []string{"p"}, Offset: []byte("17"), Watermark: 5, Initial: true}, phase: reading},
	}}
	all.end("a", []Split{{ID: "c", Parents: []string{"a"}}})
	list, err := all.snapshot(0, 9, 4, never)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"id":"a","parents":["p"],"offset":"MTc=","watermark":5,"state":"ended","initial":true,"children":[{"id":"c","parents":["a"]}]}`,
		`{"emitted":4}`,
	}
	for i := range want {
		if string(list[i]) != want[i] {
			t.Errorf("entry %d is %s, want %s", i, list[i], want[i])
		}
	}
}

// Ensure that no bytes make the decoder of splits fail otherwise than by an error.
func FuzzDecodeSplits(f *testing.F) {
	f.Add([]byte(`{"id":"a","parents":["p"],"offset":"MTc=","watermark":5,"state":"ended","children":[{"id":"c","parents":["a"]}]}`), []byte(`{"emitted":4}`))
	f.Add([]byte(`{"id":"a","state":"asleep"}`), []byte(`[]`))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		got, err := decodeSplits([][]byte{one, two})
		if err != nil {
			return
		}
		for _, e := range got.entries {
			if e.phase > settled {
				t.Fatalf("split in phase %d", e.phase)
			}
		}
	})
}

// Ensure a split is told as ended only once its children are: there is no moment at which all splits are
// at their tip or ended, and a child is still to be found.
func TestSplitTable_EndIsToldWithTheChildren(t *testing.T) {
	table := newSplitTable(1)
	var parent *split
	table.change(func(all *splits) {
		parent = all.add([]Split{{ID: "a"}}, true)[0]
		all.ready()
	})
	state := func() (states []SplitState) {
		for _, s := range table.status(nil, "", never, never) {
			states = append(states, s.State)
		}
		return states
	}
	table.end("a", nil)
	if got := state(); !reflect.DeepEqual(got, []SplitState{SplitReading}) {
		t.Errorf("its children are not known, and it is %v", got)
	}
	table.change(func(all *splits) {
		all.add([]Split{{ID: "b", Parents: []string{"a"}}}, false)
		all.resolve(parent)
	})
	if got := state(); !reflect.DeepEqual(got, []SplitState{SplitEnded, SplitWaiting}) {
		t.Errorf("got %v", got)
	}
}
