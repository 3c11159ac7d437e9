package backfill

import (
	"context"
	"fmt"
	"sync"

	"taxistream/engine"
	"taxistream/internal/trip"
	"taxistream/processor/job"
)

// source is one span as an engine source: one split, which is never read twice.
type source struct {
	span   *span
	cutter *cutter
	origin *job.Origin
	kept   *sync.Pool // of *[]engine.Element[job.Record], for all spans
}

// Bounded implements engine.Bounded.
func (s *source) Bounded() bool { return true }

// Splits implements engine.Source.
func (s *source) Splits(context.Context) ([]engine.Split, error) {
	return []engine.Split{{ID: fmt.Sprint(s.span.from)}}, nil
}

// Open implements engine.Source.
func (s *source) Open(context.Context, engine.Split) (engine.SplitReader[job.Record], error) {
	return s, nil
}

// Close implements engine.SplitReader.
func (s *source) Close() error { return nil }

// Next implements engine.SplitReader: a watermark just below the batch, and the batch.
func (s *source) Next(ctx context.Context) (r engine.Read[job.Record], err error) {
	var batch []trip.Trip
	select {
	case b, more := <-s.span.batches:
		if batch = b; !more {
			return engine.Read[job.Record]{End: true}, nil
		}
	case <-ctx.Done():
		return r, ctx.Err()
	}
	kept, _ := s.kept.Get().(*[]engine.Element[job.Record])
	if kept == nil {
		kept = new([]engine.Element[job.Record])
		*kept = make([]engine.Element[job.Record], 0, batchTrips+1)
	}
	all := (*kept)[:len(batch)+1]
	all[0] = engine.Element[job.Record]{Value: job.Record{Kind: trip.KindWatermark, Watermark: batch[0].EventTime() - 1, Origin: s.origin}}
	for i := range batch {
		e := &all[i+1]
		e.EventTime = batch[i].EventTime()
		e.Value.Trip, e.Value.Kind, e.Value.Origin = batch[i], trip.KindTrip, s.origin
	}
	s.cutter.free.Put(&batch)
	return engine.Read[job.Record]{Elements: all, Release: func() { s.kept.Put(kept) }}, nil
}
