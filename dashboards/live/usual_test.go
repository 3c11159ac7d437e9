package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"taxistream/dashboards/live"
	"taxistream/internal/opensearch"
)

// usual is the server's answer, its cells by name.
type usual struct {
	Basis     string
	Of        int64
	Elsewhere int64
	Sums      map[string]int64
}

func (u usual) equal(o usual) bool {
	return u.Basis == o.Basis && u.Of == o.Of && u.Elsewhere == o.Elsewhere && maps.Equal(u.Sums, o.Sums)
}

func usualAt(t testing.TB, s *live.Server, at int64) usual {
	t.Helper()
	var f frame
	get(t, s, "/api/state", &f)
	var wire struct {
		Start, Of, Elsewhere int64
		Basis                string
		Cells                []int
		Sums                 []int64
	}
	if code := get(t, s, fmt.Sprintf("/api/usual?at=%d", at), &wire); code != 200 || wire.Start != at {
		t.Fatalf("status %d, of %d", code, wire.Start)
	}
	u := usual{wire.Basis, wire.Of, wire.Elsewhere, map[string]int64{}}
	for i, n := range wire.Cells {
		u.Sums[f.Cells.List[n][0].(string)] = wire.Sums[i]
	}
	return u
}

// counted is a store whose aggregations are counted, and which fails when told to.
type counted struct {
	*opensearch.Client
	asked atomic.Int64
	fails atomic.Bool
}

func (c *counted) TopWhere(ctx context.Context, index string, query json.RawMessage, by, sum string, n int, count string) ([]opensearch.Group, int64, error) {
	c.asked.Add(1)
	if c.fails.Load() {
		return nil, 0, errors.New("gone")
	}
	return c.Client.TopWhere(ctx, index, query, by, sum, n, count)
}

