package app_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/telemetry"
	"taxistream/localstack/search"
)

// TestResultsAgree holds the demo's export against the oracle, and its report and
// its page against the export, over a results store that takes its time to confirm.
func TestResultsAgree(t *testing.T) {
	source := generatedDay(t, 12000)
	want, _ := oracle(t, oracleRead(t, source))
	for _, c := range []struct{ name, flags string }{
		{"Serving", "-speedup 0"},
		{"ServingPaced", "-speedup 40000"}, // a day in two seconds
		{"Exit", "-speedup 0 -exit-when-done"},
		{"ExitPaced", "-speedup 40000 -exit-when-done"},
		{"NoWatermark", "-speedup 0 -exit-when-done -no-watermark"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "export.ndjson")
			args := append([]string{"demo", "-listen", "127.0.0.1:0", "-source", source, "-export", file, "-opensearch-endpoint", slowStore(t)}, strings.Fields(c.flags)...)
			p := start(t, "localstack", args...)
			var printed []string
			var page *follower
			served := ""
			for line := range p.Lines() {
				printed = append(printed, line)
				if rest, ok := strings.CutPrefix(line, "control room"); ok {
					url, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
					page = follow(t, url)
				}
				if strings.Contains(line, "serving until Ctrl-C") {
					served = line
					break
				}
			}
			if (served != "") != strings.HasPrefix(c.name, "Serving") {
				t.Fatalf("it printed %q\n%s", printed, p.Errors())
			}
			export, err := os.ReadFile(file) // before anything else, which would give it time
			if err != nil {
				t.Fatalf("%v\n%s", err, p.Errors())
			}
			if diff := diffLines(export, want); diff != "" {
				t.Fatal(diff)
			}
			all := parseExport(t, export)
			if missing := all.report(printed); missing != "" {
				t.Errorf("the report has no line %q:\n%s", missing, strings.Join(printed, "\n"))
			}
			if served != "" {
				waitFor(t, "the page shows the documents", func() bool { return page.differs(all) == "" })
				if err := p.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			if code := p.WaitExit(time.Minute); code != 0 {
				t.Fatalf("status %d: %s", code, p.Errors())
			}
			<-page.ended
			if diff := page.differs(all); diff != "" {
				t.Errorf("the page's last state: %s", diff)
			}
		})
	}
}

// slowStore is a results store that answers each bulk request late.
func slowStore(t *testing.T) string {
	t.Helper()
	s, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.SetFault(func(r *http.Request) *search.Fault {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			return &search.Fault{Delay: 300 * time.Millisecond}
		}
		return nil
	})
	url, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return url
}

// hotspotSum and rideSum are what the page shows of a window.
type (
	hotspotSum struct{ cells, trips, top int64 }
	rideSum    struct{ cells, trips int64 }
	rideKey    struct {
		airport string
		start   int64
	}
)

// exported are an export in the sums that report and page show.
type exported struct {
	windows map[int64]hotspotSum
	rides   map[rideKey]rideSum
	cells   map[string]int64
	minutes map[rideKey]float64
}

