package enginetest

import (
	"fmt"
	"os"
	"strings"
)

// Step is one step of a scenario file: a directive and what must come of it.
type Step struct {
	Line int // of the directive, from 1
	Verb string
	args []arg
	// Input are the lines between the directive and its "----".
	Input []string
	// Want are the lines behind it.
	Want []string

	first, end int      // the step's lines in its file, from 0, end excluded
	asked      []string // the arguments that the verb knows
	err        error    // the first thing wrong with one
}

// arg is an argument: key=value, or a word by itself.
type arg struct{ key, value string }

// parseForm reads the steps of a scenario file. A step is a block of lines without an
// empty one: the directive, input, "----", and what must come of it; without "----",
// nothing must. Lines that begin with # are comments.
func parseForm(text string) (lines []string, steps []*Step, err error) {
	lines = strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if skipped(lines[i]) {
			continue
		}
		s := &Step{Line: i + 1, first: i, Want: []string{"nothing"}}
		head := strings.TrimSpace(lines[i])
		s.Verb, head, _ = strings.Cut(head, " ")
		if s.args, err = parseArgs(head); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", s.Line, err)
		}
		into := &s.Input
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
			switch {
			case lines[i] == "----":
				s.Want, into = nil, &s.Want
			case !strings.HasPrefix(lines[i], "#"):
				*into = append(*into, lines[i])
			}
		}
		s.end = i
		steps = append(steps, s)
	}
	return lines, steps, nil
}

func skipped(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// parseArgs cuts a directive's arguments at spaces outside parentheses.
func parseArgs(text string) (args []arg, err error) {
	words, err := cut(text, ' ')
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		key, value, found := strings.Cut(word, "=")
		if !found || strings.ContainsAny(key, "@()") || strings.Contains(value, "@") {
			key, value = "", word
		}
		args = append(args, arg{key, value})
	}
	return args, nil
}

// cut cuts a text at a separator outside parentheses, and leaves empty parts out.
func cut(text string, at rune) (parts []string, err error) {
	depth, part := 0, strings.Builder{}
	end := func() {
		if part.Len() > 0 {
			parts = append(parts, part.String())
		}
		part.Reset()
	}
	for _, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == at && depth == 0:
			end()
			continue
		}
		if depth < 0 {
			break
		}
		part.WriteRune(r)
	}
	end()
	if depth != 0 {
		return nil, fmt.Errorf("parentheses do not match in %q", text)
	}
	return parts, nil
}

// Difference is a step that gave something else than its file says.
type Difference struct {
	Path string
	*Step
	Got []string
}

// String prints what was wanted and what came.
func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n", d.Path, d.Line, d.Verb)
	extra := map[string]int{}
	for _, line := range d.Got {
		extra[line]++
	}
	for _, line := range d.Want {
		mark := "- "
		if extra[line] > 0 {
			extra[line]--
			mark = "  "
		}
		fmt.Fprintln(&b, "  "+mark+line)
	}
	for _, line := range d.Got {
		if extra[line] > 0 {
			extra[line]--
			fmt.Fprintln(&b, "  + "+line)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// rewrite puts what came into the place of what was wanted.
func rewrite(path string, lines []string, steps []*Step, got map[*Step][]string) error {
	var out []string
	next := 0
	for _, s := range steps {
		out = append(out, lines[next:s.first]...)
		for _, line := range lines[s.first:s.end] {
			if line == "----" {
				break
			}
			out = append(out, line)
		}
		if len(got[s]) != 1 || got[s][0] != "nothing" || len(s.Want) != 1 || s.Want[0] != "nothing" {
			out = append(append(out, "----"), got[s]...)
		} else if s.has("----", lines) {
			out = append(out, "----", "nothing")
		}
		next = s.end
	}
	out = append(out, lines[next:]...)
	return os.WriteFile(path, []byte(strings.Join(out, "\n")+"\n"), 0o644) //nolint:gosec // a file of the source tree
}

func (s *Step) has(line string, lines []string) bool {
	for _, l := range lines[s.first:s.end] {
		if l == line {
			return true
		}
	}
	return false
}
