package app_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	dashboards "taxistream/dashboards/app"
	data "taxistream/data/app"
	"taxistream/localstack/app"
	"taxistream/localstack/localtest"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// shell gives a script to a shell, with the programs in its path.
func shell(t *testing.T, name, script string, flags ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s here: its completion is only known by its text", name)
	}
	dir, err := localtest.Programs()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append(flags, "-c", script)...)
	cmd.Dir = t.TempDir() // files of the folder may complete, too
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// completed are the cases that each shell must complete alike.
var completed = []struct{ line, want string }{
	{"localstack de", "demo"},
	{"localstack demo -exit", "-exit-when-done"},
	{"localstack demo -adapt-time in", "ingestion invocation"},
	{"processor resc", "rescale"},
	{"processor rescale -paral", "-parallelism"},
	{"producer -speed", "-speedup"},
}

func TestCompletion_Bash(t *testing.T) {
	for _, c := range completed {
		words := strings.Fields(c.line)
		out := shell(t, "bash", "source <("+words[0]+" completion bash); COMP_WORDS=("+c.line+"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _taxistream_"+words[0]+`; printf '%s\n' "${COMPREPLY[@]}"`, "--norc")
		if got := sortedWords(out); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func TestCompletion_Fish(t *testing.T) {
	for _, c := range completed {
		program, _, _ := strings.Cut(c.line, " ")
		out := shell(t, "fish", program+" completion fish | source; complete -C '"+c.line+"' | string split -f1 \\t; true", "--no-config")
		if got := sortedWords(out); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

// Ensure zsh understands the script, and that the function asks the program and
// offers what it answers.
func TestCompletion_Zsh(t *testing.T) {
	for _, c := range completed {
		program, _, _ := strings.Cut(c.line, " ")
		out := shell(t, "zsh", "compdef() { :; }; compadd() { shift; print -l -- $@; }; _files() { :; }; source <("+program+" completion zsh); words=("+c.line+"); CURRENT=$#words; _taxistream_"+program, "-f")
		begun := c.line[strings.LastIndexByte(c.line, ' ')+1:]
		offered := slices.DeleteFunc(strings.Fields(out), func(w string) bool { return !strings.HasPrefix(w, begun) })
		if got := sortedWords(strings.Join(offered, " ")); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func sortedWords(text string) string {
	words := strings.Fields(text)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// Ensure "help VERB" is the verb's -h, every flag that takes a value says what is expected,
// and no help has a colour: NO_COLOR has nothing to take away.
func TestHelp_EveryVerb(t *testing.T) {
	vague := regexp.MustCompile(`(?m)^  -\S+ (value|string|int|float|duration)$`)
	for _, c := range []struct {
		main  func(context.Context, []string, io.Writer, io.Writer) int
		verbs string
	}{
		{producer.Main, ""},
		{processor.Main, " ready list top savepoint stop cancel rescale rejects"},
		{app.Main, "demo serve tail query export"},
		{data.Main, "describe prepare generate fetch"},
		{dashboards.Main, "check import"},
	} {
		for _, verb := range strings.Split(c.verbs, " ") {
			var help, h strings.Builder
			if code := c.main(t.Context(), append([]string{"help"}, strings.Fields(verb)...), &help, io.Discard); code != 0 {
				t.Errorf("help %s: status %d", verb, code)
			}
			c.main(t.Context(), append(strings.Fields(verb), "-h"), &h, io.Discard)
			if help.String() != h.String() || help.Len() == 0 {
				t.Errorf("help %s is not %s -h", verb, verb)
			}
			if found := vague.FindAllString(h.String(), -1); found != nil || strings.Contains(h.String(), "\x1b") {
				t.Errorf("%s -h: %q", verb, found)
			}
		}
	}
}
