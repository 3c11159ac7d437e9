package flags

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// password is that of a URL.
var password = regexp.MustCompile(`(://[^/@\s:]*:)[^/@\s]*@`)

// plainWord needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// Again is the command line that was parsed, with another value of one flag: what
// a message tells people to run next. It can be pasted into a shell, but for the
// passwords of URLs, which are not repeated.
func (s *Set) Again(name, value string) string {
	words := strings.Fields(invoked(os.Args[0], s.program))
	target := s.entry(name)
	args := s.line
	for len(args) > 0 && args[0] != "--" {
		n := 1
		spelt, _, hasText := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		e := s.byName[spelt]
		if len(args[0]) < 2 || args[0][0] != '-' {
			e = nil // an argument
		}
		if e != nil && !hasText && !e.isBool() {
			n = min(2, len(args))
		}
		if e == nil || e != target {
			words = append(words, quoted(args[:n])...)
		}
		args = args[n:]
	}
	words = append(words, quoted([]string{"-" + name, value})...)
	return strings.Join(append(words, quoted(args)...), " ")
}

// invoked is how the program was called: by go run, whose programs lie in a
// temporary folder of no use, or by its path.
func invoked(path, program string) string {
	first, verb, _ := strings.Cut(program, " ")
	if strings.Contains(filepath.ToSlash(path), "/go-build") {
		path = "go run ./" + first
	}
	return strings.TrimSpace(path + " " + verb)
}

func quoted(args []string) []string {
	words := make([]string, len(args))
	for i, a := range args {
		a = password.ReplaceAllString(a, "${1}PASSWORD@")
		if !plainWord.MatchString(a) {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words[i] = a
	}
	return words
}
