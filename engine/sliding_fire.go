package engine

import (
	"taxistream/engine/window"
)

// passingWindows is a watermark on its way through a slidingOperator: the windows that it
// reaches fire by their ends, some results a step, and the watermark goes on behind them.
//
// Invariant: while it is not over, the operator gets no other call.
type passingWindows struct {
	signal signal
	window window.Window // that fires now
	some   bool          // there is one
	key    int           // the next entry of the table
}

func (o *slidingOperator[K, T, A, R]) pass(s signal) error {
	before := o.current
	o.current = s.At
	o.passing = passingWindows{signal: s}
	o.passing.window, o.passing.some = o.after(before)
	done, err := o.passSome()
	if !done && err == nil {
		o.env.task.Later(o.passSome)
	}
	return err
}

// after is the first window with anything in it that ends behind a watermark and is reached.
func (o *slidingOperator[K, T, A, R]) after(watermark int64) (w window.Window, ok bool) {
	g := &o.grid
	for _, s := range o.live {
		last := g.last(s.start)
		if last.MaxTime() <= watermark {
			continue // all that it belongs to have fired
		}
		w = g.first(s.start)
		if watermark >= w.MaxTime() {
			skip := ((watermark-w.MaxTime())/g.slide + 1) * g.slide
			w.Start, w.End = w.Start+skip, w.End+skip
		}
		return w, w.MaxTime() <= o.current
	}
	return w, false
}

// passSome lets some results go.
func (o *slidingOperator[K, T, A, R]) passSome() (done bool, err error) {
	p := &o.passing
	room := firedAtOnce * o.env.config.BatchSize
	for p.some {
		for ; p.key < len(o.state.entries); p.key++ {
			if room--; room < 0 {
				o.fires.some = false
				return false, o.emit()
			}
			e := &o.state.entries[p.key]
			o.result(e.key, e.value, p.window)
		}
		o.n.fired.Add(1)
		p.key = 0
		p.window, p.some = o.after(p.window.MaxTime())
	}
	o.fires.some = false
	o.sweep()
	if err := o.emit(); err != nil {
		return false, err
	}
	return true, o.base.signal(p.signal)
}

// result emits a key's part of a window, if it has any.
func (o *slidingOperator[K, T, A, R]) result(key K, k keySlices[A], w window.Window) {
	o.fires = firedWindow[K]{key, w, true}
	var merged A
	some := false
	for i := range k {
		if s := &k[i]; s.start >= w.End {
			break
		} else if s.start >= w.Start {
			some = true
			o.agg.Merge(&merged, &s.acc)
		}
	}
	if !some {
		return
	}
	if result, ok := o.agg.Result(key, w, &merged); ok {
		o.results.Emit(result, w.MaxTime())
	}
}

// sweep forgets slices all of whose windows are gone.
func (o *slidingOperator[K, T, A, R]) sweep() {
	if len(o.live) == 0 || !o.grid.gone(o.live[0].start, o.current) {
		return
	}
	o.since = 0
	for i := 0; i < len(o.state.entries); {
		e := &o.state.entries[i]
		n := 0
		for n < len(e.value) && o.grid.gone(e.value[n].start, o.current) {
			o.lives(e.value[n].start, -1)
			n++
		}
		if n == 0 {
			i++
			continue
		}
		o.n.entries.Add(-int64(n))
		if n == len(e.value) {
			o.state.remove(e.key) // another takes its place
			continue
		}
		k := o.state.find(e.key)
		*k = append((*k)[:0], (*k)[n:]...)
		clear((*k)[len(*k) : len(*k)+n])
		i++
	}
}

// refire emits again the windows that have fired and are not over, of keys whose slices
// have changed.
func (o *slidingOperator[K, T, A, R]) refire() {
	type again struct {
		key    K
		window window.Window
	}
	seen := make(map[again]bool)
	for _, d := range o.dirty {
		last := o.grid.last(d.start)
		for w := o.grid.first(d.start); w.Start <= last.Start && w.MaxTime() <= o.current; w.Start, w.End = w.Start+o.grid.slide, w.End+o.grid.slide {
			if a := (again{d.key, w}); !o.grid.over(w, o.current) && !seen[a] {
				seen[a] = true
				o.result(d.key, *o.state.find(d.key), w)
			}
		}
	}
	o.fires.some = false
	clear(o.dirty)
	o.dirty = o.dirty[:0]
}
