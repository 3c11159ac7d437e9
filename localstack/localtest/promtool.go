package localtest

import (
	"os/exec"
	"strings"
	"testing"
)

// CheckMetrics asks Prometheus' own tool what it thinks of the text of a /metrics
// page: its syntax, and the names and units of what it shows.
func CheckMetrics(t *testing.T, page string) {
	t.Helper()
	t.Run("promtool", func(t *testing.T) {
		tool, err := exec.LookPath("promtool")
		if err != nil {
			t.Skip("no promtool on this machine: it comes with Debian's package prometheus")
		}
		check := exec.CommandContext(t.Context(), tool, "check", "metrics")
		check.Stdin = strings.NewReader(page)
		if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("promtool check metrics: %v\n%s", err, said)
		}
	})
}
