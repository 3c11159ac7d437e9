package engine

import (
	"reflect"
	"testing"

	"taxistream/engine/watermark"
)

// Ensure that splits come back from a checkpoint as they were, with the children
// that nobody has registered yet, and the clock's floor.
func TestSplitState_RoundTrip(t *testing.T) {
	table := newSplitTable()
	clock := watermark.NewCombiner(0)
	table.entries["a"] = &splitEntry{Split: Split{ID: "a", Offset: []byte("17"), Watermark: 5, Initial: true}, state: SplitReading}
	ended := &splitEntry{Split: Split{ID: "b", Watermark: NoWatermark}, state: SplitReading}
	table.entries["b"] = ended
	table.end(ended, []Split{{ID: "c", Parents: []string{"a", "b"}}})
	table.entries["other"] = &splitEntry{Split: Split{ID: "other"}, state: SplitReading, subtask: 1}
	list, err := table.snapshot(0, 9, 4, clock)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeSplits(list)
	if err != nil {
		t.Fatal(err)
	}
	want := restoredSplits{
		entries: []*splitEntry{
			{Split: Split{ID: "a", Offset: []byte("17"), Watermark: 5, Initial: true}, state: SplitReading},
			{Split: Split{ID: "b", Watermark: NoWatermark}, state: SplitEnded, settled: true},
		},
		unknown: []Split{{ID: "c", Parents: []string{"a", "b"}}},
		floor:   4,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if ended.endedIn != 9 {
		t.Errorf("the end is in checkpoint %d", ended.endedIn)
	}
}

// Ensure that the form of a split in checkpoints does not change unnoticed.
func TestSplitState_Golden(t *testing.T) {
	table := newSplitTable()
	e := &splitEntry{Split: Split{ID: "a", Parents: []string{"p"}, Offset: []byte("17"), Watermark: 5, Initial: true}, state: SplitReading}
	table.entries["a"] = e
	table.end(e, []Split{{ID: "c", Parents: []string{"a"}}})
	list, err := table.snapshot(0, 9, 4, watermark.NewCombiner(0))
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
			if e.state != SplitReading && e.state != SplitWaiting && e.state != SplitEnded {
				t.Fatalf("split in state %q", e.state)
			}
		}
	})
}
