package flags

import (
	"fmt"
	"io"
	"strings"
)

// The exit statuses of every program of this module.
const (
	StatusFailure = 1
	StatusUsage   = 2
)

// Parse reads the command line without the program's name. done means that the
// program is to exit with status code: 0 after -h or -version, which are answered
// on stdout, or 2 after wrong usage, whose one line goes to stderr.
func (s *Set) Parse(args []string, stdout, stderr io.Writer) (done bool, code int) {
	s.line = args
	answer, err := s.parse(args)
	switch {
	case answer != nil:
		answer(stdout)
		return true, 0
	case err != nil:
		return true, s.Usage(stderr, err)
	}
	return false, 0
}

// Usage writes the line of wrong usage and returns its status, for what only
// the program itself can find out.
func (s *Set) Usage(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "%s: %s; see -h\n", s.program, oneLine(err))
	return StatusUsage
}

// Fail writes the line of a failure and returns its status.
func (s *Set) Fail(stderr io.Writer, err error) int { return Fail(s.program, stderr, err) }

// Fail writes the line of a failure of the program and returns its status.
func Fail(program string, stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "%s: %s\n", program, oneLine(err))
	return StatusFailure
}

// parse gives the answer to a question such as -h, if the command line is one.
func (s *Set) parse(args []string) (answer func(io.Writer), err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			s.args = append(s.args, args...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			s.args = append(s.args, arg)
			continue
		}
		name, text, hasText := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
		e := s.byName[name]
		if e == nil && name == complete {
			return s.completions(text), nil
		}
		if e == nil {
			return s.unregistered(name)
		}
		if !hasText && e.isBool() {
			text, hasText = "true", true
		}
		if !hasText {
			if len(args) == 0 {
				return nil, fmt.Errorf("flag -%s needs a value", name)
			}
			text, args = args[0], args[1:]
		}
		if err := e.set(text); err != nil {
			return nil, fmt.Errorf("-%s %s: %w", name, quote(text), err)
		}
	}
	return nil, s.check()
}

// unregistered answers the flags that every program has, and refuses all others.
func (s *Set) unregistered(name string) (answer func(io.Writer), err error) {
	switch name {
	case "h", "help":
		return s.WriteHelp, nil
	case "version":
		return func(w io.Writer) { fmt.Fprintln(w, Version(s.program)) }, nil
	}
	var known []string
	for _, e := range s.entries {
		known = append(append(known, e.name), e.aliases...)
	}
	known = append(known, "version", "help")
	return nil, fmt.Errorf("unknown flag -%s%s", name, DidYouMean("-", name, known))
}

// check refuses what is missing and what is too much.
func (s *Set) check() error {
	if s.takes == "" && len(s.args) > 0 {
		return fmt.Errorf("unexpected argument %s%s", quote(s.args[0]), DidYouMean("", s.args[0], s.verbs))
	}
	for _, e := range s.entries {
		if e.needed && !e.given {
			return fmt.Errorf("flag -%s is needed", e.name)
		}
	}
	return nil
}

// oneLine keeps an error to the one line that the contract allows.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}
