package main

import (
	"bytes"
	"strings"
	"testing"
)

// Ensure each name is its program, in whatever folder, and that another one is refused.
func TestRun(t *testing.T) {
	for name := range programs {
		var stdout, stderr bytes.Buffer
		if code := run([]string{"/usr/local/bin/" + name, "-version"}, &stdout, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), name+": ") {
			t.Errorf("%s: status %d, %q, %q", name, code, stdout.String(), stderr.String())
		}
	}
	var stderr bytes.Buffer
	if code := run([]string{"programs"}, &stderr, &stderr); code != 2 || !strings.Contains(stderr.String(), "call it as dashboards, data, localstack, processor, producer") {
		t.Errorf("status %d, %q", code, stderr.String())
	}
}
