package put

import (
	"crypto/md5"

	"taxistream/internal/trip"
)

// Aggregate packs user records into one Kinesis record in KPL's format.
type Aggregate interface {
	// Add appends a user record, and reports whether there was room for it. An
	// empty aggregate has room for any trip.
	Add(partitionKey, data []byte) bool
	// AppendTo appends the whole record to dst, complete but for what Options.Seal does.
	AppendTo(dst []byte) []byte
	// Reset makes it empty.
	Reset()
}

// open is the aggregate of one shard that is being filled.
type open struct {
	aggregate Aggregate
	trips     int
	spans     []Span
}

// aggregateKey is the partition key of every aggregate: its explicit hash key, the
// first of the shard it was filled for, decides the shard.
const aggregateKey = "a"

// SetShards replaces the shard map. Aggregates that were filled for the old map
// are sent as they are: any shard that takes them is right, and has the explicit hash
// key of the records inside in its range.
func (w *Writer) SetShards(m *Map) {
	w.stale = false
	if w.o.NewAggregate != nil && !sameShards(w.shard, m) {
		for i := range w.open {
			w.closeAggregate(i)
		}
		w.open = make([]open, len(m.Shards()))
		for i := range w.open {
			w.open[i].aggregate = w.o.NewAggregate(m.Shards()[i].Start)
		}
	}
	w.shard = m
}

func sameShards(a, b *Map) bool {
	if a == nil || len(a.shards) != len(b.shards) {
		return false
	}
	for i := range a.shards {
		if a.shards[i] != b.shards[i] {
			return false
		}
	}
	return true
}

// addAggregated puts each trip into the aggregate of the shard that its
// partition key leads to.
func (w *Writer) addAggregated(batch uint64, trips []trip.Trip) {
	var data [512]byte
	for i := range trips {
		d := trip.AppendTrip(data[:0], &trips[i])
		k := trip.EncodedID(d)
		at := w.shard.Lookup(md5.Sum(k))
		o := &w.open[at]
		if !o.aggregate.Add(k, d) {
			w.closeAggregate(at)
			if !o.aggregate.Add(k, d) {
				panic("put: a trip does not fit into an empty aggregate")
			}
		}
		o.trips++
		if n := len(o.spans); n > 0 && o.spans[n-1].Batch == batch {
			o.spans[n-1].Trips++
		} else {
			o.spans = append(o.spans, Span{batch, 1})
		}
	}
}

// closeAggregate moves what was filled into a record.
func (w *Writer) closeAggregate(i int) {
	o := &w.open[i]
	if o.trips == 0 {
		return
	}
	var buf []byte
	if n := len(w.buffers); n > 0 {
		buf = w.buffers[n-1]
		w.buffers = w.buffers[:n-1]
	}
	s := w.shard.Shards()[i]
	w.ready.push(record{
		entry: Entry{Data: o.aggregate.AppendTo(buf[:0]), PartitionKey: aggregateKey, HashKey: s.Start},
		shard: s.ID,
		spans: o.spans,
		trips: o.trips,
	})
	o.aggregate.Reset()
	o.trips, o.spans = 0, nil
}
