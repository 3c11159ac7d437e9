package app

import (
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/internal/opensearch"
)

const (
	trendSpan = 10 * time.Second // over which it is told whether something grows
	lookEvery = time.Second      // the least time between two looks that are kept
)

// look is what the trends are made of, at one moment.
type look struct {
	at      time.Time
	lag     time.Duration // of reading behind the stream
	delay   int64         // of the watermark behind the highest of any shard, ms of event time; 0: not known
	newest  int64         // the highest watermark of any shard
	late    time.Duration // of the producer behind its pace
	refused int64         // reads refused by the stream for their pace
	retries map[opensearch.RetryReason]int64
	tasks   []task
}

// task is a vertex of the job, with the shares of its worst subtask.
type task struct {
	name                string
	inputs              []string
	busy, backpressured float64
}

// trend sums up the looks of the last span.
type trend struct {
	// What grows: reading's lag, the watermark's delay, the producer's. Each needs a whole span.
	lag, delay, late bool
	eases            bool // the lag of reading shrinks
	refused          int64
	retries          map[opensearch.RetryReason]int64
	tasks            []task // the means of the span
}

// trends keep the looks. They are guarded by the monitor's lock.
//
// Invariants: looks are at least lookEvery apart and in the order of time; all but the first lie within the span
// before the newest. lag and delay hold on until the opposite is seen, so that the state does not flutter.
type trends struct {
	looks      []look
	lag, delay bool
}

// note takes a look in, unless the last one was just now, and sums up.
func (t *trends) note(l look) trend {
	if n := len(t.looks); n == 0 || l.at.Sub(t.looks[n-1].at) >= lookEvery {
		t.looks = append(t.looks, l)
		for len(t.looks) > 1 && l.at.Sub(t.looks[1].at) >= trendSpan {
			t.looks = slices.Delete(t.looks, 0, 1)
		}
		t.turn(l)
	}
	first, last := t.looks[0], t.looks[len(t.looks)-1]
	sum := trend{
		lag: t.lag, delay: t.delay, late: l.late >= behind && t.rises(func(l look) int64 { return int64(l.late) }),
		eases:   t.rises(func(l look) int64 { return -int64(l.lag) }),
		refused: last.refused - first.refused, retries: make(map[opensearch.RetryReason]int64), tasks: t.tasks(),
	}
	for reason, n := range last.retries {
		sum.retries[reason] = n - first.retries[reason]
	}
	return sum
}

// turn decides anew what grows.
func (t *trends) turn(l look) {
	lag := func(l look) int64 { return int64(l.lag) }
	switch {
	case l.lag < behind || t.rises(func(l look) int64 { return -lag(l) }):
		t.lag = false
	case t.rises(lag):
		t.lag = true
	}
	// By how much the delay grows against event time: 1 where the watermark stands.
	first := t.looks[0]
	grown, passed := l.delay-first.delay, l.newest-first.newest
	switch {
	case !t.whole() || l.lag >= behind || first.newest == engine.NoWatermark || passed <= 0 || grown < passed/4:
		t.delay = false
	case grown >= passed/2 && t.rises(func(l look) int64 { return l.delay }):
		t.delay = true
	}
}

// whole reports whether the looks reach back over the whole span.
func (t *trends) whole() bool {
	n := len(t.looks)
	return n >= 4 && t.looks[n-1].at.Sub(t.looks[0].at) >= trendSpan
}

// rises reports whether a figure was higher in the whole later half of the span than ever in the earlier one.
func (t *trends) rises(of func(look) int64) bool {
	if !t.whole() {
		return false
	}
	half := len(t.looks) / 2
	highest, lowest := of(t.looks[0]), of(t.looks[half])
	for i, l := range t.looks {
		if i < half {
			highest = max(highest, of(l))
		} else {
			lowest = min(lowest, of(l))
		}
	}
	return lowest > highest
}

// tasks are the vertices of the newest look, with their mean shares.
func (t *trends) tasks() []task {
	newest := t.looks[len(t.looks)-1].tasks
	out := make([]task, len(newest))
	for i, of := range newest {
		out[i] = task{name: of.name, inputs: of.inputs}
		for _, l := range t.looks {
			if k := slices.IndexFunc(l.tasks, func(t task) bool { return t.name == of.name }); k >= 0 {
				out[i].busy += l.tasks[k].busy / float64(len(t.looks))
				out[i].backpressured += l.tasks[k].backpressured / float64(len(t.looks))
			}
		}
	}
	return out
}

// tasksOf groups operators by the task that they run in.
func tasksOf(s engine.Snapshot) []task {
	var out []task
	for _, v := range pageVertices(s) {
		t := task{name: v.Name, inputs: v.Inputs}
		for _, sub := range v.Subtasks {
			t.busy, t.backpressured = max(t.busy, sub.Busy), max(t.backpressured, sub.Backpressured)
		}
		out = append(out, t)
	}
	return out
}
