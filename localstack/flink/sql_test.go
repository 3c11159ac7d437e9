//go:build flink

package flink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/localstack/localtest"
)

// sql runs a file of statements over the stream; relative paths in it lie in the test's own folder.
func (w *world) sql(file, dir string) *localtest.Process {
	w.t.Helper()
	c := exec.Command(program(w.t, "sql"), file, "-endpoint", w.url, "-checkpoint-dir", w.dir, "-checkpoint-interval", "200ms", "-p", "2", "-log-level", "info")
	c.Dir = dir
	return localtest.Run(w.t, c)
}

// Ensure the two questions, as SQL over windows, give a row for each of the oracle's documents and no
// other, with the same values, in files, and go on over a kill -9 without a row lost or doubled.
func TestSQL(t *testing.T) {
	file := localtest.GeneratedDay(t, 30_000)
	export, _ := localtest.Documents(t, localtest.Read(t, file))
	w := newWorld(t, 3)
	producer := w.producer(file, "-speedup", "6000")
	dir := t.TempDir()
	statements := example(t, "files.sql", dir)
	job := w.sql(statements, dir)
	w.settled()
	w.kill(job)
	job = w.sql(statements, dir)
	if producer.WaitExit(inTime) != 0 {
		t.Fatal(producer.Errors())
	}
	for _, index := range []string{"pickup_count", "trip_duration"} {
		want := documentRows(t, export, index)
		for end := time.Now().Add(inTime); ; time.Sleep(100 * time.Millisecond) {
			got := fileRows(t, filepath.Join(dir, "out", index))
			if maps.Equal(got, want) {
				break
			}
			if time.Now().After(end) || job.ProcessState != nil {
				t.Fatalf("%s: %d rows, want %d: %s\n%s", index, len(got), len(want), firstOther(got, want), job.Errors())
			}
		}
	}
	w.stop(job)
}

// example copies a file of statements, with a shorter wait for whole files.
func example(t *testing.T, name, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../processor/flink/examples", name))
	if err != nil {
		t.Fatal(err)
	}
	short := bytes.ReplaceAll(text, []byte("'10 s'"), []byte("'1 s'"))
	if bytes.Equal(short, text) {
		t.Fatalf("%s has no interval of 10 s", name)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, short, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// documentRows counts the documents of an index by what a row of files.sql says of them.
func documentRows(t *testing.T, export []byte, index string) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for line := range bytes.Lines(export) {
		var d struct {
			Index  string         `json:"_index"`
			Source map[string]any `json:"_source"`
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		if d.Index == index {
			rows[row(t, d.Source)]++
		}
	}
	if len(rows) < 100 {
		t.Fatalf("only %d documents of %s", len(rows), index)
	}
	return rows
}

// fileRows counts the rows of the files that are whole: those that are written begin with a dot.
func fileRows(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var r map[string]any
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatalf("%s: %v in %q", f, err, line)
			}
			rows[row(t, r)]++
		}
	}
	return rows
}

// row writes what SQL and the documents both say, times in one way.
func row(t *testing.T, fields map[string]any) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{
		"cell", "airport_code", "pickup_count", "trip_count", "sum_trip_duration", "avg_trip_duration", "min_trip_duration",
		"max_trip_duration", "window_start", "window_end",
	} {
		value := fields[name]
		if text, is := value.(string); is && strings.HasPrefix(name, "window_") {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			value = at.UnixMilli()
		}
		fmt.Fprintf(&b, "%s=%v ", name, value)
	}
	return b.String()
}

// firstOther shows a row that one of them has too often.
func firstOther(got, want map[string]int) string {
	for _, all := range []map[string]int{got, want} {
		for k := range all {
			if got[k] != want[k] {
				return fmt.Sprintf("%d of %s, want %d", got[k], k, want[k])
			}
		}
	}
	return ""
}
