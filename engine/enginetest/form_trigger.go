package enginetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
	"taxistream/engine/trigger"
)

// triggerForms are what a trigger can be written as.
const triggerForms = "event-time, processing-time, count(n), every(d), every-event-time(d), after(d), none, purging(trigger) and early-and-late(trigger,trigger)"

// parseTrigger reads a trigger.
func parseTrigger(text string) (trigger.Trigger, error) {
	name, args, err := call(text)
	if err != nil {
		return nil, err
	}
	switch {
	case len(args) == 0 && name == "event-time":
		return trigger.EventTime(), nil
	case len(args) == 0 && name == "processing-time":
		return trigger.ProcessingTime(), nil
	case len(args) == 0 && name == "none":
		return trigger.NoFiring(), nil
	case len(args) == 1 && name == "count":
		n, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("a count is a whole number from 1, not %q", args[0])
		}
		return trigger.Count(n), nil
	case len(args) == 1 && slices.Contains([]string{"every", "every-event-time", "after"}, name):
		d, err := durations(args)
		if err != nil {
			return nil, err
		}
		switch name {
		case "every":
			return trigger.Every(d[0]), nil
		case "after":
			return trigger.After(d[0]), nil
		}
		return trigger.EveryEventTime(d[0]), nil
	case len(args) == 1 && name == "purging":
		t, err := parseTrigger(args[0])
		if err != nil {
			return nil, err
		}
		return trigger.Purging(t), nil
	case len(args) == 2 && name == "early-and-late":
		early, err := parseTrigger(args[0])
		if err != nil {
			return nil, err
		}
		late, err := parseTrigger(args[1])
		return trigger.EarlyAndLate(early, late), err
	}
	return nil, fmt.Errorf("a trigger is one of %s, not %q", triggerForms, text)
}

// aggregates make a window's result of its values.
var aggregates = map[string]func(values []int64) string{
	"sum":   func(v []int64) string { return fmt.Sprint(total(v)) },
	"count": func(v []int64) string { return fmt.Sprint(len(v)) },
	"min":   some(func(v []int64) string { return fmt.Sprint(slices.Min(v)) }),
	"max":   some(func(v []int64) string { return fmt.Sprint(slices.Max(v)) }),
	"mean":  some(func(v []int64) string { return fmt.Sprint(float64(total(v)) / float64(len(v))) }),
	"values": func(v []int64) string {
		v = slices.Clone(v)
		slices.Sort(v)
		return strings.ReplaceAll(fmt.Sprint(v), " ", ",")
	},
}

// some is f, and "none" of no values.
func some(f func([]int64) string) func([]int64) string {
	return func(v []int64) string {
		if len(v) == 0 {
			return "none"
		}
		return f(v)
	}
}

func aggregateName(s *Step) (string, error) {
	name, ok := s.Text("aggregate")
	if !ok {
		return "sum", nil
	}
	if aggregates[name] == nil {
		return "", fmt.Errorf("aggregate= is one of %s, not %q", strings.Join(sortedNames(aggregates), ", "), name)
	}
	return name, nil
}

func total(values []int64) (sum int64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

func appendValues(dst []byte, values []int64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	for _, v := range values {
		dst = engine.Int64Codec{}.Append(dst, v)
	}
	return dst
}

func readValues(src []byte) (values []int64, _ []byte, err error) {
	n, size := binary.Uvarint(src)
	if size <= 0 || n > uint64(len(src)) {
		return nil, nil, errors.New("values are cut short")
	}
	src = src[size:]
	for range n {
		var v int64
		if v, src, err = (engine.Int64Codec{}).Decode(src); err != nil {
			return nil, nil, err
		}
		values = append(values, v)
	}
	return values, src, nil
}
