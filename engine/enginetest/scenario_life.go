package enginetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taxistream/engine"
)

// The verbs that end jobs, begin others, hold actors up, and tell what happened.

func (c *jobCase) snapshot(context.Context, *Step) error { return c.w.Snapshot() }

// restore kills the job and goes on from the newest checkpoint.
func (c *jobCase) restore(ctx context.Context, s *Step) error {
	p := int(s.Int("parallelism", 0))
	if err := s.Err(); err != nil {
		return err
	}
	c.clock = engine.NoWatermark
	if err := c.w.Restore(ctx, p); err != nil {
		return err
	}
	return c.w.Run()
}

func (c *jobCase) drain(context.Context, *Step) error { return c.w.Drain() }

// crash is kill -9; restart goes on.
func (c *jobCase) crash(context.Context, *Step) error {
	c.w.driver.Kill()
	return nil
}

func (c *jobCase) restart(ctx context.Context, s *Step) error {
	p := int(s.Int("parallelism", int64(c.w.Settings.Parallelism)))
	if err := s.Err(); err != nil {
		return err
	}
	c.clock = engine.NoWatermark
	c.w.Settings.Parallelism = p
	if err := c.w.start(ctx); err != nil {
		return err
	}
	return c.w.Run()
}

func (c *jobCase) fail(_ context.Context, s *Step) error {
	call, _ := s.Text("call")
	if !slices.Contains(failing, call) {
		return fmt.Errorf("fail needs call=, one of %s", strings.Join(failing, ", "))
	}
	c.w.FailNext(call)
	return nil
}

// failing are the calls that can be made to fail.
var failing = []string{"write", "prepare", "read", "list", "element", "timer", "panic"}

func (c *jobCase) block(_ context.Context, s *Step) error {
	name, err := c.actor(s)
	if err == nil {
		c.w.driver.Block(name)
	}
	return err
}

func (c *jobCase) unblock(_ context.Context, s *Step) error {
	name, err := c.actor(s)
	if err != nil {
		return err
	}
	c.w.driver.Unblock(name)
	return c.w.Run()
}

func (c *jobCase) actor(s *Step) (string, error) {
	name, _ := s.Text("actor")
	if names := c.w.driver.Actors(); !slices.Contains(names, name) {
		return "", fmt.Errorf("there is no actor %q: there are %s", name, strings.Join(names, ", "))
	}
	return name, nil
}

// splits prints what the job's status says of its splits.
func (c *jobCase) splits(context.Context, *Step) error {
	for _, p := range c.w.Status().Splits {
		line := fmt.Sprintf("%s %s subtask=%d watermark=%s idle=%v regressions=%d", p.ID, p.State, p.Subtask, ms(p.Watermark), p.Idle, p.Regressions)
		if p.Paused {
			line += " paused"
		}
		c.note = append(c.note, line)
	}
	return nil
}

// failures prints what failed, and where.
func (c *jobCase) failures(context.Context, *Step) error {
	for _, f := range c.w.Status().Failures {
		c.note = append(c.note, strings.Split(fmt.Sprintf("attempt %d: %v, repeats=%d%s", f.Attempt, f.Err, f.Repeats, at(f.Err)), "\n")...)
	}
	return nil
}

// at prints where a failure came from.
func at(err error) string {
	var o *engine.OperatorError
	if !errors.As(err, &o) || o.Element == "" {
		return ""
	}
	return fmt.Sprintf(" element=%s split=%s offset=%x", o.Element, o.Split, o.Offset)
}

func sortedNames[K cmp.Ordered, V any](m map[K]V) (names []K) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
