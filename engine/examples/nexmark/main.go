// Nexmark runs queries of the Nexmark benchmark on the engine: an auction house, whose stream is people who register,
// auctions that open, and bids.
//
//	go run ./engine/examples/nexmark -query 5 -events 1000000
//	go run ./engine/examples/nexmark -query all
//	go run ./engine/examples/nexmark -query 7 -events 500000 -print
//
// It prints how many events each query took in a second, and the CPU time for each, that of making it up included (query 0
// does little else). The proportions and parameters are those of the published benchmark (Tucker, Tufte, Papadimos and
// Maier, 2002, in the form that Beam and Flink run): of 50 events 1 is a person, 3 are auctions and 46 bids; generator and
// queries are written anew, so compare the engine with itself, not with figures of others. Fields that only fill space
// are left out. Where a query differs from its published SQL, its comment says how. The tests hold each against a
// plain computation over all events.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/internal/flags"
)

// settings say what is run over what.
type settings struct {
	events, parallelism int
	source              generator
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	var numbers []string
	for _, q := range queries {
		numbers = append(numbers, strconv.Itoa(q.number))
	}
	f := flags.New("nexmark", "Runs queries of the Nexmark benchmark and prints events a second and CPU per event.")
	choice := f.Choice("query", "all", append(numbers, "all"), "`number` of the query: "+strings.Join(numbers, ", ")+"; or all")
	events := f.Int("events", 1_000_000, "make up `N` events")
	rate := f.Int("rate", 10_000, "`N` events a second of event time")
	seed := f.Int("seed", 1, "another `number` makes up other events")
	parallelism := f.Int("parallelism", 1, "`N` subtasks of each operator, and splits of the source")
	show := f.Bool("print", false, "print the results, too")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	if *events < 0 || *rate < 1 || *parallelism < 1 {
		return f.Usage(stderr, fmt.Errorf("-events must not be negative, -rate and -parallelism at least 1"))
	}
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	s := settings{*events, *parallelism, generator{seed: uint64(*seed), begin: begin, rate: int64(*rate)}}
	fmt.Fprintf(stdout, "%5s  %10s  %10s  %8s  %10s  %12s\n", "query", "events", "results", "seconds", "events/s", "CPU ns/event")
	for _, q := range queries {
		if *choice != "all" && *choice != strconv.Itoa(q.number) {
			continue
		}
		if err := measure(q, s, *show, stdout); err != nil {
			return f.Fail(stderr, fmt.Errorf("query %d: %w", q.number, err))
		}
	}
	return 0
}

func measure(q query, s settings, show bool, w io.Writer) error {
	out := &output{keep: show}
	clock := engine.SystemClock{}
	began, cpu := clock.Now(), cpuTime()
	if err := s.job(q, out).Run(context.Background()); err != nil {
		return err
	}
	took, cpu := clock.Now().Sub(began), cpuTime()-cpu
	events := float64(max(1, s.events))
	if show {
		slices.Sort(out.lines)
		for _, line := range out.lines {
			fmt.Fprintln(w, line)
		}
	}
	fmt.Fprintf(w, "%5d  %10d  %10d  %8.2f  %10.0f  %12.0f  %s\n",
		q.number, s.events, out.n, took.Seconds(), events/took.Seconds(), float64(cpu)/events, q.about)
	return nil
}

// job is a query over the events, from memory. Of several splits none may run ahead: what it brings would have to wait in state.
func (s settings) job(q query, out *output) *engine.Job {
	job := engine.NewJob(engine.Config{Name: "nexmark", Parallelism: s.parallelism})
	source := engine.Sequence[event]{Count: int64(s.events), At: s.source.at, Parts: s.parallelism}
	q.build(engine.FromSource(job, "events", source, engine.Monotonous[event](), engine.MaxDrift(time.Second)), out)
	return job
}

// output is what came of a query. Its sink alone writes to it, until the job has ended.
type output struct {
	keep  bool // the lines, not only their number
	n     int64
	lines []string
}

// results ends a query.
func results[R any](of *engine.Stream[R], out *output) {
	engine.SinkTo(of, "results", engine.SinkFunc(func(batch []engine.Element[R]) error {
		out.n += int64(len(batch))
		if out.keep {
			for i := range batch {
				out.lines = append(out.lines, fmt.Sprint(printable(&batch[i].Value)))
			}
		}
		return nil
	}))
}

// printable is what v is printed as: by its own method where its pointer has one.
func printable[R any](v *R) any {
	if s, ok := any(v).(fmt.Stringer); ok {
		return s
	}
	return *v
}
