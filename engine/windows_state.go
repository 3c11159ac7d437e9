package engine

import (
	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

func (o *windowOperator[K, T, A, R]) keep(b *runtime.Barrier) {
	if !o.stored(b) {
		return
	}
	s := checkpoint.State{Name: windowsState, Layout: windowsLayout, Key: versionOf(o.in.codec), Value: versionOf(o.agg.Codec)}
	o.keepKeyed(b, o.current, o.state.freeze(s, o.env.config.MaxParallelism, o.in.codec, func(dst []byte, k *keyWindows[A]) []byte {
		return k.append(dst, o.agg.Codec)
	}))
}

func (o *windowOperator[K, T, A, R]) restore(b *builder) (watermark int64, err error) {
	watermark, err = restoreValues(b, o.node, windowsState, windowsLayout, o.in.codec, o.agg.Codec, o.restoreKey)
	if err != nil {
		return watermark, err
	}
	// By now the watermark is known, which triggers may ask for.
	o.current = watermark
	for i := range o.state.entries {
		e := &o.state.entries[i]
		for j := range e.value {
			o.schedule(e.key, &e.value[j])
		}
	}
	return watermark, nil
}

func (o *windowOperator[K, T, A, R]) restoreKey(data []byte, key decoder[K], acc decoder[A]) ([]byte, error) {
	k, data, err := key(data)
	if err != nil {
		return nil, err
	}
	windows, data, err := readKeyWindows(data, o.options.trigger, acc)
	if err != nil {
		return nil, err
	}
	invariant(o.state.find(k) == nil, "a key of %s is restored twice", o.name())
	if runtime.Is(runtime.ForgetTrigger) {
		for i := range windows {
			clear(windows[i].numbers)
		}
	}
	*o.state.get(k) = windows
	o.n.entries.Add(int64(len(windows)))
	return data, nil
}
