package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	data "taxistream/data/app"
	processor "taxistream/processor/app"
)

// duckPython is a Python that has the package duckdb; make bench makes it.
const duckPython = "../../bin/duckdb/bin/python"

// duckQueries answers both questions of a file, given with its form, and prints the seconds of CPU that it took. It counts cells of rounded
// coordinates, about as many, because H3 is no part of DuckDB, and knows no duplicates; windows, rules and boxes are the processor's.
const duckQueries = `
import duckdb, resource, sys
form, file, threads = sys.argv[1:]
db = duckdb.connect(config={"threads": threads})
db.execute("set enable_progress_bar = false; set TimeZone = 'America/New_York'")
def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
began = cpu()
if form == "csv":
    db.execute(f"create view trips as select pickup_latitude a, pickup_longitude b, dropoff_latitude c, dropoff_longitude d, pickup_datetime::timestamptz p, dropoff_datetime::timestamptz q from read_csv('{file}', header=true)")
else:
    names = "pickup_lat pickup_lon dropoff_lat dropoff_lon pickup_datetime dropoff_datetime".split()
    columns = ", ".join(f"{n}: '{'TIMESTAMPTZ' if 'time' in n else 'DOUBLE'}'" for n in names)
    db.execute(f"create view trips as select {', '.join(f'{n} {s}' for n, s in zip(names, 'abcdpq'))} from read_ndjson('{file}', columns={{{columns}}}, compression='zstd')")
# Once for both questions: a view would be read twice.
db.execute("""create temp table counted as select a, b, c, d, p, q from trips where a between 40.560 and 40.878 and b between -74.054 and -73.722
    and c between 40.560 and 40.878 and d between -74.054 and -73.722 and q >= p and q - p <= interval 6 hours""")
spots = db.execute("select round(a * 350), round(b * 350), epoch_ms(q) // 600000, count(*) from counted group by all having count(*) >= 2").fetchall()
rides = db.execute("""select round(a * 130), round(b * 130), epoch_ms(q) // 3600000, airport, count(*), sum(m), min(m), max(m) from (select *, (epoch_ms(q) - epoch_ms(p)) / 60000 m,
    case when c between 40.632 and 40.654 and d between -73.800 and -73.761 then 1 when c between 40.766 and 40.778 and d between -73.881 and -73.859 then 2 end airport
    from counted) where airport is not null group by all""").fetchall()
trips = db.execute("select count(*) from counted").fetchone()[0]
print(trips, len(spots), len(rides), cpu() - began)
`

// BenchmarkBackfill measures the CPU a trip of a backfill into an export, from a prepared file and from CSV, beside DuckDB on the same files.
func BenchmarkBackfill(b *testing.B) {
	dir := b.TempDir()
	days := benchDays(b, 2, 450_000)
	csv, prepared, n := benchCSV(b, days), filepath.Join(dir, "days.zst"), len(days)
	var said bytes.Buffer
	if status := data.Main(b.Context(), []string{"prepare", "-o", prepared, csv}, &said, &said); status != 0 {
		b.Fatal(said.String())
	}
	for _, c := range []struct{ form, file string }{{"prepared", prepared}, {"csv", csv}} {
		counted := 0
		ours := stage(b, "backfill/"+c.form, n, func(b *testing.B) { counted = benchBackfill(b, c.file, filepath.Join(dir, "export")) })
		fmt.Printf("\nbackfill of %d trips, %-8s %6.2f us of CPU a trip; at two whole cores %.2f million trips a second at most\n", n, c.form, ours/1000, 2000/ours)
		if _, err := os.Stat(duckPython); err != nil {
			fmt.Printf("without DuckDB beside it: no Python with the package duckdb at %s (make bench makes it, where Python and PyPI are)\n\n", duckPython)
			continue
		}
		for _, threads := range []string{"1", "2"} {
			theirs := benchDuck(b, c.form, c.file, threads, counted) / float64(n) * 1e9
			fmt.Printf("DuckDB, threads %s:                       %6.2f us; the backfill takes %.2f of that\n", threads, theirs/1000, ours/theirs)
		}
	}
}

// benchBackfill gives the number of trips that counted.
func benchBackfill(b *testing.B, file, export string) int {
	var out, errs strings.Builder
	if status := processor.Main(context.Background(), []string{"backfill", "-quiet", "-source", file, "-export", export}, &out, &errs); status != 0 {
		b.Fatal(errs.String())
	}
	counted := 0
	for line := range strings.Lines(strings.ReplaceAll(out.String(), ",", "")) {
		fields := strings.Fields(line)
		switch {
		case fields[0] == "trips":
			counted += atoi(b, fields[1])
		case fields[0] == "rejected" && len(fields) > 2:
			for i := 1; i < len(fields); i += 2 {
				counted -= atoi(b, fields[i])
			}
		}
	}
	return counted
}

func atoi(b *testing.B, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchDuck gives DuckDB's seconds of CPU, the least of three. It must count the same trips, but for duplicates, of which there are none.
func benchDuck(b *testing.B, form, file, threads string, want int) float64 {
	least := 0.0
	for range 3 {
		out, err := exec.CommandContext(b.Context(), duckPython, "-c", duckQueries, form, file, threads).Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = errors.New(string(exit.Stderr))
			}
			b.Fatal(err)
		}
		var trips, spots, rides int
		var seconds float64
		if _, err := fmt.Sscan(string(out), &trips, &spots, &rides, &seconds); err != nil {
			b.Fatalf("%v in %q", err, out)
		}
		if trips != want || spots == 0 || rides == 0 {
			b.Fatalf("DuckDB counts %d trips, %d cells and %d rides, the backfill %d trips", trips, spots, rides, want)
		}
		if least == 0 || seconds < least {
			least = seconds
		}
	}
	return least
}
