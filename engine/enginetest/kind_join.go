package enginetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/window"
)

func init() {
	kinds["interval-join"] = jobKind("a join of two streams by key and interval", planIntervalJoin, "left", "right")
	kinds["window-join"] = jobKind("a join of two streams by key and window", planWindowJoin, "left", "right")
	jobVerbs["buffers"] = (*jobCase).buffers
}

func planIntervalJoin(s *Step) (planner, error) {
	within := engine.Interval{
		Lower: time.Duration(s.Millis("lower", 0)) * time.Millisecond, ExcludeLower: s.Flag("lower-exclusive"),
		Upper: time.Duration(s.Millis("upper", 0)) * time.Millisecond, ExcludeUpper: s.Flag("upper-exclusive"),
	}
	s.Need("lower", "upper")
	return func(w *World, in *engine.Stream[eventRecord]) {
		left, right := sides(in)
		pairs, leftLate, rightLate := engine.IntervalJoin(left, right, "join", within, recordCodec, recordCodec, func(l, r *engine.Element[eventRecord]) (string, bool) {
			return pair(l, r), true
		})
		joined(w, pairs, leftLate, rightLate)
	}, nil
}

func planWindowJoin(s *Step) (planner, error) {
	text, _ := s.Text("windows")
	windows, err := parseWindows(text)
	if err != nil {
		return nil, err
	}
	return func(w *World, in *engine.Stream[eventRecord]) {
		left, right := sides(in)
		pairs, leftLate, rightLate := engine.JoinWindows(left, right, "join", windows, recordCodec, recordCodec, func(win window.Window, l, r *engine.Element[eventRecord]) (string, bool) {
			return pair(l, r) + " window=" + bounds(win), true
		})
		joined(w, pairs, leftLate, rightLate)
	}, nil
}

// sides are the records of the splits left and right, and those that come of them.
func sides(in *engine.Stream[eventRecord]) (left, right *engine.KeyedStream[string, eventRecord]) {
	side := func(name string) *engine.KeyedStream[string, eventRecord] {
		return byKey(engine.Filter(in, name, func(r *eventRecord) bool { return strings.HasPrefix(r.Split, name) }))
	}
	return side("left"), side("right")
}

// recordCodec keeps what a join prints: key and value.
var recordCodec = engine.FuncCodec[eventRecord]{
	AppendFunc: func(dst []byte, r eventRecord) []byte {
		return engine.Int64Codec{}.Append(engine.StringCodec{}.Append(dst, r.Value.Key), r.Value.Value)
	},
	DecodeFunc: func(src []byte) (r eventRecord, _ []byte, err error) {
		if r.Value.Key, src, err = (engine.StringCodec{}).Decode(src); err == nil {
			r.Value.Value, src, err = engine.Int64Codec{}.Decode(src)
		}
		return r, src, err
	},
}

func pair(l, r *engine.Element[eventRecord]) string {
	return fmt.Sprintf("pair key=%s left=%d@%d right=%d@%d", l.Value.Value.Key, l.Value.Value.Value, l.EventTime, r.Value.Value.Value, r.EventTime)
}

func joined(w *World, pairs *engine.Stream[string], leftLate, rightLate *engine.Stream[eventRecord]) {
	engine.SinkTo(pairs, "pairs", &lineSink[string]{w: w, print: func(e engine.Element[string]) string { return e.Value + " at=" + ms(e.EventTime) }})
	engine.SinkTo(leftLate, "left late", w.sink("left-late"))
	engine.SinkTo(rightLate, "right late", w.sink("right-late"))
}

// buffers takes a checkpoint and prints which elements wait in it on either side of a join.
func (c *jobCase) buffers(ctx context.Context, _ *Step) error {
	if err := c.w.Snapshot(); err != nil {
		return err
	}
	kept, _, err := c.w.store.Latest(ctx)
	if err != nil {
		return err
	}
	waiting := map[string][]string{}
	err = kept.States("join", nil, func(e checkpoint.Entry) error {
		for data := e.Data; len(data) > 0; {
			row := next(&data)
			next(&data) // the elements themselves
			if e.State.Name == "left" || e.State.Name == "right" {
				key, _, err := engine.StringCodec{}.Decode(next(&row))
				if err != nil {
					return err
				}
				at := int64(binary.BigEndian.Uint64(row[len(row)-8:]) ^ 1<<63)
				waiting[e.State.Name] = append(waiting[e.State.Name], fmt.Sprintf("%s@%d", key, at))
			}
		}
		return nil
	})
	for _, side := range []string{"left", "right"} {
		slices.Sort(waiting[side])
		c.note = append(c.note, strings.Join(append([]string{side}, slices.Compact(waiting[side])...), " "))
	}
	return err
}

// next takes a length and so many bytes from the front of what the engine has encoded.
func next(data *[]byte) []byte {
	n, size := binary.Uvarint(*data)
	end := size + int(n)
	out := (*data)[size:end]
	*data = (*data)[end:]
	return out
}
