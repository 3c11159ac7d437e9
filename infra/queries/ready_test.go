package queries

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the queries of ready/ again")

// The folder ready holds the saved queries with the arithmetic of the cells filled in, to be read by people
// and by DuckDB.
func TestReady(t *testing.T) {
	for _, q := range All() {
		file := filepath.Join("ready", q.Name+".sql")
		want := "-- Code generated from infra/queries by make generate. DO NOT EDIT.\n" + q.SQL
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // for everyone to read
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what infra/queries gives (%v): make generate writes it", file, err)
		}
	}
}
