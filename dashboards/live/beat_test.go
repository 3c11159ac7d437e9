package live_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/live"
)

// Ensure a viewer is told no more than the time while nothing changes, and of the next change at once.
func TestServer_Beats(t *testing.T) {
	known := cells(t, 1, 9)
	s := live.New(live.Options{Clock: time.Now, Status: idle, Pulse: time.Millisecond, Settle: time.Nanosecond})
	run(t, s)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 1<<20)
	event := func() string {
		var text strings.Builder
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if text.WriteString(line); line == "\n" {
				return text.String()
			}
		}
	}
	isBeat := func(e string) bool { return strings.HasPrefix(e, "event: beat\ndata: 1") && len(e) < 40 }
	for beats := 0; beats < 2; { // in a row
		if beats++; !isBeat(event()) {
			beats = 0
		}
	}
	s.Written(hotspot(t, newYear, known[0], 2))
	var told string
	for told = event(); isBeat(told); {
		told = event()
	}
	if !strings.HasPrefix(told, "id: ") || !strings.Contains(told, known[0].String()) {
		t.Errorf("after the beats: %s", told)
	}
}
