package enginetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"taxistream/engine"
)

func init() {
	kinds["process"] = jobKind("a function by key, with states and timers", planProcess)
}

// processCase is what a case of a function by key does: lists of actions.
type processCase struct {
	element, again, timer []action
	ttl                   *engine.TTL
	// The keys' states and what is at hand, of one subtask.
	value *engine.ValueState[int64]
	list  *engine.ListState[int64]
	sum   *engine.ReducingState[int64]
	times *engine.MapState[int64, int64]
}

// action is one thing that a function does.
type action struct {
	name string
	from string // of a timer: what its time is counted from
	plus int64
}

// acts are the actions without a time.
var acts = []string{"emit", "side", "set", "append", "add", "put", "clear"}

// timerActs are those with one.
var timerActs = []string{"event-timer", "processing-timer", "delete-event-timer", "delete-processing-timer"}

// timeWords are what a timer's time is counted from.
var timeWords = []string{"watermark", "now", "time", "at"}

func planProcess(s *Step) (planner, error) {
	var c processCase
	for _, part := range []struct {
		key  string
		into *[]action
	}{{"element", &c.element}, {"again", &c.again}, {"timer", &c.timer}} {
		for _, text := range s.List(part.key) {
			a, err := parseAction(text)
			if err != nil {
				return nil, err
			}
			*part.into = append(*part.into, a)
		}
	}
	if after := s.Millis("ttl", 0); after > 0 {
		c.ttl = &engine.TTL{After: time.Duration(after) * time.Millisecond, OnRead: s.Flag("ttl-on-read")}
	}
	s.Need("element")
	return c.plan, nil
}

// parseAction reads name, or name(time), where a time is a number, or one of timeWords and what to add.
func parseAction(text string) (a action, err error) {
	name, args, err := call(text)
	a.name = name
	switch {
	case err != nil:
		return a, err
	case slices.Contains(acts, name) && len(args) == 0:
		return a, nil
	case !slices.Contains(timerActs, name) || len(args) != 1:
		return a, fmt.Errorf("an action is %s, or %s with a time, as in event-timer(watermark+5), not %q", strings.Join(acts, ", "), strings.Join(timerActs, ", "), text)
	}
	at := args[0]
	for _, word := range timeWords {
		if rest, ok := strings.CutPrefix(at, word); ok {
			a.from, at = word, strings.TrimPrefix(rest, "+")
			break
		}
	}
	if at == "" && a.from != "" {
		return a, nil
	}
	if a.plus, err = millis(at); err != nil {
		return a, fmt.Errorf("the time of %q is a number of ms, or one of %s, plus a number: %w", text, strings.Join(timeWords, ", "), err)
	}
	return a, nil
}

func (c processCase) plan(w *World, in *engine.Stream[eventRecord]) {
	aside := engine.NewTag[string]("side")
	out := engine.ProcessKeyed(byKey(in), "function", func(s *engine.Subtask) (engine.KeyedProcess[string, eventRecord, string], error) {
		c := c // the states of this subtask
		c.declare(s)
		side := engine.SideCollector(s, aside)
		run := func(actions []action, h *hand) {
			for _, a := range actions {
				c.act(a, h, side)
			}
		}
		return engine.KeyedProcess[string, eventRecord, string]{
			Element: func(k *engine.Key[string], e *engine.Element[eventRecord], out *engine.Collector[string]) error {
				h := &hand{key: k, what: fmt.Sprintf("element %s=%d@%d", k.Value(), e.Value.Value.Value, e.EventTime), value: e.Value.Value.Value, time: e.EventTime, out: out}
				actions := c.element
				if _, ok := c.value.Get(); ok && c.again != nil {
					actions = c.again
				}
				run(actions, h)
				return w.failsOrPanics("element")
			},
			Timer: func(k *engine.Key[string], t engine.Timer, out *engine.Collector[string]) error {
				h := &hand{key: k, what: fmt.Sprintf("timer %s@%s", k.Value(), ms(t.At)), time: t.At, out: out}
				if t.Processing {
					h.what = "processing-" + h.what
				}
				run(c.timer, h)
				return w.failsOrPanics("timer")
			},
		}, nil
	})
	print := func(e engine.Element[string]) string { return e.Value + " at=" + ms(e.EventTime) }
	engine.SinkTo(out, "out", &lineSink[string]{w: w, print: print})
	engine.SinkTo(engine.SideOutput(out, aside), "side", &lineSink[string]{w: w, print: print})
}

func (c *processCase) declare(s *engine.Subtask) {
	var options []engine.StateOption
	if c.ttl != nil {
		options = append(options, engine.WithTTL(*c.ttl))
	}
	c.value = engine.NewValueState(s, "value", engine.Int64Codec{}, options...)
	c.list = engine.NewListState(s, "list", engine.Int64Codec{}, options...)
	c.sum = engine.NewReducingState(s, "sum", engine.Int64Codec{}, func(a, b int64) int64 { return a + b }, options...)
	c.times = engine.NewMapState(s, "times", engine.Int64Codec{}, engine.Int64Codec{}, options...)
}

// hand is what a function has in hand: an element or a timer.
type hand struct {
	key         *engine.Key[string]
	what        string
	value, time int64
	out         *engine.Collector[string]
}

func (c *processCase) act(a action, h *hand, side *engine.Collector[string]) {
	k := h.key
	at := a.plus + map[string]int64{"": 0, "watermark": k.Watermark(), "now": k.Now().UnixMilli(), "time": h.time, "at": h.time}[a.from]
	switch a.name {
	case "emit":
		h.out.Emit(h.what+fmt.Sprintf(" watermark=%s now=%d", ms(k.Watermark()), k.Now().UnixMilli())+c.states(), h.time)
	case "side":
		side.Emit("side "+h.what, h.time)
	case "set":
		c.value.Set(h.value)
	case "append":
		c.list.Append(h.value)
	case "add":
		c.sum.Add(h.value)
	case "put":
		c.times.Put(h.time, h.value)
	case "clear":
		c.value.Clear()
		c.list.Clear()
		c.sum.Clear()
		c.times.Clear()
	case "event-timer":
		k.SetEventTimer(at)
	case "processing-timer":
		k.SetProcessingTimer(time.UnixMilli(at))
	case "delete-event-timer":
		k.DeleteEventTimer(at)
	case "delete-processing-timer":
		k.DeleteProcessingTimer(time.UnixMilli(at))
	}
}

// states prints what the key has.
func (c *processCase) states() (text string) {
	if v, ok := c.value.Get(); ok {
		text += fmt.Sprint(" value=", v)
	}
	var list []string
	for v := range c.list.All() {
		list = append(list, strconv.FormatInt(v, 10))
	}
	if list != nil {
		text += " list=" + strings.Join(list, ",")
	}
	if v, ok := c.sum.Get(); ok {
		text += fmt.Sprint(" sum=", v)
	}
	var times []string
	for at, v := range c.times.All() {
		times = append(times, fmt.Sprintf("%d:%d", at, v))
	}
	if times != nil {
		text += " times=" + strings.Join(times, ",")
	}
	return text
}

// failsOrPanics is failing, also for a panic.
func (w *World) failsOrPanics(call string) error {
	if err := w.failing("panic"); err != nil {
		panic(err.Error())
	}
	return w.failing(call)
}
