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
	got := leftOut(t, folder)
	var again bytes.Buffer
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

// leftOut makes a folder the synthesised deployment for LocalStack and gives what the program prints.
func leftOut(t *testing.T, folder string) *bytes.Buffer {
	t.Helper()
	if err := os.CopyFS(folder, os.DirFS(synthesized(t).Folder)); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	if err := leaveOut(folder, &printed); err != nil {
		t.Fatal(err)
	}
	return &printed
}

// The list and the files are the same every time: Go ranges over maps in another
// order each time, and of two things that are missing either could be named.
func TestLeaveOutIsTheSameEveryTime(t *testing.T) {
	first := t.TempDir()
	want := leftOut(t, first).String()
	for range 20 {
		folder := t.TempDir()
		if got := leftOut(t, folder).String(); got != want {
			t.Fatalf("the list differs from the first time:%s", firstDifference(want, got))
		}
		for name := range synthesized(t).Stacks {
			file := "TaxiStream-" + name + ".template.json"
			a, err := os.ReadFile(filepath.Join(first, file))
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a, b) {
				t.Fatalf("%s differs from the first time:%s", file, firstDifference(string(a), string(b)))
			}
		}
	}
}
