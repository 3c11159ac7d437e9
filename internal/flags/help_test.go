package flags_test

import (
	"strings"
	"testing"

	"taxistream/internal/flags"
)

func grouped() *flags.Set {
	s := flags.New("demo", "shows")
	s.Example("demo -a 1")
	s.Int("a", 0, "`number` of a")
	s.Group("Reading")
	s.Choice("b", "x", []string{"x", "y"}, "how; and more")
	s.Group("Writing")
	s.Bool("c", false, "with `no` operand")
	s.Group("Reading")
	s.String("d", "", "`place` to read")
	s.Verbs("run")
	return s
}

func answer(t *testing.T, arg string) string {
	t.Helper()
	var out, errs strings.Builder
	if done, code := grouped().Parse([]string{arg}, &out, &errs); !done || code != 0 || errs.Len() > 0 {
		t.Fatalf("%s: done %v, status %d, %s", arg, done, code, errs.String())
	}
	return out.String()
}

// Ensure the help shows examples first, the flags under their headings, each once, and
// what a choice may be.
func TestSet_WriteHelp(t *testing.T) {
	const want = `demo: shows

usage: demo [flags]

examples:
  demo -a 1

  -a number
        number of a (default 0)
Reading:
  -b x|y
        how; and more (default x)
  -d place
        place to read

Writing:
  -c
        with no operand

  -version
        the program's version, its commit and Go's version
`
	if got := answer(t, "-h"); got != want {
		t.Errorf("got\n%s", got)
	}
}

// Ensure a completion script hears of verbs and flags, of a choice's words, and of
// nothing where a file or any text may come.
func TestSet_Completions(t *testing.T) {
	all := "run\nhelp\ncompletion\n-a\tnumber of a\n-b\thow\n-c\twith no operand\n-d\tplace to read\n-h\thelp\n-version\tthe program's version\n"
	for before, want := range map[string]string{"demo": all, "-c": all, "-b": "x\ny\n", "--b": "x\ny\n", "-d": "", "-b=x": all} {
		if got := answer(t, "-complete="+before); got != want {
			t.Errorf("behind %s: %q, want %q", before, got, want)
		}
	}
}

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		args, rest, out, errs string
		done                  bool
		code                  int
	}{
		{args: "run -x", rest: "run -x"},
		{args: "help", rest: "-h"},
		{args: "help run", rest: "run -h"},
		{args: "completion", done: true, code: 2, errs: "demo completion: name a shell: bash, zsh or fish; see -h\n"},
		{args: "completion csh", done: true, code: 2, errs: "demo completion: name a shell: bash, zsh or fish; see -h\n"},
		{args: "completion -h", done: true, out: "demo completion: prints a script"},
		{args: "completion bash", done: true, out: "# bash completion of demo: "},
	} {
		var out, errs strings.Builder
		rest, done, code := flags.Ask("demo", strings.Fields(c.args), &out, &errs)
		if strings.Join(rest, " ") != c.rest || done != c.done || code != c.code || !strings.HasPrefix(out.String(), c.out) || errs.String() != c.errs {
			t.Errorf("%s: %q %v %d %q %q", c.args, rest, done, code, out.String(), errs.String())
		}
	}
}

// Ensure no line of the help is wider than a terminal, unless one word is, and that no word is lost.
func TestSet_WriteHelp_Wraps(t *testing.T) {
	long := strings.Repeat("as wide as it gets, and then some more; ", 6) + strings.Repeat("x", 90) + " end"
	s := flags.New("demo", long)
	s.String("a", "", long)
	var out strings.Builder
	s.WriteHelp(&out)
	for _, line := range strings.Split(out.String(), "\n") {
		if len(line) > 80 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	if got := strings.Join(strings.Fields(out.String()), " "); strings.Count(got, strings.TrimSpace(long)) != 2 {
		t.Errorf("words are lost: %s", got)
	}
}
