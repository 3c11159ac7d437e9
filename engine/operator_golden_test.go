package engine_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// Ensure that the bytes of keyed state do not change unnoticed: they outlive the process.
func TestOperatorState_Golden(t *testing.T) {
	log := enginetest.NewLog[ride]("a")
	log.Append("a", rideAt(1, 1, 5), 1)
	log.Append("a", rideAt(2, 2, 5), 2)
	log.Append("a", rideAt(11_000, 3, 5), 11_000)
	log.Watermark("a", 500)
	store := checkpoint.NewMemory(1)
	s := start(t, (&rides{source: &enginetest.LogSource[ride]{Log: log}}).job(engine.Config{Name: "test", Store: store, MaxParallelism: 4}))
	s.reads(t, 4)
	if err := s.job.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	compareGolden(t, store, "operators-v2")
}

// compareGolden holds the states of the newest checkpoint against a golden file.
func compareGolden(t *testing.T, store checkpoint.Store, name string) {
	t.Helper()
	c, _, err := store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	states, err := checkpoint.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for name, entries := range states {
		if w := c.Operators[name].Watermark; w != nil {
			out = append(out, fmt.Sprintf("%s watermark %d", name, *w))
		}
		for _, e := range entries {
			data := strconv.Quote(string(e.Data))
			if e.Group >= 0 {
				data = hex.EncodeToString(e.Data)
			}
			out = append(out, fmt.Sprintf("%s %+v group %d %s", name, e.State, e.Group, data))
		}
	}
	sort.Strings(out)
	got := strings.Join(out, "\n") + "\n"
	golden := filepath.Join("testdata", "golden", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("keyed state has changed: old checkpoints could not be read\n got %s\nwant %s", got, want)
	}
}
