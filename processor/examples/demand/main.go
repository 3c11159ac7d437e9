// Demand finds where far more people than usual want a taxi: a cell's pickups in ten minutes, compared with the same cell's
// at the same hour of the days before.
//
//	go run ./processor/examples/demand
//	go run ./processor/examples/demand -source generate:2016-01-05/7 -crowd 0
//	go run ./processor/examples/demand yellow_tripdata_2015-01.csv
//
// Two steps with a key each. Pickups are counted by H3 cell and window of ten minutes. The counts then go, by cell, through
// a process function that keeps what each hour of the day has had so far: a map by hour in its state, so a cell costs
// 24 numbers however long the job runs. A window is far above usual if it has at least -least pickups and -factor
// times the mean of its cell's windows of that hour, those without any pickup included, and never less than one.
//
// Generated days have no surprises, so a crowd is added to the last evening, in front of Madison Square Garden. Each trip
// counts at its pickup here, as if the taxis told when their meters start; in files, trips stand in the order of their ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"taxistream/data/zones"
	"taxistream/engine"
	"taxistream/engine/window"
	"taxistream/internal/flags"
	"taxistream/internal/geo"
)

const size = 10 * time.Minute

// options are what counts as far above usual.
type options struct {
	least  int64
	factor float64
}

// alarm is a window far above usual.
type alarm struct {
	cell  geo.Cell
	start int64 // of the window, ms
	count int64
	usual float64
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flags.New("demand", "Finds cells with far more pickups in ten minutes than usual.")
	f.TakeArgs("[FILE...]")
	f.Help("FILE is any file of trips that ./data reads. It should cover some days: usual is what the days before had.")
	source := f.String("source", "generate:2016-01-05/3", "where no file is named: `DAYS` to be generated")
	perDay := f.Int("trips", 100_000, "generate `N` trips a day")
	crowd := f.Int("crowd", 250, "`N` people leave a concert on the last of the generated days")
	resolution := f.Int("resolution", 8, "H3 `resolution` of the cells")
	least := f.Int("least", 30, "fewer than `N` pickups are no alarm")
	o := options{factor: 5}
	f.FloatVar(&o.factor, "factor", "`times` the usual that is far above")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	o.least = int64(*least)
	if o.factor <= 0 || *crowd < 0 {
		return f.Usage(stderr, errors.New("-factor must be positive, -crowd not negative"))
	}
	pickups, err := load(f.Args(), *source, *perDay, *crowd, *resolution)
	if err != nil {
		return f.Fail(stderr, err)
	}
	alarms, err := o.find(pickups, *parallelism)
	if err != nil {
		return f.Fail(stderr, err)
	}
	print(stdout, len(pickups), alarms)
	return 0
}

// find runs the job over pickups in the order of their times.
func (o options) find(pickups []engine.Element[geo.Cell], parallelism int) (alarms []alarm, err error) {
	if len(pickups) == 0 {
		return nil, errors.New("there are no trips with a place in the city")
	}
	source := engine.Sequence[geo.Cell]{Count: int64(len(pickups)), At: func(i int64) engine.Element[geo.Cell] { return pickups[i] }}
	first := pickups[0].EventTime

	job := engine.NewJob(engine.Config{Name: "demand", Parallelism: parallelism})
	in := engine.FromSource(job, "pickups", source, engine.Monotonous[geo.Cell]())
	byCell := engine.KeyBy(in, func(c *geo.Cell) uint64 { return uint64(*c) }, engine.Uint64Codec{})
	counts, _ := engine.Aggregate(byCell, "count", window.Tumbling(size), engine.Count[uint64, geo.Cell]())
	again := engine.KeyBy(counts, func(c *engine.Aggregated[uint64, int64]) uint64 { return c.Key }, engine.Uint64Codec{})
	found := engine.ProcessKeyed(again, "far above usual", func(s *engine.Subtask) (comparison, error) { return o.open(s, first) })
	engine.SinkTo(found, "alarms", engine.SinkFunc(func(batch []engine.Element[alarm]) error {
		for _, e := range batch {
			alarms = append(alarms, e.Value)
		}
		return nil
	}))
	return alarms, job.Run(context.Background())
}

// comparison takes the counts of a cell's windows in turn.
type comparison = engine.KeyedProcess[uint64, engine.Aggregated[uint64, int64], alarm]

// open makes the function of one subtask. By hour of the day (UTC, 0 to 23) it keeps the pickups of all days before
// today, and those of today, which count from tomorrow on. Days are counted from the first pickup of all.
func (o options) open(s *engine.Subtask, first int64) (comparison, error) {
	past := engine.NewMapState(s, "past", engine.Int64Codec{}, engine.Int64Codec{})
	today := engine.NewMapState(s, "today", engine.Int64Codec{}, engine.Int64Codec{})
	last := engine.NewValueState(s, "last day", engine.Int64Codec{})
	return comparison{
		Element: func(cell *engine.Key[uint64], e *engine.Element[engine.Aggregated[uint64, int64]], out *engine.Collector[alarm]) error {
			start, n := e.Value.Window.Start, e.Value.Value
			days := (start - first) / (24 * time.Hour).Milliseconds()
			if before, _ := last.Get(); before != days { // a new day: what was today is past
				for hour, n := range today.All() {
					sum, _ := past.Get(hour)
					past.Put(hour, sum+n)
				}
				today.Clear()
				last.Set(days)
			}
			hour := start / time.Hour.Milliseconds() % 24
			sum, _ := today.Get(hour)
			today.Put(hour, sum+n)
			if days < 1 {
				return nil // nothing to compare with
			}
			sum, _ = past.Get(hour)
			usual := math.Max(1, float64(sum)/float64(days*int64(time.Hour/size)))
			if n >= o.least && float64(n) >= o.factor*usual {
				out.Emit(alarm{geo.Cell(cell.Value()), start, n, usual}, e.EventTime)
			}
			return nil
		},
	}, nil
}

func print(w io.Writer, pickups int, alarms []alarm) {
	sortAlarms(alarms)
	for _, a := range alarms {
		where := ""
		if lat, lon, err := a.cell.Center(); err == nil {
			if name, borough, ok := zones.Zone(lat, lon); ok {
				where = name + ", " + borough
			}
		}
		line := fmt.Sprintf("%s  %s  %4d pickups, usual are %5.1f  %s", localTime(a.start), a.cell, a.count, a.usual, where)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	fmt.Fprintf(w, "%d pickups, %d windows far above usual\n", pickups, len(alarms))
}
