//go:build infra

package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What LocalStack does not get is what was reviewed, stands in the list that the
// program prints, and nothing that it gets refers to it.
func TestLeaveOut(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(synthesized(t).Folder)); err != nil {
		t.Fatal(err)
	}
	var got, again bytes.Buffer
	if err := leaveOut(folder, &got); err != nil {
		t.Fatal(err)
	}
	if err := leaveOut(folder, &again); err != nil || strings.Count(again.String(), "\n") != 1 {
		t.Errorf("of the rest something must be left out again, %v:\n%s", err, again.String())
	}
	golden := filepath.Join("testdata", "left-out.txt")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v: make generate-infra writes it", err)
	}
	if got.String() != string(want) {
		t.Errorf("what LocalStack does not get is not the reviewed list:%s\nread the difference after make generate-infra", firstDifference(string(want), got.String()))
	}
}
