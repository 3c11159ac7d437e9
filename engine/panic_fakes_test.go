package engine_test

import (
	"context"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// failingTrigger fails behind an element, or when a time has come.
type failingTrigger struct {
	trigger.Trigger
	element, time func(int64)
}

func (f failingTrigger) Element(s *trigger.State) trigger.Action {
	f.element(s.At)
	return f.Trigger.Element(s)
}

func (f failingTrigger) Time(s *trigger.State) trigger.Action {
	f.time(s.Window.Start)
	return f.Trigger.Time(s)
}

type failingWindows struct{ fails func(int64) }

func (f failingWindows) Assign(at int64, dst []window.Window) []window.Window {
	f.fails(at)
	return append(dst, window.Window{Start: at, End: at + 1})
}

type failingCodec struct {
	engine.Int64Codec
	appends, decodes func(int64)
}

func (c failingCodec) Append(dst []byte, v int64) []byte {
	c.appends(v)
	return c.Int64Codec.Append(dst, v)
}

func (c failingCodec) Decode(src []byte) (int64, []byte, error) {
	v, rest, err := c.Int64Codec.Decode(src)
	c.decodes(v)
	return v, rest, err
}

// failingSink and failingSource fail in one of their calls.
type failingSink struct {
	call  string
	fails func(int64)
}

func (f failingSink) at(call string) {
	if call == f.call {
		f.fails(bad)
	}
}

func (f failingSink) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[int64], error) {
	f.at("open")
	return f, nil
}

func (f failingSink) Write(_ context.Context, batch []engine.Element[int64]) error {
	if batch[0].Value == bad {
		f.at("write")
	}
	return nil
}

func (f failingSink) Prepare(context.Context, int64) ([]byte, error) {
	f.at("prepare")
	return nil, nil
}

func (f failingSink) Committed(context.Context, int64) error { f.at("committed"); return nil }
func (f failingSink) Tick(context.Context, time.Time) error  { f.at("tick"); return nil }
func (f failingSink) Close() error                           { f.at("close"); return nil }

type failingSource struct {
	endless
	call  string
	fails func(int64)
}

func (f failingSource) at(call string) {
	if call == f.call {
		f.fails(bad)
	}
}

func (f failingSource) Splits(ctx context.Context) ([]engine.Split, error) {
	f.at("splits")
	return f.endless.Splits(ctx)
}

func (f failingSource) Open(ctx context.Context, s engine.Split) (engine.SplitReader[int64], error) {
	f.at("open")
	r, err := f.endless.Open(ctx, s)
	return failingReader{r, f}, err
}

type failingReader struct {
	engine.SplitReader[int64]
	f failingSource
}

func (r failingReader) Next(ctx context.Context) (engine.Read[int64], error) {
	r.f.at("next")
	return r.SplitReader.Next(ctx)
}

func (r failingReader) Close() error {
	r.f.at("close")
	return r.SplitReader.Close()
}

type failingStore struct {
	checkpoint.Store
	fails func(int64)
}

func (s failingStore) Begin(ctx context.Context, id int64) (checkpoint.Writer, error) {
	s.fails(bad)
	return s.Store.Begin(ctx, id)
}
