package flags

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// What the Makefile writes here when it links; what is empty is asked of the
// build information that Go puts into every program.
var version, commit string

// Version is the line that answers -version: the program's version, the commit
// it was built from, with "+dirty" where files had been changed since, and Go's
// version and platform. What the build did not note is "unknown".
func Version(program string) string { return current().line(program) }

// Build is the same version and commit, for a metric.
func Build() (version, commit string) {
	b := current()
	return cmp.Or(b.version, unknown), cmp.Or(b.commit, unknown)
}

type build struct{ version, commit string }

func current() build {
	b := build{version: version, commit: commit}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.fill(info)
	}
	return b
}

const unknown = "unknown"

// fill takes over what Go noted and the linker was not told.
func (b *build) fill(info *debug.BuildInfo) {
	noted := info.Main.Version
	if noted == "(devel)" { // says nothing: no version control, or no tag
		noted = ""
	}
	b.version = cmp.Or(b.version, noted)
	if b.commit != "" {
		return
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.commit = s.Value + b.commit
		case s.Key == "vcs.modified" && s.Value == "true":
			b.commit += "+dirty"
		}
	}
}

// line gives the program's name alone where there is a verb too: a verb has no
// version of its own.
func (b build) line(program string) string {
	name, _, _ := strings.Cut(program, " ")
	return fmt.Sprintf("%s: version %s, commit %s, %s %s/%s", name, cmp.Or(b.version, unknown), cmp.Or(b.commit, unknown), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
