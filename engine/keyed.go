package engine

import "time"

// KeyedProcess is a function over the elements of a keyed stream, with state and timers of
// each key. Both of its parts get the key's context and emit to out, and to the side outputs that
// open asked SideCollector for. An error fails the job.
type KeyedProcess[K comparable, T, R any] struct {
	// Element takes one element in, which is valid during the call.
	Element func(key *Key[K], e *Element[T], out *Collector[R]) error
	// Timer is called for a timer that fires; nil: the function sets none.
	Timer func(key *Key[K], t Timer, out *Collector[R]) error
}

// Timer is a time at which a key asked to be called.
type Timer struct {
	// At is when it was to fire, in ms since the epoch.
	At int64
	// Processing: it is one of processing time, otherwise of event time.
	Processing bool
}

// Key is the key of the element or timer at hand, and what it may ask for. It is valid
// during the call.
type Key[K comparable] struct {
	key  K
	core *keyedCore[K]
}

// Value is the key itself.
func (k *Key[K]) Value() K { return k.key }

// Watermark is the operator's: of elements, that before the element at hand; of a timer of
// event time, that which made it fire.
func (k *Key[K]) Watermark() int64 { return k.core.current }

// Now is processing time.
func (k *Key[K]) Now() time.Time { return k.core.env.task.Now() }

// SetEventTimer asks for a call once the watermark reaches at (ms since the epoch). A key
// has one timer for each time: to set it again has no effect. One that is set at or before
// the watermark fires with the next one.
func (k *Key[K]) SetEventTimer(at int64) { k.core.events.set(at, k.core.state.current()) }

// DeleteEventTimer takes a timer back; one that is not set is none.
func (k *Key[K]) DeleteEventTimer(at int64) { k.core.events.unset(at, k.core.state.current()) }

// SetProcessingTimer asks for a call once processing time reaches at, in whole
// milliseconds; it comes with the first tick after that (Config.TickInterval). Those that are not due
// when the job ends do not fire; a job that goes on from the checkpoint fires them.
func (k *Key[K]) SetProcessingTimer(at time.Time) {
	k.core.processing.set(at.UnixMilli(), k.core.state.current())
}

// DeleteProcessingTimer takes a timer back; one that is not set is none.
func (k *Key[K]) DeleteProcessingTimer(at time.Time) {
	k.core.processing.unset(at.UnixMilli(), k.core.state.current())
}

// ProcessKeyed adds an operator with state and timers by key. open is called once a subtask,
// before its first element; there states are declared (NewValueState and its like).
//
// Timers fire in the order of their times, before the watermark that makes them fire goes
// on. State and timers are in checkpoints, and are dealt out again by key group.
func ProcessKeyed[K comparable, T, R any](in *KeyedStream[K, T], name string, open func(*Subtask) (KeyedProcess[K, T, R], error)) *Stream[R] {
	n := in.in.job.plan.addNode(name, kindKeyed)
	out := newStream[R](in.in.job, n)
	addKeyedExchange(in, n, func(b *builder) (input[T], error) { return newKeyedOperator(b, n, in, open, out) })
	return out
}

// keyedOperator calls a KeyedProcess.
type keyedOperator[K comparable, T, R any] struct {
	keyedCore[K]
	in      *KeyedStream[K, T]
	f       KeyedProcess[K, T, R]
	out     *Collector[R]
	current *Element[T] // the element at work
}

func newKeyedOperator[K comparable, T, R any](b *builder, n *node, in *KeyedStream[K, T], open func(*Subtask) (KeyedProcess[K, T, R], error), out *Stream[R]) (input[T], error) {
	o := &keyedOperator[K, T, R]{in: in}
	o.begin(b, n, in.codec)
	main, sides, err := buildOutputs(b, &o.base, out)
	if err != nil {
		return nil, err
	}
	o.out = main
	err = o.open(b, sides, func(s *Subtask) (err error) {
		o.f, err = open(s)
		return err
	})
	o.onTimer = func(t Timer) error {
		if o.f.Timer == nil {
			return nil
		}
		return o.f.Timer(&o.at, t, o.out)
	}
	return o, err
}

func (o *keyedOperator[K, T, R]) elements(batch []Element[T]) (err error) {
	defer contain(&err)
	o.n.in.Add(int64(len(batch)))
	o.since = 0
	for i := range batch {
		o.current = &batch[i]
		o.setKey(o.in.key(&o.current.Value))
		if err := o.f.Element(&o.at, o.current, o.out); err != nil {
			return err
		}
	}
	o.current = nil
	if err := o.emit(); err != nil {
		return err
	}
	return o.checkEntries()
}

func (o *keyedOperator[K, T, R]) element() string {
	if o.current != nil {
		return o.current.print()
	}
	return o.keyedCore.element()
}
