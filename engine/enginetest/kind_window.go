package enginetest

import (
	"fmt"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/trigger"
	"taxistream/engine/window"
)

func init() {
	kinds["window"] = jobKind("windows of any kind, with triggers, panes and allowed lateness", planWindow)
}

// windowCase is what a case of windows is about.
type windowCase struct {
	windows   window.Assigner
	aggregate string
	panes     bool // print each pane's index and timing
	general   bool // take the general operator
	options   []engine.WindowOption
}

func planWindow(s *Step) (planner, error) {
	var c windowCase
	var err error
	text, _ := s.Text("windows")
	if c.windows, err = parseWindows(text); err != nil {
		return nil, err
	}
	if offset := s.Millis("offset", 0); offset != 0 {
		if c.windows, err = moved(c.windows, offset); err != nil {
			return nil, err
		}
	}
	if s.Flag("processing-time") {
		c.windows = window.ProcessingTime(c.windows)
	}
	if text, ok := s.Text("trigger"); ok {
		t, err := parseTrigger(text)
		if err != nil {
			return nil, err
		}
		c.options = append(c.options, engine.Trigger(t))
	}
	if lateness := s.Millis("lateness", 0); lateness > 0 {
		c.options = append(c.options, engine.AllowedLateness(time.Duration(lateness)*time.Millisecond))
	}
	if s.Flag("discarding") {
		c.options = append(c.options, engine.Discarding())
	}
	s.Flag("accumulating") // as without it
	if s.Flag("final-pane") {
		c.options = append(c.options, engine.FinalPane())
	}
	if s.Flag("empty-on-time-pane") {
		c.options = append(c.options, engine.EmptyOnTimePane())
	}
	c.panes, c.general = s.Flag("panes"), s.Flag("general")
	if c.aggregate, err = aggregateName(s); err != nil {
		return nil, err
	}
	return c.plan, nil
}

func (c windowCase) plan(w *World, in *engine.Stream[eventRecord]) {
	agg := engine.Aggregation[string, eventRecord, []int64, string]{
		Add:   func(values *[]int64, e *engine.Element[eventRecord]) { *values = append(*values, e.Value.Value.Value) },
		Merge: func(into, from *[]int64) { *into = append(*into, *from...) },
		Codec: engine.FuncCodec[[]int64]{AppendFunc: appendValues, DecodeFunc: readValues},
	}
	result := func(key string, w window.Window, values []int64) string {
		return fmt.Sprintf("result key=%s window=%s %s=%s", key, bounds(w), c.aggregate, aggregates[c.aggregate](values))
	}
	if c.panes || c.general {
		agg.Pane = func(key string, p trigger.Pane, values *[]int64) (string, bool) {
			line := result(key, p.Window, *values)
			if c.panes {
				line += fmt.Sprintf(" pane=%d timing=%v", p.Index, p.Timing)
			}
			return line, true
		}
	}
	agg.Result = func(key string, w window.Window, values *[]int64) (string, bool) {
		return result(key, w, *values), true
	}
	results, late := engine.Aggregate(byKey(in), "window", c.windows, agg, c.options...)
	engine.SinkTo(results, "results", &lineSink[string]{w: w, print: func(e engine.Element[string]) string { return e.Value }})
	engine.SinkTo(late, "late", w.sink("late"))
}

func bounds(w window.Window) string {
	if w == window.GlobalWindow {
		return "global"
	}
	return fmt.Sprintf("[%s,%s)", ms(w.Start), ms(w.End))
}

// parseWindows reads tumbling(size), sliding(size,slide), session(gap), session(element) or global.
func parseWindows(text string) (w window.Assigner, err error) {
	name, args, err := call(text)
	if err != nil {
		return nil, err
	}
	if name == "session" && len(args) == 1 && args[0] == "element" {
		return window.SessionBy(func(r *eventRecord) time.Duration {
			return time.Duration(r.Value.Gap) * time.Millisecond
		}), nil
	}
	n, err := durations(args)
	switch {
	case err != nil:
	case name == "tumbling" && len(n) == 1:
		return window.Tumbling(n[0]), nil
	case name == "sliding" && len(n) == 2:
		return window.Sliding(n[0], n[1]), nil
	case name == "session" && len(n) == 1:
		return window.Session(n[0]), nil
	case name == "global" && len(n) == 0:
		return window.Global(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("windows=%s: %w", text, err)
	}
	return nil, fmt.Errorf("windows= is one of tumbling(size), sliding(size,slide), session(gap), session(element) and global, not %q", text)
}

func moved(w window.Assigner, offset int64) (window.Assigner, error) {
	d := time.Duration(offset) * time.Millisecond
	switch w := w.(type) {
	case window.TumblingWindows:
		return w.Offset(d), nil
	case window.SlidingWindows:
		return w.Offset(d), nil
	}
	return nil, fmt.Errorf("only tumbling and sliding windows have an offset")
}

// call reads name or name(a,b).
func call(text string) (name string, args []string, err error) {
	name, rest, found := strings.Cut(text, "(")
	if !found {
		return name, nil, nil
	}
	if !strings.HasSuffix(rest, ")") {
		return "", nil, fmt.Errorf("%q does not end with a parenthesis", text)
	}
	args, err = cut(strings.TrimSuffix(rest, ")"), ',')
	return name, args, err
}

// durations reads lengths of time of at least 1 ms.
func durations(args []string) (all []time.Duration, err error) {
	for _, a := range args {
		n, err := millis(a)
		if err != nil {
			return nil, err
		}
		if n < 1 {
			return nil, fmt.Errorf("%s is not a length of time of at least 1 ms", a)
		}
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	return all, nil
}
