// Join finds which advertisements were clicked, and how soon, by joining two streams.
//
//	go run ./engine/examples/join
//	go run ./engine/examples/join -within 30s
//
// What was shown and what was clicked come as two streams, each with a clock of its own. An interval join pairs a click with
// the showing of the same advertisement to the same person, if it came within two minutes after it. Showings wait in
// state until no click can follow any more, which the watermarks of both streams tell; so the state is as large as
// two minutes of the stream, however long the job runs. Joins of things that happen in the same minute, whatever their
// order, are engine.JoinWindows.
package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/examples/example"
	"taxistream/internal/flags"
)

// event is that an advertisement was shown to a person, or that the person clicked on it.
type event struct{ ad, person int64 }

// eventCodec is how events wait in state, and how their keys find each other.
var eventCodec = engine.FuncCodec[event]{
	AppendFunc: func(dst []byte, e event) []byte {
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(e.ad)), uint64(e.person))
	},
	DecodeFunc: func(src []byte) (e event, rest []byte, err error) {
		if e.ad, src, err = (engine.Int64Codec{}).Decode(src); err == nil {
			e.person, src, err = engine.Int64Codec{}.Decode(src)
		}
		return e, src, err
	},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flags.New("join", "Pairs clicks on advertisements with the showings before them.")
	within := f.Duration("within", 2*time.Minute, "the most `time` from a showing to its click")
	count := f.Int("shown", 2_000, "make up `N` showings")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	if *count < 0 {
		return f.Usage(stderr, errors.New("-shown must not be negative"))
	}
	shown, clicked := generate(*count)
	result, err := join(shown, clicked, *within, *parallelism)
	if err != nil {
		return f.Fail(stderr, err)
	}
	result.Print(stdout)
	return 0
}

func join(shown, clicked []engine.Element[event], within time.Duration, parallelism int) (*example.Lines, error) {
	job := engine.NewJob(engine.Config{Name: "join", Parallelism: parallelism})
	keyed := func(name string, events []engine.Element[event]) *engine.KeyedStream[event, event] {
		source := engine.Sequence[event]{Count: int64(len(events)), At: func(i int64) engine.Element[event] { return events[i] }}
		in := engine.FromSource(job, name, source, engine.Monotonous[event]())
		return engine.KeyBy(in, func(e *event) event { return *e }, eventCodec)
	}
	pairs, _, _ := engine.IntervalJoin(keyed("shown", shown), keyed("clicked", clicked), "clicks", engine.Interval{Upper: within},
		eventCodec, eventCodec, func(s, c *engine.Element[event]) (string, bool) {
			return fmt.Sprintf("%s  ad %2d, person %4d: clicked after %5.1f s", example.Clock(s.EventTime), s.Value.ad, s.Value.person,
				float64(c.EventTime-s.EventTime)/1000), true
		})
	var result example.Lines
	engine.SinkTo(pairs, "result", result.Sink())
	return &result, job.Run(context.Background())
}

// generate makes up showings and, of some of them, clicks: most soon, some so late that they do not count.
func generate(count int) (shown, clicked []engine.Element[event]) {
	random := rand.New(rand.NewPCG(6, 7))
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	for range count {
		at += 1 + random.Int64N(500)
		e := engine.Element[event]{Value: event{ad: random.Int64N(40), person: random.Int64N(1000)}, EventTime: at}
		shown = append(shown, e)
		if random.IntN(50) != 0 {
			continue
		}
		e.EventTime += random.Int64N(240_000) // up to four minutes
		clicked = append(clicked, e)
	}
	slices.SortFunc(clicked, func(a, b engine.Element[event]) int { return cmp.Compare(a.EventTime, b.EventTime) })
	return shown, clicked
}
