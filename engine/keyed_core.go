package engine

import (
	"fmt"

	"taxistream/engine/internal/runtime"
	"taxistream/engine/state"
)

// keyedCore is what operators with states and timers share: the key at hand, the clock,
// timers that fire, and what enters checkpoints.
//
// Invariants: at and state are of one key; while timers fire (firing), the operator gets no
// other call, and the signal that made them fire goes on behind what the last of them emits.
type keyedCore[K comparable] struct {
	base
	codec   Codec[K]
	at      Key[K]
	encoded []byte // scratch
	state   *keyedState
	current int64 // watermark

	events, processing *timers
	onTimer            func(Timer) error
	firing             timerFiring
}

// timerFiring is a watermark or a tick on its way through the timers.
type timerFiring struct {
	signal signal
	timers *timers
	now    int64
	timer  *Timer // the one at work
}

func (o *keyedCore[K]) begin(b *builder, n *node, codec Codec[K]) {
	o.base = newBase(b, n)
	o.codec, o.current = codec, NoWatermark
	o.at.core = o
	o.state = &keyedState{
		operator: n.name, groups: b.a.config.MaxParallelism, n: o.n, now: o.env.task.Now, keyVersion: versionOf(codec),
		recodeKey: func(version int, src, dst []byte) ([]byte, error) { return recode(codec, version, src, dst) },
	}
}

// open makes the backend, has the states declared, and restores them.
func (o *keyedCore[K]) open(b *builder, sides map[string]any, states func(*Subtask) error) (err error) {
	opener := b.a.config.State
	if opener == nil {
		opener = state.InMemory{}
	}
	o.state.format = opener.Format()
	err = guarded(o.node, b.subtask, "open", func() (err error) {
		o.state.backend, err = opener.Open(o.name(), b.subtask)
		return err
	})
	if err != nil {
		return err
	}
	b.a.x.OnClose(o.state.backend.Close)
	o.events = newTimers(o.state, eventTimers, o.state.keyVersion)
	o.processing = newTimers(o.state, processingTimers, o.state.keyVersion)
	s := &Subtask{Operator: o.name(), Index: b.subtask, Parallelism: b.parallelism, base: &o.base, sides: sides, keyed: o.state}
	if err := guarded(o.node, b.subtask, "open", func() error { return states(s) }); err != nil {
		return err
	}
	o.state.sealed = true
	if err := guarded(o.node, b.subtask, "open", o.state.begin); err != nil {
		return err
	}
	if o.current, err = o.state.restore(b, o.node); err != nil {
		return err
	}
	o.events.earliest, o.processing.earliest = NoWatermark, NoWatermark // what was restored may be due
	o.n.watermark.Store(o.current)
	return nil
}

// setKey makes a key the one at hand.
func (o *keyedCore[K]) setKey(key K) {
	o.at.key = key
	o.encoded = o.codec.Append(o.encoded[:0], key)
	o.state.setKey(o.encoded)
}

func (o *keyedCore[K]) signal(s signal) (err error) {
	defer contain(&err)
	switch s.Kind {
	case runtime.Watermark:
		if s.At <= o.current {
			break
		}
		o.current = s.At
		if o.events.due(s.At) {
			return o.fire(o.events, s.At, s)
		}
	case runtime.Tick:
		if o.state.sweep() {
			o.since = 0
		}
		if now := s.Now.UnixMilli(); o.processing.due(now) {
			o.env.moves.Add(1)
			return o.fire(o.processing, now, s)
		}
	case runtime.Cut:
		if o.stored(s.Barrier) {
			o.keepKeyed(s.Barrier, o.current, o.state.view(s.Barrier.Portable))
		}
	case runtime.Flush, runtime.Committed, runtime.End, runtime.WatermarkStatus:
	}
	return o.base.signal(s)
}

// fire begins to fire what is due.
func (o *keyedCore[K]) fire(t *timers, now int64, s signal) error {
	o.since = 0
	if t == o.processing { // no element says that something has changed
		o.env.moves.Add(1)
	}
	o.firing = timerFiring{signal: s, timers: t, now: now}
	done, err := o.fireSome()
	if !done && err == nil {
		o.env.task.Later(o.fireSome)
	}
	return err
}

// fireSome goes on with the firing, some timers a step, so that a full channel holds it up.
func (o *keyedCore[K]) fireSome() (done bool, err error) {
	defer contain(&err)
	f := &o.firing
	for range firedAtOnce * o.env.config.BatchSize {
		at, key, ok := f.timers.next(f.now)
		if !ok {
			if err := o.emit(); err != nil {
				return false, err
			}
			return true, o.base.signal(f.signal)
		}
		if runtime.Is(runtime.LoseTimer) && at&7 == 3 {
			continue
		}
		if err := o.fireOne(at, key); err != nil {
			return false, err
		}
	}
	return false, o.emit()
}

func (o *keyedCore[K]) fireOne(at int64, key []byte) (err error) {
	o.state.setKey(key)
	if o.at.key, _, err = o.codec.Decode(key); err != nil {
		return fmt.Errorf("decode the key of a timer: %w", err)
	}
	o.firing.timer = &Timer{At: at, Processing: o.firing.timers == o.processing}
	if err := o.onTimer(*o.firing.timer); err != nil {
		return err
	}
	o.firing.timer = nil
	return nil
}

// element prints the timer at work.
func (o *keyedCore[K]) element() string {
	t := o.firing.timer
	switch {
	case t == nil:
		return ""
	case t.Processing:
		return fmt.Sprintf("processing timer of %v@%s", o.at.key, FormatTime(t.At))
	}
	return fmt.Sprintf("timer of %v@%s", o.at.key, FormatTime(t.At))
}
