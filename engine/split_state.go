package engine

import (
	"encoding/json"
	"fmt"

	"taxistream/engine/internal/runtime"
)

// splitsState is the name of a source's state.
const splitsState = "splits"

// splitRecord is one split in a checkpoint, as JSON. Fields are only ever added.
type splitRecord struct {
	ID        string   `json:"id,omitempty"`
	Parents   []string `json:"parents,omitempty"`
	Offset    []byte   `json:"offset,omitempty"`
	Watermark *int64   `json:"watermark,omitempty"` // absent: none
	State     string   `json:"state,omitempty"`
	Initial   bool     `json:"initial,omitempty"`
	Idle      bool     `json:"idle,omitempty"`
	// Children of an ended split, with their parents: they may not be listed when the checkpoint is restored.
	Children []childRecord `json:"children,omitempty"`
	// Emitted is set in one record a subtask that names no split: the combined
	// watermark it had sent before the barrier.
	Emitted *int64 `json:"emitted,omitempty"`
}

// snapshot encodes the splits of one subtask at a barrier, and notes the ends that are
// before it.
func (t *splits) snapshot(subtask int, barrierID, emitted int64, idle func(id string) bool) (list [][]byte, err error) {
	add := func(r splitRecord) {
		encoded, encodeErr := json.Marshal(r)
		if encodeErr != nil && err == nil {
			err = fmt.Errorf("encode split %s: %w", r.ID, encodeErr)
		}
		list = append(list, encoded)
	}
	for _, id := range sortedKeys(t.byID) {
		e := t.byID[id]
		if e.subtask != subtask {
			continue
		}
		if e.phase == ended && e.endedIn == 0 {
			e.endedIn = barrierID
		}
		r := splitRecord{
			ID: id, Parents: e.Parents, Offset: e.Offset, State: string(e.phase.state()), Initial: e.Initial,
			Watermark: optional(e.Watermark), Idle: idle(id),
		}
		if runtime.Is(runtime.NoWatermark) {
			r.Watermark = nil
		}
		if !e.known {
			r.Children = e.named
		}
		for _, child := range e.children {
			if c := t.byID[child]; c != nil {
				r.Children = append(r.Children, childRecord{ID: child, Parents: c.Parents})
			}
		}
		add(r)
	}
	add(splitRecord{Emitted: &emitted})
	return list, err
}

func optional(ms int64) *int64 {
	if ms == NoWatermark {
		return nil
	}
	return &ms
}

// restoredSplits is what a source's state says.
type restoredSplits struct {
	entries []*split // without subtask
	unknown []Split  // children that are in no record of their own
	floor   int64    // the clock does not start before it
}

func decodeSplits(list [][]byte) (restoredSplits, error) {
	r := restoredSplits{floor: MaxWatermark}
	known := make(map[string]bool)
	var children []childRecord
	for _, encoded := range list {
		var rec splitRecord
		if err := json.Unmarshal(encoded, &rec); err != nil {
			return r, fmt.Errorf("decode a split: %w", err)
		}
		if rec.Emitted != nil {
			r.floor = min(r.floor, *rec.Emitted)
			continue
		}
		e := &split{
			Split: Split{ID: rec.ID, Parents: rec.Parents, Offset: rec.Offset, Watermark: NoWatermark, Initial: rec.Initial},
			idle:  rec.Idle,
		}
		if rec.Watermark != nil {
			e.Watermark = *rec.Watermark
		}
		switch SplitState(rec.State) {
		case SplitEnded:
			e.phase = settled // its end is in a whole checkpoint
		case SplitReading:
			e.phase = reading
		case SplitWaiting:
		default:
			return r, fmt.Errorf("split %s is in the unknown state %q", rec.ID, rec.State)
		}
		known[rec.ID] = true
		r.entries = append(r.entries, e)
		children = append(children, rec.Children...)
	}
	for _, c := range children {
		if !known[c.ID] {
			known[c.ID] = true
			r.unknown = append(r.unknown, Split{ID: c.ID, Parents: c.Parents})
		}
	}
	if r.floor == MaxWatermark {
		r.floor = NoWatermark
	}
	return r, nil
}
