package flags

import (
	"runtime/debug"
	"strings"
	"testing"
)

// Ensure the linker's word counts, then Go's notes, and that what nobody noted is
// unknown: a build without version control must not look like a release.
func TestBuild_Line(t *testing.T) {
	vcs := func(revision, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	for name, c := range map[string]struct {
		linked build
		info   debug.BuildInfo
		want   string
	}{
		"Nothing":  {build{}, debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "data: version unknown, commit unknown, go"},
		"Noted":    {build{}, debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: vcs("abc", "false")}, "data: version v1.2.3, commit abc, go"},
		"Modified": {build{}, debug.BuildInfo{Settings: vcs("abc", "true")}, "data: version unknown, commit abc+dirty, go"},
		"Linked":   {build{"v2", "def"}, debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: vcs("abc", "true")}, "data: version v2, commit def, go"},
	} {
		b := c.linked
		b.fill(&c.info)
		if got := b.line("data describe"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"source", "sorce", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}} {
		if got, back := slips(c.a, c.b), slips(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q to %q: %d and back %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
