package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/localstack/app"
)

// Ensure -open hands the control room's address to the machine's opener, and that a
// machine without one is told the address and shown the demo all the same.
func TestDemo_Open(t *testing.T) {
	run := func(path string) (printed, log string) {
		t.Helper()
		t.Setenv("PATH", path)
		var stdout, stderr bytes.Buffer
		args := "demo -open -exit-when-done -speedup 0 -listen 127.0.0.1:0 -log-format text -source generate:2016-01-05 -until 2016-01-05T00:30:00"
		if code := app.Main(t.Context(), strings.Fields(args), &stdout, &stderr); code != 0 {
			t.Fatalf("status %d: %s", code, &stderr)
		}
		return stdout.String(), stderr.String()
	}
	dir := t.TempDir()
	said := filepath.Join(dir, "said")
	for _, name := range []string{"xdg-open", "open"} {
		script := "#!/bin/sh\necho \"$1\" >" + said + ".new && /bin/mv " + said + ".new " + said + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	printed, _ := run(dir)
	first, _, _ := strings.Cut(printed, "\n")
	var opened []byte
	waitFor(t, "the opener was called", func() bool { opened, _ = os.ReadFile(said); return opened != nil })
	url := strings.TrimSpace(string(opened))
	if first != "control room  "+url+"   (Ctrl-C ends it)" {
		t.Errorf("opened %q, printed %q first", url, first)
	}
	printed, log := run(t.TempDir())
	first, _, _ = strings.Cut(printed, "\n")
	if !strings.Contains(log, "open "+strings.Fields(first)[2]+" by hand") {
		t.Errorf("without an opener: %s", log)
	}
}
