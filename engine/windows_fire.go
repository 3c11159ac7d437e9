package engine

import (
	"taxistream/engine/internal/runtime"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

// act does what a trigger said.
func (o *windowOperator[K, T, A, R]) act(key K, kw *keyWindow[A], action trigger.Action) {
	fires := action&trigger.Fire != 0
	if p := o.pane(kw); fires && (kw.filled || p.Timing == trigger.OnTime && o.options.emptyOnTime) {
		o.fire(key, kw, p)
	}
	if action&trigger.Purge != 0 || fires && o.options.discarding {
		kw.acc, kw.filled, kw.fresh = o.empty, false, false
	}
}

// pane is the one that the window's next firing makes.
func (o *windowOperator[K, T, A, R]) pane(kw *keyWindow[A]) trigger.Pane {
	p := trigger.Pane{Window: kw.window, Index: kw.panes, Timing: trigger.Late}
	end, now, sent := kw.window.MaxTime(), o.current, o.sent
	if o.inTime {
		now, sent = o.now(), NoWatermark
	}
	switch {
	case now < end:
		p.Timing = trigger.Early
	case sent < end && !kw.closed:
		p.Timing = trigger.OnTime
	}
	return p
}

// fire emits a window's contents.
func (o *windowOperator[K, T, A, R]) fire(key K, kw *keyWindow[A], p trigger.Pane) {
	kw.closed = kw.closed || p.Timing != trigger.Early
	kw.fresh = false
	kw.panes++
	o.n.fired.Add(1)
	var result R
	var ok bool
	if o.agg.Pane != nil {
		result, ok = o.agg.Pane(key, p, &kw.acc)
	} else {
		result, ok = o.agg.Result(key, kw.window, &kw.acc)
	}
	if ok {
		o.results.Emit(result, kw.window.MaxTime())
	}
}

// forget takes a window out whose time is over. What no pane has held goes into a last
// one, or is counted.
func (o *windowOperator[K, T, A, R]) forget(key K, k *keyWindows[A], kw *keyWindow[A]) {
	switch {
	case !kw.fresh:
	case o.options.finalPane:
		o.fire(key, kw, o.pane(kw))
	default:
		o.n.dropped.Add(1)
	}
	k.remove(kw.window)
	o.n.entries.Add(-1)
	if len(*k) == 0 {
		o.state.remove(key)
	}
}

// schedule puts a window into the due lists, unless they have it by no later time: then it
// is looked at again when that comes. So a session that grows costs no entry an element.
func (o *windowOperator[K, T, A, R]) schedule(key K, kw *keyWindow[A]) {
	watermark, processing := o.options.trigger.Next(o.triggerState(kw, 0))
	if goes := o.goes(kw.window); o.inTime {
		processing = min(processing, goes)
	} else {
		watermark = min(watermark, goes)
	}
	due := dueWindow[K]{key: key, window: kw.window}
	if watermark < kw.byEvent {
		kw.byEvent = watermark
		o.byEvent.add(watermark, kw.window.Start, due)
	}
	if processing < kw.byClock {
		kw.byClock = processing
		o.byClock.add(processing, kw.window.Start, due)
	}
}

// pass sends a watermark or a tick on, behind what it makes fire.
func (o *windowOperator[K, T, A, R]) pass(s signal) error {
	o.passing = s
	done, err := o.passSome()
	if !done && err == nil {
		o.env.task.Later(o.passSome)
	}
	return err
}

// passSome lets some of the windows fire that the signal reaches, by time and then start.
func (o *windowOperator[K, T, A, R]) passSome() (done bool, err error) {
	for room := firedAtOnce * o.env.config.BatchSize; room > 0; room-- {
		if !o.passOne() {
			if err := o.emit(); err != nil {
				return false, err
			}
			if o.passing.Kind == runtime.Watermark {
				o.sent = o.passing.At
			}
			return true, o.base.signal(o.passing)
		}
	}
	return false, o.emit()
}

// passOne looks at the next window that is due.
func (o *windowOperator[K, T, A, R]) passOne() (more bool) {
	ticks := o.passing.Kind == runtime.Tick
	var at int64
	var due dueWindow[K]
	if ticks {
		at, due, more = o.byClock.nextAt(o.passing.Now.UnixMilli())
	} else {
		at, due, more = o.byEvent.nextAt(o.passing.At)
		if !more && o.inTime && o.passing.At == MaxWatermark { // nothing will follow: every window ends
			ticks = true
			at, due, more = o.byClock.nextAt(MaxWatermark)
		}
	}
	if !more {
		return false
	}
	k := o.state.find(due.key)
	if k == nil {
		return true
	}
	kw := o.holding(*k, due.window)
	o.fires = firedWindow[K]{due.key, due.window, true}
	switch {
	case kw == nil:
	case ticks && kw.byClock == at:
		kw.byClock = trigger.Never
		o.due(due.key, k, kw)
	case !ticks && kw.byEvent == at:
		kw.byEvent = trigger.Never
		o.due(due.key, k, kw)
	}
	o.fires.some = false
	return true
}

// holding is the window that an entry of a due list is for: since it was listed it may have
// been merged into a larger one.
func (o *windowOperator[K, T, A, R]) holding(k keyWindows[A], w window.Window) *keyWindow[A] {
	if !o.merging {
		return k.find(w)
	}
	for i := range k {
		if k[i].window.Start <= w.Start && w.End <= k[i].window.End {
			return &k[i]
		}
	}
	return nil
}

// due calls a window's trigger if its time has come, and forgets the window if its own has.
func (o *windowOperator[K, T, A, R]) due(key K, k *keyWindows[A], kw *keyWindow[A]) {
	o.since = 0
	if o.passing.Kind == runtime.Tick {
		o.env.moves.Add(1)
	}
	s := o.triggerState(kw, 0)
	if watermark, processing := o.options.trigger.Next(s); due(watermark, s.Watermark) || due(processing, s.Now) {
		o.act(key, kw, o.options.trigger.Time(s))
	}
	if !o.gone(kw.window) && (!o.inTime || s.Now < o.goes(kw.window)) {
		o.schedule(key, kw)
		return
	}
	o.forget(key, k, kw)
}

// due: has the time come for which a trigger waits? The end of time is not what Never waits for.
func due(at, now int64) bool { return at != trigger.Never && at <= now }
