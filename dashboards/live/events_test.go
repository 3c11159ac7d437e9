package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/live"
)

// viewer follows a server's events as a page does: it sums up what it is told.
type viewer struct {
	cells  []string
	counts map[string]int64 // of the window shown
	last   frame
	id     string
}

func (v *viewer) take(f frame) {
	if f.Since == 0 {
		v.cells = nil
	}
	for i, row := range f.Cells.List {
		if f.Cells.From+i >= len(v.cells) {
			v.cells = append(v.cells, row[0].(string))
		}
	}
	if f.Current != nil {
		v.counts = make(map[string]int64)
		for i, n := range f.Current.Cells {
			v.counts[v.cells[n]] = f.Current.Counts[i]
		}
	}
	v.last = f
}

// stream is an open connection to the events. It is closed with the test.
type stream struct {
	next   func() (frame, string) // the next event; a zero frame at the end
	close  func()
	status int
	header http.Header
}

func open(t *testing.T, url, after string) stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", url+"/events?after="+after, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewReaderSize(resp.Body, 1<<20)
	next := func() (f frame, id string) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return frame{}, ""
			}
			if line == "event: goodbye\n" {
				return frame{}, "goodbye"
			}
			if line == "event: beat\n" {
				_, _ = lines.ReadString('\n') // its time
				continue
			}
			if rest, ok := strings.CutPrefix(line, "id: "); ok {
				id = strings.TrimSpace(rest)
			}
			if rest, ok := strings.CutPrefix(line, "data: "); ok {
				if err := json.Unmarshal([]byte(rest), &f); err != nil {
					t.Fatal(err)
				}
				return f, id
			}
		}
	}
	return stream{next, func() { resp.Body.Close() }, resp.StatusCode, resp.Header}
}

// Ensure that a viewer that reads every frame, one that comes back after a gap
// and one that begins at the end have the same picture.
func TestEvents_SameForAll(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	stop := run(t, s)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close) // after the viewers, which hold it open
	known := cells(t, 200, 9)
	nextA := open(t, web.URL, "").next
	streamB := open(t, web.URL, "")
	var a, b viewer
	f, _ := nextA()
	a.take(f)
	f, b.id = streamB.next()
	b.take(f)
	streamB.close()
	want := make(map[string]int64)
	for w := range int64(10) {
		clear(want)
		for i, cell := range known[:20*(w+1)] {
			d := hotspot(t, newYear+w*tenMin, cell, 2+int64(i)%7)
			want[cell.String()] = d.Version
			s.Written(d)
		}
	}
	for !reflect.DeepEqual(a.counts, want) {
		f, _ := nextA()
		if f.Frame == 0 {
			t.Fatal("the stream ended")
		}
		if f.Since != a.last.Frame {
			t.Fatalf("frame since %d after frame %d", f.Since, a.last.Frame)
		}
		a.take(f)
	}
	f, _ = open(t, web.URL, b.id).next()
	if f.Since != b.last.Frame {
		t.Errorf("the viewer that came back with frame %d is told of changes since %d", b.last.Frame, f.Since)
	}
	b.take(f)
	nextC := open(t, web.URL, "another-5").next
	var c viewer
	f, _ = nextC()
	c.take(f)
	for name, v := range map[string]*viewer{"back": &b, "new": &c} {
		if !reflect.DeepEqual(v.counts, want) || !reflect.DeepEqual(v.cells, a.cells) {
			t.Errorf("the viewer that is %s sees %d cells, want %d", name, len(v.counts), len(want))
		}
	}
	stop()
	for f, _ := nextA(); f.Frame != 0; f, _ = nextA() {
	}
}

// Ensure the number of viewers is limited and one too many is told so.
func TestEvents_MaxViewers(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle, MaxViewers: 2})
	run(t, s)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close) // after the viewers, which hold it open
	open(t, web.URL, "")
	open(t, web.URL, "")
	refused := open(t, web.URL, "")
	if refused.status != http.StatusServiceUnavailable || refused.header.Get("Retry-After") == "" {
		t.Errorf("got status %d", refused.status)
	}
	if st := s.Stats(); st.Viewers != 2 || st.Refused != 1 {
		t.Errorf("%+v", st)
	}
}

// Ensure a viewer that takes nothing holds up neither the sink nor the others,
// and nothing queues up for it.
func TestEvents_SlowViewer(t *testing.T) {
	s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	run(t, s)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close) // after the viewers, which hold it open
	open(t, web.URL, "") // and never reads
	next := open(t, web.URL, "").next
	var v viewer
	known := cells(t, 1000, 9)
	for w := range int64(60) {
		for _, cell := range known {
			s.Written(hotspot(t, newYear+w*tenMin, cell, 2+w))
		}
	}
	for v.counts[known[999].String()] != 61 {
		f, _ := next()
		if f.Frame == 0 {
			t.Fatal("the stream ended")
		}
		v.take(f)
	}
	if len(v.counts) != 1000 {
		t.Errorf("%d cells, want 1000", len(v.counts))
	}
}

// Ensure the end of the pipeline leaves a viewer with every document, though no
// window had been still for long enough to be shown.
func TestEvents_LastFrame(t *testing.T) {
	for range 20 {
		s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Hour, Settle: time.Hour})
		stop := run(t, s)
		web := httptest.NewServer(s.Handler())
		next := open(t, web.URL, "").next
		next()
		known := cells(t, 50, 9)
		for _, cell := range known {
			s.Written(hotspot(t, newYear, cell, 3))
		}
		stop()
		var v viewer
		f, id := next()
		for ; f.Frame != 0; f, id = next() {
			v.take(f)
		}
		if id != "goodbye" {
			t.Fatal("the stream ended without a goodbye")
		}
		if len(v.counts) != len(known) {
			t.Fatalf("the viewer sees %d cells, want %d", len(v.counts), len(known))
		}
		web.Close()
	}
}
