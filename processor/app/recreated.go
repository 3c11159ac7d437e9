package app

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"taxistream/internal/kinesis"
)

// recreated notes that the stream was deleted and made again while it is read: shards
// and sequence numbers then mean something else, and nothing fails. It is never taken back.
type recreated struct {
	at   atomic.Pointer[kinesis.Description] // of the stream that is there now; nil: still the one of the start
	look chan struct{}                       // one token: look now

	retention atomic.Int64 // of the stream, as of the last look
}

func newRecreated() recreated { return recreated{look: make(chan struct{}, 1)} }

// streamLooks is the time between two looks at the stream; it is also looked at when a
// shard is read again after a failure.
const streamLooks = 10 * time.Second

// watch looks at the stream until ctx ends.
func (r *recreated) watch(ctx context.Context, client *kinesis.Client, first kinesis.Description, tell func(string)) {
	tick := time.NewTicker(streamLooks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.look:
		}
		now, err := client.Describe(ctx)
		if err == nil {
			r.retention.Store(int64(now.Retention))
		}
		if err != nil || now.Same(first) { // a service that does not answer is others' trouble
			continue
		}
		r.at.Store(&now)
		tell(r.trouble())
		return
	}
}

// kept is how long the stream keeps its records.
func (r *recreated) kept() time.Duration { return time.Duration(r.retention.Load()) }

// again asks for a look now.
func (r *recreated) again() {
	select {
	case r.look <- struct{}{}:
	default:
	}
}

// trouble says what happened and what to do; "": nothing.
func (r *recreated) trouble() string {
	now := r.at.Load()
	if now == nil {
		return ""
	}
	return fmt.Sprintf("the stream was deleted and made again at %s while it was read, so some of its records may never be: stop, and start with another -checkpoint-dir; see the runbook stream-recreated",
		now.Created.UTC().Format(time.RFC3339))
}

// figure is the metric: 1 or 0.
func (r *recreated) figure() float64 {
	if r.at.Load() == nil {
		return 0
	}
	return 1
}

// watchTimes looks at the stream and at its times until the function that it returns is called.
func (p *Processor) watchTimes(stream kinesis.Description) (stop func()) {
	ctx, cancel := context.WithCancel(p.life)
	var group sync.WaitGroup
	group.Go(func() { p.recreated.watch(ctx, p.stream, stream, func(m string) { p.log.Error(m) }) })
	group.Go(func() { p.tellWrongTimes(ctx) })
	return func() { cancel(); group.Wait() }
}

// interrupted is told when reads of a shard begin to fail and when they succeed again:
// meanwhile the stream may have become another one.
func (p *Processor) interrupted(message string) {
	p.log.Warn(message)
	p.recreated.again()
}