func newYork(t testing.TB) *time.Location {
	t.Helper()
	city, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// filledFrom is a server that has read a store, and the store that it asks.
func filledFrom(t testing.TB, docs ...opensearch.Document) (*live.Server, *counted, *clock) {
	t.Helper()
	_, client := newStore(t)
	write(t, client, nil, docs...)
	store := &counted{Client: client}
	wall := &clock{at: time.Unix(1_700_000_000, 0)}
	s := live.New(live.Options{Store: store, Clock: func() time.Time { return wall.at }, Status: idle, City: newYork(t), Pulse: time.Millisecond, Settle: time.Nanosecond})
	stop := run(t, s)
	waitFor(t, "earlier results", func() bool {
		var f frame
		get(t, s, "/api/state", &f)
		return f.Earlier == "read"
	})
	stop() // all that is known is shown, and the clock is the test's alone
	return s, store, wall
}

const aDay = 24 * 60 * minute

// Two other days: A has 4 and 8 there, B 3 on one of them, C is known to no page, as it
// had nothing in the last day.
func TestUsual_OtherDays(t *testing.T) {
	c := cells(t, 3, 9)
	a, b, gone := c[0], c[1], c[2]
	at := int64(newYear + 2*aDay + 18*60*minute)
	s, store, wall := filledFrom(
		t,
		hotspot(t, at-2*aDay, a, 4), hotspot(t, at-2*aDay, gone, 5),
		hotspot(t, at-aDay, a, 8), hotspot(t, at-aDay, b, 3),
		hotspot(t, at-aDay+tenMin, a, 70), hotspot(t, at-tenMin, a, 90), // other times of day
		hotspot(t, at, a, 9), hotspot(t, at, b, 2),
	)
	want := usual{"days", 2, 5, map[string]int64{a.String(): 12, b.String(): 3}}
	for range 3 {
		if got := usualAt(t, s, at); !got.equal(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if n := store.asked.Load(); n != 1 {
		t.Errorf("%d aggregations for one window, want 1", n)
	}
	// A later day changes what is usual once the answer is old.
	write(t, store.Client, nil, hotspot(t, at+aDay, a, 3))
	if got := usualAt(t, s, at); !got.equal(want) {
		t.Errorf("at once: got %v, want %v", got, want)
	}
	wall.at = wall.at.Add(6 * time.Minute)
	want = usual{"days", 3, 5, map[string]int64{a.String(): 15, b.String(): 3}}
	if got := usualAt(t, s, at); !got.equal(want) {
		t.Errorf("later: got %v, want %v", got, want)
	}
	store.fails.Store(true)
	wall.at = wall.at.Add(6 * time.Minute)
	if code := get(t, s, fmt.Sprintf("/api/usual?at=%d", at), nil); code != 503 {
		t.Errorf("without the store: status %d, want 503", code)
	}
	for path, code := range map[string]int{"/api/usual": 400, "/api/usual?at=x": 400, fmt.Sprintf("/api/usual?at=%d", at+1): 404} {
		if got := get(t, s, path, nil); got != code {
			t.Errorf("%s: status %d, want %d", path, got, code)
		}
	}
}

// One day: the six windows of the hour before, of which one is missing; of the second
// window the one before; of the first nothing.
func TestUsual_OneDay(t *testing.T) {
	c := cells(t, 2, 9)
	a, b := c[0], c[1]
	at := int64(newYear + 8*60*minute)
	first := at - 90*minute
	s, store, _ := filledFrom(
		t,
		hotspot(t, first, a, 100), hotspot(t, first+tenMin, a, 50), // before the hour
		hotspot(t, at-6*tenMin, a, 2), hotspot(t, at-5*tenMin, a, 4), hotspot(t, at-4*tenMin, a, 6),
		hotspot(t, at-2*tenMin, b, 7), hotspot(t, at-tenMin, a, 3), hotspot(t, at-tenMin, b, 2),
		hotspot(t, at, a, 9), hotspot(t, at+tenMin, a, 40),
	)
	for _, c := range []struct {
		at   int64
		want usual
	}{
		{at, usual{"before", 5, 0, map[string]int64{a.String(): 15, b.String(): 9}}},
		{first + tenMin, usual{"before", 1, 0, map[string]int64{a.String(): 100}}},
		{first, usual{"none", 0, 0, map[string]int64{}}},
	} {
		if got := usualAt(t, s, c.at); !got.equal(c.want) {
			t.Errorf("%d minutes after the first: got %v, want %v", (c.at-first)/minute, got, c.want)
		}
	}
	if n := store.asked.Load(); n != 0 {
		t.Errorf("%d aggregations, though the store has one day", n)
	}
}

// A server without a store knows the hour before.
func TestUsual_NoStore(t *testing.T) {
	a := cells(t, 1, 9)[0]
	s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Millisecond})
	stop := run(t, s)
	s.Written(hotspot(t, newYear, a, 4))
	s.Written(hotspot(t, newYear+tenMin, a, 5))
	stop()
	want := usual{"before", 1, 0, map[string]int64{a.String(): 4}}
	if got := usualAt(t, s, newYear+tenMin); !got.equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The same time of day is that of New York's clock, where a day may have 23 or 25 hours.
func TestUsual_DaylightSaving(t *testing.T) {
	a := cells(t, 1, 9)[0]
	at := func(text string) int64 {
		ms, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return ms.UnixMilli()
	}
	for _, c := range []struct {
		name, window string
		other        map[string]int64 // starts and their counts
		days, sum    int64
	}{
		{
			"spring: 08:10 is 13:10Z on Saturday and 12:10Z on Sunday and Monday", "2016-03-13T08:10:00-04:00",
			map[string]int64{"2016-03-12T08:10:00-05:00": 5, "2016-03-12T07:10:00-05:00": 70, "2016-03-14T08:10:00-04:00": 6},
			2, 11,
		},
		{
			"02:30 is skipped on that Sunday, and 03:30 is another time", "2016-03-14T02:30:00-04:00",
			map[string]int64{"2016-03-12T02:30:00-05:00": 7, "2016-03-13T03:30:00-04:00": 70, "2016-03-13T01:30:00-05:00": 70},
			1, 7,
		},
		{
			"autumn: 01:30 comes twice on Sunday, and its first is taken", "2016-11-07T01:30:00-05:00",
			map[string]int64{"2016-11-06T01:30:00-04:00": 8, "2016-11-06T01:30:00-05:00": 70, "2016-11-05T01:30:00-04:00": 9},
			2, 17,
		},
		{
			"the second 01:30 is compared with the other days, not with the first", "2016-11-06T01:30:00-05:00",
			map[string]int64{"2016-11-06T01:30:00-04:00": 70, "2016-11-05T01:30:00-04:00": 9},
			1, 9,
		},
	} {
		docs := []opensearch.Document{hotspot(t, at(c.window), a, 3)}
		newest := at(c.window)
		for start, count := range c.other {
			docs = append(docs, hotspot(t, at(start), a, count))
			newest = max(newest, at(start))
		}
		if newest-at(c.window) >= aDay {
			docs = slices.DeleteFunc(docs, func(d opensearch.Document) bool { return d.Version == 6 }) // it came later: the window must be kept
		}
		s, store, wall := filledFrom(t, docs...)
		if newest-at(c.window) >= aDay {
			write(t, store.Client, nil, hotspot(t, newest, a, 6))
			wall.at = wall.at.Add(time.Hour)
		}
		want := usual{"days", c.days, 0, map[string]int64{a.String(): c.sum}}
		if got := usualAt(t, s, at(c.window)); !got.equal(want) {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
	}
}

// With more days than are looked at, the nearest count; a day that lacks the window does not.
func TestUsual_ManyDays(t *testing.T) {
	a := cells(t, 1, 9)[0]
	var docs []opensearch.Document
	at := int64(newYear + 60*aDay)
	for day := range int64(40) {
		if day != 3 {
			docs = append(docs, hotspot(t, at-day*aDay, a, 2+day))
		}
	}
	s, store, _ := filledFrom(t, docs...)
	// Days 1 to 28 but 3: the sum of 2+day is 27*2 + 28*29/2 - 3.
	want := usual{"days", 27, 0, map[string]int64{a.String(): 27*2 + 28*29/2 - 3}}
	if got := usualAt(t, s, at); !got.equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := store.asked.Load(); n != 1 {
		t.Errorf("%d aggregations, want 1", n)
	}
}
