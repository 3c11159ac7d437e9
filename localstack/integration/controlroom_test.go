//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/localstack/localtest"
)

// roomState is what the page is drawn from, as far as it is compared here.
type roomState struct {
	Earlier string
	Oldest  int64
	Windows [][5]int64 // start, end, cells, pickups, greatest count
}

func room(url string) (s roomState, err error) {
	resp, err := http.Get(url + "/api/state")
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

// windows adds an export's pickups up by window, those after oldest.
func windows(t *testing.T, export []byte, oldest int64) map[int64][5]int64 {
	t.Helper()
	all := map[int64][5]int64{}
	for line := range bytes.Lines(export) {
		var d struct {
			Index  string `json:"_index"`
			Source struct {
				Start   time.Time `json:"window_start"`
				End     time.Time `json:"window_end"`
				Pickups int64     `json:"pickup_count"`
			} `json:"_source"`
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		if start := d.Source.Start.UnixMilli(); d.Index == names.PickupCount && start > oldest {
			w := all[start]
			all[start] = [5]int64{start, d.Source.End.UnixMilli(), w[2] + 1, w[3] + d.Source.Pickups, max(w[4], d.Source.Pickups)}
		}
	}
	return all
}

// Ensure a processor that starts behind the end of a replay shows the whole of it
// in its control room: all that it knows comes from the real OpenSearch.
func TestControlRoom(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	kinesis, _ := localtest.Serving(t, "-shards", "2")
	r := newReplay(t, kinesis, search.URL)
	url := r.process()
	r.produce("0")
	got := r.finish(url)
	url = r.process()
	var state roomState
	var missing map[int64][5]int64
	localtest.WaitFor(t, "the control room shows what is there", func() bool { // it draws some of it before it has all
		var err error
		if state, err = room(url); err != nil || state.Earlier != "read" {
			return false
		}
		missing = windows(t, got, state.Oldest)
		for _, w := range state.Windows {
			if missing[w[0]] != w {
				t.Fatalf("window %v, the documents give %v", w, missing[w[0]])
			}
			delete(missing, w[0])
		}
		return len(missing) == 0
	})
	if len(state.Windows) < 10 {
		t.Errorf("only %d windows are shown", len(state.Windows))
	}
	if err := r.processor.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := r.processor.WaitExit(time.Minute); code != 0 {
		t.Errorf("processor: status %d: %s", code, r.processor.Errors())
	}
	Note("%s: %d windows shown after a restart, all read from OpenSearch", t.Name(), len(state.Windows))
}
