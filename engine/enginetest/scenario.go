package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taxistream/engine"
)

// jobCase is a case that runs a job over a log, step by step. Its verbs are those of
// jobVerbs, which all kinds of such cases share; scenarios.md describes them.
type jobCase struct {
	w     *World
	clock int64
	note  []string
}

// jobVerbs take a step of a case that runs a job.
var jobVerbs = map[string]func(c *jobCase, ctx context.Context, s *Step) error{
	"element":   (*jobCase).element,
	"watermark": (*jobCase).watermark,
	"advance":   (*jobCase).advance,
	"reshard":   (*jobCase).reshard,
	"snapshot":  (*jobCase).snapshot,
	"restore":   (*jobCase).restore,
	"drain":     (*jobCase).drain,
	"fail":      (*jobCase).fail,
	"crash":     (*jobCase).crash,
	"restart":   (*jobCase).restart,
	"block":     (*jobCase).block,
	"unblock":   (*jobCase).unblock,
	"splits":    (*jobCase).splits,
	"failures":  (*jobCase).failures,
}

// jobKind makes a kind of case of a job: plan reads what is special to it from the step
// and gives what the job does with the log's elements. The log has those splits where the step
// names none; without any, one.
func jobKind(about string, plan func(s *Step) (planner, error), names ...string) kind {
	return kind{about: about, begin: func(ctx context.Context, s *Step) (running, error) {
		settings := Settings{
			Parallelism: int(s.Int("parallelism", 1)), Idle: time.Duration(s.Millis("idle", 0)) * time.Millisecond, Drift: s.Millis("drift", 0),
		}
		if d := s.Millis("backlog-drift", 0); d > 0 {
			settings.Drift, settings.Backlog = d, true
		}
		settings.Strategy = strategyOf(s)
		splits := s.List("splits")
		if len(splits) == 0 {
			splits = append(splits, names...)
		}
		if len(splits) == 0 {
			splits = []string{"a"}
		}
		p, err := plan(s)
		if err == nil {
			err = s.Err()
		}
		if err != nil {
			return nil, err
		}
		settings.Plan = p
		w, err := NewWorld(ctx, settings, nil, splits...)
		if err != nil {
			return nil, err
		}
		return &jobCase{w: w, clock: engine.NoWatermark}, nil
	}}
}

func (c *jobCase) step(ctx context.Context, s *Step) ([]string, error) {
	do, ok := jobVerbs[s.Verb]
	if !ok {
		return nil, fmt.Errorf("unknown verb %q: it is one of %s, or begins a case: %s", s.Verb, strings.Join(sortedNames(jobVerbs), ", "), strings.Join(verbs(), ", "))
	}
	err := do(c, ctx, s)
	return c.looked(), err
}

func (c *jobCase) element(_ context.Context, s *Step) error {
	split := c.split(s)
	words := s.Words()
	if err := s.Err(); err != nil {
		return err
	}
	for _, word := range words {
		e, at, err := parseElement(word)
		if err != nil {
			return err
		}
		c.w.Log.Append(split, e, at)
		if c.w.Settings.Plan != nil { // one by one: what a trigger does is not a matter of batches
			if err := c.w.Run(); err != nil {
				return err
			}
		}
	}
	return c.w.Run()
}

// parseElement reads key@time, key=value@time or key=value:gap@time.
func parseElement(word string) (e Event, at int64, err error) {
	head, time, found := strings.Cut(word, "@")
	if at, err = millis(time); err != nil || !found {
		return e, 0, fmt.Errorf("element %q is not key@time, key=value@time or key=value:gap@time", word)
	}
	key, value, found := strings.Cut(head, "=")
	e.Key, e.Value = key, 1
	if !found {
		return e, at, nil
	}
	value, gap, found := strings.Cut(value, ":")
	if e.Value, err = strconv.ParseInt(value, 10, 64); err != nil {
		return e, 0, fmt.Errorf("the value of element %q is not a whole number", word)
	}
	if e.Gap = e.Value; found {
		if e.Gap, err = millis(gap); err != nil {
			return e, 0, fmt.Errorf("the gap of element %q: %w", word, err)
		}
	}
	return e, at, nil
}

// split is the split that a step names, the first open one otherwise.
func (c *jobCase) split(s *Step) string {
	split, ok := s.Text("split")
	open := c.w.Log.Open()
	if !ok && len(open) > 0 {
		return open[0]
	}
	for _, id := range open {
		if id == split {
			return split
		}
	}
	s.wrong(fmt.Errorf("split %q is not open: %s are", split, strings.Join(open, ", ")))
	return split
}

func (c *jobCase) watermark(_ context.Context, s *Step) error {
	at := s.Millis("at", engine.NoWatermark)
	words := s.Words()
	if len(words) == 1 {
		s.wrong(readMillis(words[0], &at))
	} else if _, ok := s.Text("at"); !ok || len(words) > 1 {
		s.wrong(errors.New("watermark needs one time, as in watermark 9 or watermark at=9"))
	}
	_, one := s.Text("split")
	splits := c.w.Log.Open()
	if one {
		splits = []string{c.split(s)}
	}
	if err := s.Err(); err != nil {
		return err
	}
	for _, split := range splits {
		c.w.Log.Watermark(split, at)
	}
	return c.w.Run()
}

func readMillis(text string, into *int64) (err error) {
	*into, err = millis(text)
	return err
}

func (c *jobCase) advance(_ context.Context, s *Step) error {
	by, to := s.Millis("by", 0), s.Millis("to", -1)
	if err := s.Err(); err != nil {
		return err
	}
	if now := c.w.Clock.Now().UnixMilli(); to >= 0 {
		by = to - now
		if by < 0 {
			return fmt.Errorf("processing time does not go back from %d to %d", now, to)
		}
	}
	if err := c.w.Advance(time.Duration(by) * time.Millisecond); err != nil {
		return err
	}
	return c.w.Run()
}

func (c *jobCase) reshard(_ context.Context, s *Step) error {
	from, to, _ := strings.Cut(strings.Join(s.Words(), " "), "->")
	parents, children := strings.Fields(from), strings.Fields(to)
	switch {
	case len(parents) == 1 && len(children) > 1:
		c.w.Log.Split(parents[0], children...)
	case len(parents) == 2 && len(children) == 1:
		c.w.Log.Merge(parents[0], parents[1], children[0])
	default:
		return errors.New("reshard is a split, as in a -> b c, or a merge, as in a b -> c")
	}
	return c.w.Run()
}

// looked is what has left the job since the step before, and the clock if it moved.
func (c *jobCase) looked() []string {
	out := c.note
	c.note = nil
	if lines := c.w.Look(); lines != "" {
		out = append(out, strings.Split(lines, "\n")...)
	}
	if now := c.w.Status().Watermark; now != c.clock {
		c.clock = now
		out = append(out, "clock "+ms(now))
	}
	return out
}

func (c *jobCase) close() error { return c.w.Close() }

func ms(w int64) string {
	switch w {
	case engine.NoWatermark:
		return "none"
	case engine.MaxWatermark:
		return "max"
	}
	return strconv.FormatInt(w, 10)
}
