//go:build infra

package app

import (
	"strings"
	"testing"

	"taxistream/internal/flags"
)

// Ensure every verb answers -version and -h, and a misspelt one is told.
func TestMain_Answers(t *testing.T) {
	for _, verb := range []string{"", "options", "cost", "preflight", "replay", "stop", "start", "search", "room"} {
		var out, errs strings.Builder
		if status := Main(append(strings.Fields(verb), "-version"), &out, &errs); status != 0 || out.String() != flags.Version("infra")+"\n" {
			t.Errorf("%s -version: status %d, %q, %q", verb, status, out.String(), errs.String())
		}
		out.Reset()
		if status := Main(append(strings.Fields(verb), "-h"), &out, &errs); status != 0 || !strings.Contains(out.String(), "usage: infra") || errs.Len() > 0 {
			t.Errorf("%s -h: status %d, %q, %q", verb, status, out.String(), errs.String())
		}
	}
	for line, want := range map[string]string{
		"option": `infra: unknown verb "option" (did you mean options?); see -h`, "cost -d x=y": "infra cost: unknown flag -d; see -h", "replay -sorce x": "infra replay: unknown flag -sorce (did you mean -source?); see -h",
	} {
		var out, errs strings.Builder
		if status := Main(strings.Fields(line), &out, &errs); status != flags.StatusUsage || errs.String() != want+"\n" || out.Len() > 0 {
			t.Errorf("%s: status %d, %q, %q", line, status, out.String(), errs.String())
		}
	}
}
