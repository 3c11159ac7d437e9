package config

import (
	"strings"
	"testing"
)

func TestWatchRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		values map[string]any
		want   string
	}{
		"Email":        {map[string]any{"watch.email": "me"}, `watch.email is "me": write name@host`},
		"OneOfTwo":     {map[string]any{"watch.slack-channel": "C1"}, "belong together"},
		"ChannelName":  {map[string]any{"watch.slack-workspace": "T1", "watch.slack-channel": "#taxi"}, `watch.slack-channel is "#taxi": give its id`},
		"Workspace":    {map[string]any{"watch.slack-workspace": "taxi", "watch.slack-channel": "C1"}, `watch.slack-workspace is "taxi": give its id`},
		"Stalled":      {map[string]any{"watch.stalled-seconds": "60"}, "watch.stalled-seconds is 60: choose 300 to 86400"},
		"Lag":          {map[string]any{"watch.lag-seconds": "0"}, "watch.lag-seconds is 0"},
		"Checkpoint":   {map[string]any{"watch.checkpoint-age": "1"}, "watch.checkpoint-age is 1"},
		"Budget":       {map[string]any{"watch.budget-dollars": "-1"}, `watch.budget-dollars is "-1"`},
		"NoRunbooks":   {map[string]any{"watch.runbooks": ""}, "watch.runbooks is empty"},
		"LongRunbooks": {map[string]any{"watch.runbooks": strings.Repeat("x", 201)}, "up to 200 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(test.values); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestRunbook(t *testing.T) {
	for runbooks, want := range map[string]string{
		"docs/runbooks":                   "docs/runbooks/x.md",
		"https://example.org/r/runbooks/": "https://example.org/r/runbooks/x.md",
	} {
		if got := (&Watch{Runbooks: runbooks}).Runbook("x"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
