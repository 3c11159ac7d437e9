package backfill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/internal/opensearch"
)

// Ensure the lines of an export are in the order of their bytes whatever the digits of their windows, that
// it goes on behind what was noted, and that its parts are gone at the end.
func TestExport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.ndjson")
	e, err := openExport(realDisk{}, path, "p-", "id", nil)
	if err != nil {
		t.Fatal(err)
	}
	var want [][]byte
	span := func(e *export, starts ...int64) {
		t.Helper()
		for _, alias := range []string{"pickup_count", "trip_duration"} {
			var docs []opensearch.Document
			for _, start := range starts {
				d := opensearch.Document{Index: "p-" + alias + "-1999.12", ID: fmt.Sprintf("%d-600000-89", start), Source: []byte(`{}`)}
				docs = append(docs, d)
				want = append(want, fmt.Appendf(nil, "{\"_index\":\"p-%s\",\"_id\":%q,\"_source\":{}}\n", alias, d.ID))
			}
			if err := e.add(docs); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := openExport(realDisk{}, path, "p-", "id", nil); err == nil || !strings.Contains(err.Error(), "another backfill writes it") {
		t.Errorf("a second one: %v", err)
	}
	span(e, -7200000, -600000)
	span(e, 0, 600000, 1200000)
	parts, err := e.sync()
	if err != nil {
		t.Fatal(err)
	}
	noted := len(want)
	if _, err := e.part("pickup_count", "1-"); err != nil { // and what was added there is not noted, either
		t.Fatal(err)
	}
	span(e, 999999600000, 1000000200000) // killed behind it
	if _, err := e.sync(); err != nil {
		t.Fatal(err)
	}
	if err := e.close(); err != nil {
		t.Fatal(err)
	}
	want = want[:noted]
	if e, err = openExport(realDisk{}, path, "p-", "id", parts); err != nil {
		t.Fatal(err)
	}
	span(e, 999999600000, 1000000200000)
	span(e, 1451970000000)
	if parts, err = e.sync(); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := e.finish(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped while it merges: %v", err)
	}
	for range 2 { // killed before the end was noted: what was noted still holds, and it ends again
		if err := e.finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := e.close(); err != nil {
			t.Fatal(err)
		}
		if e, err = openExport(realDisk{}, path, "p-", "id", parts); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(e.remove(), e.close()); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, bytes.Compare)
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, bytes.Join(want, nil)) {
		t.Fatalf("%v\n%s\nwant\n%s", err, got, bytes.Join(want, nil))
	}
	if left := namesIn(t, filepath.Dir(path)); !slices.Equal(left, []string{"export.ndjson"}) {
		t.Errorf("left are %v", left)
	}
	parts["pickup_count.13.id"] = 1 << 20
	if _, err := openExport(realDisk{}, path, "p-", "id", parts); err == nil {
		t.Error("a part that is too short is taken")
	}
}

// namesIn are those in a folder.
func namesIn(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
