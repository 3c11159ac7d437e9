package engine

// firing is a watermark on its way through an aggregate: the windows that it reaches
// fire by end and then start, some results a step, so that a full channel holds up a
// large window as it does anything else. The watermark goes on behind the last result.
//
// Invariant: while it is not over, the operator gets no other call, and pane is the one
// at work, taken out of the operator's due list.
type firing[K comparable, A any] struct {
	signal signal
	pane   *pane[K, A]
	slot   int // of it, the next to be emitted
}

// firedAtOnce is the number of batches that are emitted in one step.
const firedAtOnce = 8

func (o *aggregateOperator[K, T, A, R]) beginFiring(s signal, first *pane[K, A]) error {
	o.firing = firing[K, A]{signal: s, pane: first}
	o.last, o.since = nil, 0
	done, err := o.fireSome()
	if !done && err == nil {
		o.env.task.Later(o.fireSome)
	}
	return err
}

// fireSome goes on with the firing.
func (o *aggregateOperator[K, T, A, R]) fireSome() (done bool, err error) {
	f := &o.firing
	room := firedAtOnce * o.env.config.BatchSize
	for more := true; more; f.pane, more = o.due.next(f.signal.At) {
		p := f.pane
		if !p.fired {
			end := min(len(p.slots), f.slot+room)
			for i := f.slot; i < end; i++ {
				o.result(p, &p.slots[i])
			}
			o.fires.some = false
			room -= end - f.slot
			if f.slot = end; end < len(p.slots) {
				return false, o.emit()
			}
			f.slot = 0
			p.fired = true
			o.n.fired.Add(1)
		}
		if !o.gone(p.window) {
			o.schedule(p)
			continue
		}
		delete(o.open, p.window)
		o.n.entries.Add(-int64(len(p.slots)))
	}
	if err := o.emit(); err != nil {
		return false, err
	}
	return true, o.base.signal(f.signal)
}
