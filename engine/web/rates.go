package web

import (
	"sync"
	"time"

	"taxistream/engine"
)

// rates keep what counters were a while ago, so that what they grew by in a second can be told. They
// are looked at when somebody asks; who asks for the first time on an old job gets none.
//
// Invariant, under mu: samples are in the order of their times, of one attempt, and rateSpan long at most, but for the first.
type rates struct {
	mu      sync.Mutex
	samples []sample
}

type sample struct {
	at    time.Time
	began time.Time         // of the attempt
	of    map[place]figures // by subtask
}

type place struct {
	operator string
	subtask  int
}

type figures struct{ in, out, bytesIn, bytesOut int64 }

const (
	rateSpan = 10 * time.Second
	rateStep = time.Second // the least time between samples
)

// note takes a sample, unless there is a fresh one.
func (r *rates) note(now time.Time, j engine.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.samples); n > 0 {
		last := r.samples[n-1]
		if !last.began.Equal(j.Began) || len(last.of) != subtasks(j) {
			r.samples = nil
		} else if now.Sub(last.at) < rateStep {
			return
		}
	}
	if j.Began.IsZero() {
		return
	}
	if len(r.samples) == 0 && j.Attempts == 1 && now.Sub(j.Began) <= 6*rateSpan { // all counters were 0 when the first attempt began
		r.samples = append(r.samples, sample{at: j.Began, began: j.Began, of: zeros(j)})
	}
	r.samples = append(r.samples, sample{at: now, began: j.Began, of: read(j)})
	for len(r.samples) > 2 && now.Sub(r.samples[1].at) >= rateSpan {
		r.samples = r.samples[1:]
	}
}

// of tells by how much the figures of a subtask grow in a second; ok: that is known.
func (r *rates) of(operator string, subtask int) (perSecond [4]float64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.samples) < 2 {
		return perSecond, false
	}
	first, last := r.samples[0], r.samples[len(r.samples)-1]
	seconds := last.at.Sub(first.at).Seconds()
	if seconds <= 0 {
		return perSecond, false
	}
	at := place{operator, subtask}
	a, b := first.of[at], last.of[at]
	for i, grown := range [4]int64{b.in - a.in, b.out - a.out, b.bytesIn - a.bytesIn, b.bytesOut - a.bytesOut} {
		perSecond[i] = max(0, float64(grown)/seconds)
	}
	return perSecond, true
}

func read(j engine.Snapshot) map[place]figures {
	out := make(map[place]figures)
	for _, v := range vertices(j) {
		for i, t := range v.operators[0].Subtasks {
			out[place{v.operators[0].Name, i}] = figures{in: t.In, out: v.written(i), bytesIn: t.BytesIn, bytesOut: v.bytesOut(i)}
		}
	}
	return out
}

func zeros(j engine.Snapshot) map[place]figures {
	out := read(j)
	for k := range out {
		out[k] = figures{}
	}
	return out
}

// subtasks counts the tasks of a job.
func subtasks(j engine.Snapshot) (n int) {
	for _, v := range vertices(j) {
		n += v.parallelism()
	}
	return n
}
