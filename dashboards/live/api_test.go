package live_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/live"
)

func TestAPI(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	run(t, s)
	cell := cells(t, 1, 9)[0]
	for w := range int64(40) {
		s.Written(hotspot(t, newYear+w*tenMin, cell, 2+w))
	}
	var f frame
	waitFor(t, "the windows", func() bool { get(t, s, "/api/state", &f); return len(f.Windows) == 40 })
	for path, status := range map[string]int{
		"/":                           200,
		"/assets/app.js":              200,
		"/assets/none":                404,
		"/none":                       404,
		"/api/hotspots":               400,
		"/api/hotspots?from=2&to=1":   400,
		"/api/hotspots?from=x&to=1":   400,
		"/api/hotspots?from=0&to=1":   200,
		"/api/cells/892a":             404,
		"/api/cells/" + cell.String(): 200,
		fmt.Sprintf("/api/hotspots?from=%d&to=%d", newYear, newYear+35*tenMin): 200,
		fmt.Sprintf("/api/hotspots?from=%d&to=%d", newYear, newYear+36*tenMin): 400,
	} {
		if got := get(t, s, path, nil); got != status {
			t.Errorf("%s: status %d, want %d", path, got, status)
		}
	}
	var series struct{ Counts [][2]int64 }
	get(t, s, "/api/cells/"+cell.String(), &series)
	if len(series.Counts) != 40 || series.Counts[3] != [2]int64{newYear + 3*tenMin, 5} {
		t.Errorf("got %v", series.Counts)
	}
}

// Ensure the page is small, names no other host and is allowed to reach none.
func TestPage(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle})
	total := 0
	for _, path := range []string{"/", "/assets/app.js", "/assets/app.css", "/assets/zones.json"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Fatalf("%s: status %d, %v", path, w.Code, w.Header())
		}
		total += w.Body.Len()
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), "://")[1:] {
			if !strings.HasPrefix(part, "www.w3.org/2000/svg") { // a name, not an address
				t.Errorf("%s names another host: ://%.40s", path, part)
			}
		}
		again := httptest.NewRequest("GET", path, nil)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		w = httptest.NewRecorder()
		s.Handler().ServeHTTP(w, again)
		if w.Code != 304 {
			t.Errorf("%s: status %d for what the browser has", path, w.Code)
		}
	}
	t.Logf("the page is %d bytes, gzipped", total)
	if total > 200_000 {
		t.Errorf("the page is %d bytes, gzipped; at most 200,000", total)
	}
}
