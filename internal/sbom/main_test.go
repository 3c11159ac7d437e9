package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Ensure this test's own program is listed with Go itself, each part once and in order,
// the same bytes each time; and that what is no program of Go's is an error that names it.
func TestWrite(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var once, again bytes.Buffer
	if err := write(&once, "v1", []string{self, self}); err != nil {
		t.Fatal(err)
	}
	if err := write(&again, "v1", []string{self}); err != nil || !bytes.Equal(once.Bytes(), again.Bytes()) {
		t.Errorf("%v; once\n%s\nagain\n%s", err, &once, &again)
	}
	var b bom
	if err := json.Unmarshal(once.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	refs := map[string]bool{}
	for _, c := range b.Components {
		if refs[c.Ref] {
			t.Errorf("%s is there twice", c.Ref)
		}
		refs[c.Ref] = true
	}
	if b.Format != "CycloneDX" || b.Metadata.Component.Version != "v1" || !strings.Contains(once.String(), `"pkg:golang/stdlib@1.`) {
		t.Errorf("got\n%s", &once)
	}
	if err := write(&once, "v1", []string{"main.go"}); err == nil || !strings.Contains(err.Error(), "main.go") {
		t.Errorf("no program: %v", err)
	}
}
