package flags_test

import (
	"regexp"
	"strings"
	"testing"

	"taxistream/internal/flags"
)

func TestProgram_Verb(t *testing.T) {
	p := flags.Program{Name: "data", Help: "data: the help\n", Verbs: []string{"describe", "prepare", "fetch"}}
	const usage, none = flags.StatusUsage, ""
	for _, c := range []struct {
		name, args, verb string
		code             int
		stdout, stderr   string
	}{
		{"Known", "prepare -o x", "prepare", 0, none, none},
		{"None", "", none, usage, none, "data: name a verb: describe, prepare or fetch; see -h\n"},
		{"Misspelt", "perpare", none, usage, none, "data: unknown verb \"perpare\" (did you mean prepare?); see -h\n"},
		{"Case", "Fetch", none, usage, none, "data: unknown verb \"Fetch\" (did you mean fetch?); see -h\n"},
		{"Unknown", "dance", none, usage, none, "data: unknown verb \"dance\"; see -h\n"},
		{"FlagFirst", "-o x prepare", none, usage, none, "data: name a verb before -o: describe, prepare or fetch; see -h\n"},
		{"MisspeltFlag", "--verson", none, usage, none, "data: name a verb before --verson (did you mean -version?): describe, prepare or fetch; see -h\n"},
		{"Help", "--help", none, 0, "data: the help\n", none},
		{"HelpVerb", "help", none, 0, "data: the help\n", none},
		{"Version", "-version", none, 0, flags.Version("data") + "\n", none},
		{"VersionVerb", "version", none, 0, flags.Version("data") + "\n", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs strings.Builder
			verb, code := p.Verb(strings.Fields(c.args), &out, &errs)
			if verb != c.verb || code != c.code || out.String() != c.stdout || errs.String() != c.stderr {
				t.Fatalf("verb %q, status %d, %q, %q; want %+v", verb, code, out.String(), errs.String(), c)
			}
		})
	}
}

// versionLine is the form of the answer, whatever the build noted.
var versionLine = regexp.MustCompile(`^producer: version \S+, commit \S+, go\S+( X:\S+)? \w+/\w+\n$`)

// Ensure -version is answered before anything is found missing, under the name of
// the program.
func TestSet_Parse_Version(t *testing.T) {
	for _, arg := range []string{"-version", "--version"} {
		s := flags.New("producer verb", "does something")
		s.String("source", "", "needed")
		s.Need("source")
		var out, errs strings.Builder
		done, code := s.Parse([]string{arg}, &out, &errs)
		if !done || code != 0 || errs.Len() != 0 || !versionLine.MatchString(out.String()) {
			t.Fatalf("done %v, status %d, %q, %q", done, code, out.String(), errs.String())
		}
	}
}
