package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"taxistream/engine"
)

// RunScenario runs one scenario file. Its language:
//
//	job splits=(a,b) size=10 [lateness=0] [parallelism=1] [distinct] [judge] [idle=5s]   start a job over an empty log
//	element split=a      (input: key@time ...)   records, read and settled
//	watermark split=a at=9      or without split: to every open split
//	advance by=5s               processing time
//	reshard a -> b c | a b -> c split or merge
//	snapshot                    take a checkpoint
//	restore [parallelism=2]     kill the job, go on from the newest checkpoint
//	drain                       every window fires, the job ends
//	splits                      print the splits
//	fail call=write             the next write, prepare, read or list fails, or the judge at its next element (element)
//	failures                    print what failed, and where
//	block actor=window/0        keep an actor from being stepped, as a sink that takes nothing; unblock
//	crash                       kill -9; nothing is closed
//	restart [parallelism=2]     another process goes on from the newest checkpoint
//
// Each prints what left the job since the step before, and the clock if it moved.
func RunScenario(t *testing.T, path string) {
	s := &scenario{clock: engine.NoWatermark}
	defer s.close(t)
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		if err := s.step(t.Context(), d); err != nil {
			return "error: " + err.Error()
		}
		return s.look()
	})
}

type scenario struct {
	w     *World
	clock int64
	note  string
}

func (s *scenario) step(ctx context.Context, d *datadriven.TestData) error {
	switch d.Cmd {
	case "job":
		return s.begin(ctx, d)
	case "element":
		return s.element(d)
	case "watermark":
		return s.watermark(d)
	case "advance":
		by, err := time.ParseDuration(arg(d, "by"))
		if err != nil {
			return err
		}
		if err := s.w.Advance(by); err != nil {
			return err
		}
		return s.w.Run()
	case "reshard":
		return s.reshard(d)
	case "snapshot":
		return s.w.Snapshot()
	case "restore":
		p, _ := strconv.Atoi(arg(d, "parallelism"))
		s.clock = engine.NoWatermark
		if err := s.w.Restore(ctx, p); err != nil {
			return err
		}
		return s.w.Run()
	case "drain":
		return s.w.Drain()
	case "fail": // the next call of its kind: write, prepare, read, list
		s.w.FailNext(arg(d, "call"))
		return nil
	case "crash": // kill -9; restart goes on
		s.w.driver.Kill()
		return nil
	case "restart":
		p, _ := strconv.Atoi(arg(d, "parallelism"))
		s.clock = engine.NoWatermark
		if p > 0 {
			s.w.Settings.Parallelism = p
		}
		if err := s.w.start(ctx); err != nil {
			return err
		}
		return s.w.Run()
	case "block":
		s.w.driver.Block(arg(d, "actor"))
		return nil
	case "unblock":
		s.w.driver.Unblock(arg(d, "actor"))
		return s.w.Run()
	case "splits", "failures":
		s.print(d.Cmd)
		return nil
	}
	return fmt.Errorf("unknown verb %q", d.Cmd)
}

// print notes what the job's status says of its splits or failures.
func (s *scenario) print(what string) {
	status := s.w.Status()
	if what == "splits" {
		for _, p := range status.Splits {
			s.note += fmt.Sprintf("%s %s subtask=%d watermark=%s idle=%v regressions=%d\n", p.ID, p.State, p.Subtask, ms(p.Watermark), p.Idle, p.Regressions)
		}
		return
	}
	for _, f := range status.Failures {
		s.note += fmt.Sprintf("attempt %d: %v, repeats=%d%s\n", f.Attempt, f.Err, f.Repeats, at(f.Err))
	}
}

func (s *scenario) begin(ctx context.Context, d *datadriven.TestData) (err error) {
	settings := Settings{Parallelism: 1, Distinct: d.HasArg("distinct"), Judge: d.HasArg("judge")}
	settings.Size, _ = strconv.ParseInt(arg(d, "size"), 10, 64)
	settings.Lateness, _ = strconv.ParseInt(arg(d, "lateness"), 10, 64)
	if p, err := strconv.Atoi(arg(d, "parallelism")); err == nil {
		settings.Parallelism = p
	}
	settings.Idle, _ = time.ParseDuration(arg(d, "idle"))
	var splits []string
	for _, a := range d.CmdArgs {
		if a.Key == "splits" {
			splits = a.Vals
		}
	}
	s.w, err = NewWorld(ctx, settings, nil, splits...)
	return err
}

func (s *scenario) element(d *datadriven.TestData) error {
	for _, field := range strings.Fields(d.Input) {
		var key, at int64
		if _, err := fmt.Sscanf(field, "%d@%d", &key, &at); err != nil {
			return fmt.Errorf("element %q is not key@time: %w", field, err)
		}
		s.w.Log.Append(arg(d, "split"), Event{Key: key}, at)
	}
	return s.w.Run()
}

func (s *scenario) watermark(d *datadriven.TestData) error {
	at, err := strconv.ParseInt(arg(d, "at"), 10, 64)
	if err != nil {
		return err
	}
	if split := arg(d, "split"); split != "" {
		s.w.Log.Watermark(split, at)
	} else {
		s.w.Log.WatermarkAll(at)
	}
	return s.w.Run()
}

func (s *scenario) reshard(d *datadriven.TestData) error {
	from, to, _ := strings.Cut(strings.TrimPrefix(d.Input, "reshard"), "->")
	parents, children := strings.Fields(from), strings.Fields(to)
	switch {
	case len(parents) == 1:
		s.w.Log.Split(parents[0], children...)
	case len(parents) == 2 && len(children) == 1:
		s.w.Log.Merge(parents[0], parents[1], children[0])
	default:
		return fmt.Errorf("reshard %q is neither a split nor a merge", d.Input)
	}
	return s.w.Run()
}

func (s *scenario) look() string {
	out := s.note
	s.note = ""
	if lines := s.w.Look(); lines != "" {
		out += lines + "\n"
	}
	if now := s.w.Status().Watermark; now != s.clock {
		s.clock = now
		out += "clock " + ms(now) + "\n"
	}
	if out == "" {
		return "nothing\n"
	}
	return out
}

func (s *scenario) close(t *testing.T) {
	if s.w != nil {
		if err := s.w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// at prints where a failure came from.
func at(err error) string {
	var o *engine.OperatorError
	if !errors.As(err, &o) || o.Element == "" {
		return ""
	}
	return fmt.Sprintf(" element=%s split=%s offset=%x", o.Element, o.Split, o.Offset)
}

func ms(w int64) string {
	switch w {
	case engine.NoWatermark:
		return "none"
	case engine.MaxWatermark:
		return "max"
	}
	return strconv.FormatInt(w, 10)
}

func arg(d *datadriven.TestData, key string) string {
	for _, a := range d.CmdArgs {
		if a.Key == key && len(a.Vals) > 0 {
			return a.Vals[0]
		}
	}
	return ""
}
