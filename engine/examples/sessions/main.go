// Sessions groups the clicks of each visitor of a web site into visits: clicks with no more than a gap between them.
//
//	go run ./engine/examples/sessions
//	go run ./engine/examples/sessions -gap 5m
//	go run ./engine/examples/sessions -file clicks.txt
//
// A visit is a session window: it begins with a click, each further click within the gap makes it longer, and a click
// between two visits makes one of them. Clicks come out of order here, up to a minute late, so the watermark stays a
// minute behind the latest click (BoundedOutOfOrderness), and a visit is printed once the watermark has passed the
// gap behind its last click: then no click that could make it longer is still to come. Clicks that come later than that
// are counted and printed, too: they leave by the late side output.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/examples/example"
	"taxistream/engine/window"
	"taxistream/internal/flags"
)

// click is one page that a visitor asked for.
type click struct{ visitor, page string }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flags.New("sessions", "Groups clicks into visits by a gap of inactivity.")
	file := f.String("file", "", "`FILE` of clicks, a line each: time (RFC 3339), visitor, page; without it some are made up")
	gap := f.Duration("gap", 10*time.Minute, "`time` without a click that ends a visit")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	if *gap < time.Millisecond {
		return f.Usage(stderr, errors.New("-gap must be at least 1ms"))
	}
	clicks := generate(12, 60)
	if *file != "" {
		text, err := os.ReadFile(*file)
		if err == nil {
			clicks, err = parse(string(text))
		}
		if err != nil {
			return f.Fail(stderr, err)
		}
	}
	if err := visits(clicks, *gap, *parallelism, stdout); err != nil {
		return f.Fail(stderr, err)
	}
	return 0
}

func visits(clicks []engine.Element[click], gap time.Duration, parallelism int, out io.Writer) error {
	source := engine.Sequence[click]{Count: int64(len(clicks)), At: func(i int64) engine.Element[click] { return clicks[i] }}

	job := engine.NewJob(engine.Config{Name: "sessions", Parallelism: parallelism})
	in := engine.FromSource(job, "clicks", source, engine.BoundedOutOfOrderness[click](time.Minute))
	byVisitor := engine.KeyBy(in, func(c *click) string { return c.visitor }, engine.StringCodec{})
	counts, late := engine.Aggregate(byVisitor, "visits", window.Session(gap), engine.Count[string, click]())
	lines := engine.Map(counts, "print visit", func(v *engine.Aggregated[string, int64]) string {
		last := v.Window.End - gap.Milliseconds()
		return fmt.Sprintf("%s - %s  %-9s clicks: %d", example.Clock(v.Window.Start), example.Clock(last), v.Key, v.Value)
	})
	tooLate := engine.Map(late, "print late", func(c *click) string { return "                     " + c.visitor + " too late: " + c.page })
	var result example.Lines
	engine.SinkTo(engine.Union("all", lines, tooLate), "result", result.Sink())
	if err := job.Run(context.Background()); err != nil {
		return err
	}
	result.Print(out)
	return nil
}

// parse reads clicks, in the order of the lines.
func parse(text string) (clicks []engine.Element[click], err error) {
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d has %d fields: time, visitor and page are needed", n+1, len(fields))
		}
		at, err := time.Parse(time.RFC3339, fields[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		clicks = append(clicks, engine.Element[click]{Value: click{fields[1], fields[2]}, EventTime: at.UnixMilli()})
	}
	return clicks, nil
}

// generate makes up some clicks of each of so many visitors within three hours, and hands them out in the order in which
// they arrive: up to a minute after they happened.
func generate(visitors, each int) (clicks []engine.Element[click]) {
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	for v := range visitors {
		at := begin + random.Int64N(int64(time.Hour/time.Millisecond))
		for range each {
			pause := random.Int64N(90_000)
			if random.IntN(20) == 0 {
				pause += 15 * 60_000
			}
			at += pause
			clicks = append(clicks, engine.Element[click]{
				Value: click{fmt.Sprintf("visitor%d", v), fmt.Sprintf("/page/%d", random.IntN(30))}, EventTime: at,
			})
		}
	}
	arrives := make(map[engine.Element[click]]int64)
	for _, c := range clicks {
		arrives[c] = c.EventTime + random.Int64N(60_000)
	}
	slices.SortStableFunc(clicks, func(a, b engine.Element[click]) int { return int(arrives[a] - arrives[b]) })
	return clicks
}
