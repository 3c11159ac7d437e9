package app

import (
	"context"
	"fmt"
	"time"

	"taxistream/internal/fault"
	"taxistream/producer/put"
)

// refresh is the state of the looks at the shard map.
type refresh struct {
	looking  bool
	final    bool // this look began after the last watermark was everywhere
	verify   bool // such a look is wanted
	verified bool // and has shown no other shard
	next     time.Time
	earliest time.Time // for a look that cannot wait for next
	stale    int       // looks in a row that could not wait and showed nothing new
}

func (r *refresh) wanted(now time.Time, stale bool) bool {
	return !r.looking && (!now.Before(r.next) || stale && !now.Before(r.earliest))
}

func (r *refresh) wake(stale bool) (time.Time, bool) {
	if stale {
		return r.earliest, !r.looking
	}
	return r.next, !r.looking
}

// patience is how many looks in a row cannot wait before their distance grows: a
// reshard takes some seconds.
const patience = 10

// shards is what a look at the shard map brings.
type shards struct {
	open []put.Shard
	err  error
}

// stale reports whether the shard map cannot wait for its turn.
func (l *loop) stale() bool { return l.writer.Stale() || l.sender.Stale() || l.refresh.verify }

// look reads the shard map from time to time, and when an answer has shown that
// it is out of date. The goroutine ends with the call.
func (l *loop) look(ctx context.Context, now time.Time) {
	r := &l.refresh
	if !r.wanted(now, l.stale()) {
		return
	}
	r.looking, r.final = true, r.verify
	if l.stale() {
		r.stale++
	} else {
		r.stale = 0
	}
	r.next, r.earliest = now.Add(mapInterval), now.Add(min(staleBackoff<<min(r.stale/patience, 10), mapInterval))
	l.wg.Go(func() {
		open, err := l.stream.OpenShards(ctx)
		l.maps <- shards{open, err}
	})
}

func (l *loop) mapped(m shards) error {
	r := &l.refresh
	r.looking = false
	var fresh *put.Map
	err := m.err
	if err == nil {
		fresh, err = put.NewMap(m.open)
	} else if l.classify(err) == fault.Final {
		return fmt.Errorf("list the shards: %w", err)
	}
	if err != nil {
		l.log.Debug("the shard map could not be read, trying again", "error", err)
		r.next = r.earliest
		return nil
	}
	if l.shards == nil || !fresh.Equal(l.shards) {
		r.stale = 0
	}
	l.shards = fresh
	l.writer.SetShards(fresh)
	l.sender.SetShards(fresh)
	if r.final && !l.sender.Busy() {
		r.verify, r.verified = false, true
	}
	return nil
}
