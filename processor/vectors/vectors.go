// Package vectors keeps what both editions of the processor, this one and the job on Apache
// Flink (processor/flink), must say alike: JSON lines in processor/testdata/vectors, each an
// input and what comes of it. Tests of the Go code compute them anew and compare, or write them
// with -update; the JUnit test VectorsTest holds the Java code against the same lines.
package vectors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// Hold compares ../testdata/vectors/file with its lines, or writes it where the test's own flag
// -update says so.
func Hold(t *testing.T, file string, lines []any) {
	t.Helper()
	update := flag.Lookup("update").Value.String() == "true"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, line := range lines {
		if err := e.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join("..", "testdata", "vectors", file)
	if update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := bytes.Split(b.Bytes(), []byte("\n")), bytes.Split(there, []byte("\n"))
	for i := range max(len(got), len(want)) {
		var g, w []byte
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if !bytes.Equal(g, w) {
			t.Fatalf("%s, line %d: both editions agreed on\n%s\nand this is\n%s\nIf the contract wants it, write it with -update, and mend the Java code.", path, i+1, w, g)
		}
	}
}

// Bytes are text where they can be read as such, else base64.
type Bytes struct {
	Text   *string `json:"text,omitempty"`
	Base64 string  `json:"base64,omitempty"`
}

// Show makes bytes fit for a line.
func Show(data []byte) Bytes {
	if utf8.Valid(data) {
		text := string(data)
		return Bytes{Text: &text}
	}
	return Bytes{Base64: base64.StdEncoding.EncodeToString(data)}
}