func parseExport(t *testing.T, export []byte) exported {
	t.Helper()
	all := exported{map[int64]hotspotSum{}, map[rideKey]rideSum{}, map[string]int64{}, map[rideKey]float64{}}
	for line := range bytes.Lines(export) {
		var d struct {
			Index  string `json:"_index"`
			Source struct {
				Cell    string
				Airport string    `json:"airport_code"`
				Start   time.Time `json:"window_start"`
				Pickups int64     `json:"pickup_count"`
				Trips   int64     `json:"trip_count"`
				Minutes float64   `json:"sum_trip_duration"`
			} `json:"_source"`
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		s := d.Source
		if d.Index == "pickup_count" {
			w := all.windows[s.Start.UnixMilli()]
			all.windows[s.Start.UnixMilli()] = hotspotSum{w.cells + 1, w.trips + s.Pickups, max(w.top, s.Pickups)}
			all.cells[s.Cell] += s.Pickups
			continue
		}
		k := rideKey{s.Airport, s.Start.UnixMilli()}
		all.rides[k] = rideSum{all.rides[k].cells + 1, all.rides[k].trips + s.Trips}
		all.minutes[k] += s.Minutes
	}
	return all
}

// report gives a line that the demo must have printed and has not, "" if none:
// the ten hottest cells, and the rides to both airports by hour.
func (r exported) report(printed []string) string {
	var want []string
	hottest := slices.SortedFunc(maps.Keys(r.cells), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.cells[b], r.cells[a]), cmp.Compare(a, b))
	})
	for _, cell := range hottest[:10] {
		want = append(want, telemetry.Group(r.cells[cell])+" … "+cell)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		return err.Error()
	}
	var rides [24]map[string]rideSum
	var minutes [24]map[string]float64
	for k, n := range r.rides {
		h := time.UnixMilli(k.start).In(newYork).Hour()
		if rides[h] == nil {
			rides[h], minutes[h] = map[string]rideSum{}, map[string]float64{}
		}
		rides[h][k.airport] = rideSum{trips: rides[h][k.airport].trips + n.trips}
		minutes[h][k.airport] += r.minutes[k]
	}
	for h, by := range rides {
		if by == nil {
			continue
		}
		line := fmt.Sprintf("%02d:00", h)
		for _, airport := range []string{"JFK", "LGA"} {
			mean := "–"
			if n := by[airport].trips; n > 0 {
				mean = fmt.Sprintf("%.0f min", minutes[h][airport]/float64(n))
			}
			line += " " + mean + " " + telemetry.Group(by[airport].trips)
		}
		want = append(want, line)
	}
	got := map[string]bool{}
	for _, line := range printed {
		f := strings.Fields(line)
		got[strings.Join(f, " ")] = true
		if len(f) > 2 {
			got[f[0]+" … "+f[len(f)-1]] = true
		}
	}
	for _, line := range want {
		if !got[line] {
			return line
		}
	}
	return ""
}

// follower is a page that is open from the start until the end of its events.
type follower struct {
	ended chan struct{}

	mu sync.Mutex // of what follows
	exported
}

func follow(t *testing.T, page string) *follower {
	t.Helper()
	response, err := http.Get(page + "events") //nolint:bodyclose // closed by the goroutine that reads it
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{ended: make(chan struct{}), exported: exported{windows: map[int64]hotspotSum{}, rides: map[rideKey]rideSum{}}}
	go func() {
		defer close(f.ended)
		defer response.Body.Close()
		lines := bufio.NewReader(response.Body)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				f.take(data)
			}
		}
	}()
	return f
}

func (f *follower) take(data string) {
	var frame struct {
		Windows  [][5]int64 // start, end, cells, trips, top
		Airports [][]any    // airport, start, end, trips, mean, low, high, cells
	}
	if err := json.Unmarshal([]byte(data), &frame); err != nil {
		return // the state that it lacks is missed
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range frame.Windows {
		f.windows[w[0]] = hotspotSum{w[2], w[3], w[4]}
	}
	for _, h := range frame.Airports {
		f.rides[rideKey{h[0].(string), int64(h[1].(float64))}] = rideSum{int64(h[7].(float64)), int64(h[3].(float64))}
	}
}

// differs says how the page differs from the results, "" if it does not.
func (f *follower) differs(want exported) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !maps.Equal(f.windows, want.windows) {
		return fmt.Sprintf("%d windows of pickups, want %d; the newest %v, want %v", len(f.windows), len(want.windows), newest(f.windows), newest(want.windows))
	}
	if !maps.Equal(f.rides, want.rides) {
		return fmt.Sprintf("%d hours of rides, want %d", len(f.rides), len(want.rides))
	}
	return ""
}

func newest(windows map[int64]hotspotSum) hotspotSum {
	return windows[slices.Max(append(slices.Collect(maps.Keys(windows)), 0))]
}
