package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure the words of the built-in text, of a file and of standard input are counted, whatever the parallelism.
func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("To be,\nor NOT to be"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args        []string
		stdin, want string
	}{
		{nil, "", "    14 the\n     6 on\n     4 and\n     4 road\n     3 one\n     3 rain\n     3 ran\n     2 down\n     2 for\n     2 river\n     2 to\n     2 town\n"},
		{[]string{"-file", file, "-least", "1", "-parallelism", "3"}, "", "     2 be\n     2 to\n     1 not\n     1 or\n"},
		{[]string{"-file", "-"}, "a b\nb\n", "     2 b\n"},
		{[]string{"-file", "-"}, "", ""},
	} {
		var stdout, stderr strings.Builder
		if code := run(c.args, strings.NewReader(c.stdin), &stdout, &stderr); code != 0 || stdout.String() != c.want {
			t.Errorf("%v: status %d, %s\n%s", c.args, code, stderr.String(), stdout.String())
		}
	}
}

// Ensure that help is help, and that what is wrong is said.
func TestRun_Usage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "usage: wordcount"},
		{[]string{"-leest", "3"}, 2, "-least"},
		{[]string{"-file", "no-such-file"}, 1, "no-such-file"},
		{[]string{"-parallelism", "200"}, 1, "parallelism"},
	} {
		var out strings.Builder
		if code := run(c.args, strings.NewReader(""), &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, %s", c.args, code, out.String())
		}
	}
}
