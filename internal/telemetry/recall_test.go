package telemetry_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"taxistream/internal/telemetry"
)

// Ensure lines go where they went before and are kept, the newest of them, at the level that was asked for.
func TestRecall(t *testing.T) {
	var out bytes.Buffer
	log, lines := telemetry.Recall(slog.New(slog.NewJSONHandler(&out, nil)))
	log.Debug("not at this level")
	log.With("a", 1).WithGroup("g").Info("first", "b", 2)
	if !strings.Contains(out.String(), `"msg":"first","a":1,"g":{"b":2}`) {
		t.Errorf("it writes %s", out.String())
	}
	if got := string(lines()); !strings.HasSuffix(got, "level=INFO msg=first a=1 g.b=2\n") || strings.Contains(got, "not at") {
		t.Errorf("it keeps %s", got)
	}
	for range 100 {
		log.Info(strings.Repeat("x", 1000))
	}
	log.Info("last")
	got := string(lines())
	if len(got) > 64<<10 || strings.Contains(got, "first") || !strings.Contains(got, "msg=last\n") || !strings.HasPrefix(got, "time=") {
		t.Errorf("it keeps %d bytes, from %.40s", len(got), got)
	}
	log.Info(strings.Repeat("y", 100<<10))
	if got := string(lines()); len(got) != 64<<10 || strings.Contains(got, "msg=last") {
		t.Errorf("of a long line it keeps %d bytes", len(got))
	}
}
