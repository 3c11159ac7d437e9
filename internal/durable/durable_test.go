package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"taxistream/internal/durable"
)

// Ensure a file is made and replaced, over what a kill left, and that nothing else stays.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path+".new", []byte("half of a longer text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "2"} {
		if err := durable.Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("left are %v, %v", all, err)
	}
	if err := durable.Replace(filepath.Join(dir, "no", "file"), nil); !os.IsNotExist(err) {
		t.Errorf("no folder: %v", err)
	}
}
