package enginetest

import (
	"fmt"

	"taxistream/engine"
)

// strategyOf reads the watermark strategy of a case; nil: the log's own watermarks.
func strategyOf(s *Step) engine.WatermarkStrategy[eventRecord] {
	text, ok := s.Text("strategy")
	if !ok {
		return nil
	}
	name, args, err := call(text)
	s.wrong(err)
	n, err := durations(args)
	s.wrong(err)
	switch {
	case err != nil:
	case name == "bounded" && len(n) == 1:
		return withRecords(engine.BoundedOutOfOrderness[eventRecord](n[0]))
	case name == "monotonous" && len(n) == 0:
		return withRecords(engine.Monotonous[eventRecord]())
	case name == "none" && len(n) == 0:
		return withRecords(engine.NoWatermarks[eventRecord]())
	case name == "punctuated" && len(n) == 0:
		return withRecords(engine.Punctuated(func(e *engine.Element[eventRecord]) (int64, bool) {
			return e.EventTime, e.Value.Value.Key == "mark"
		}))
	}
	s.wrong(fmt.Errorf("strategy= is one of bounded(d), monotonous, punctuated and none, not %q", text))
	return nil
}

// withRecords keeps the log's own watermarks beside those of a strategy.
func withRecords(of engine.WatermarkStrategy[eventRecord]) engine.WatermarkStrategy[eventRecord] {
	return func(split engine.Split) engine.WatermarkGenerator[eventRecord] {
		return recordGenerator{of(split)}
	}
}

type recordGenerator struct {
	engine.WatermarkGenerator[eventRecord]
}

func (g recordGenerator) OnElement(e *engine.Element[eventRecord], current int64) (int64, bool) {
	if e.Value.IsWatermark {
		return e.EventTime, false
	}
	return g.WatermarkGenerator.OnElement(e, current)
}
