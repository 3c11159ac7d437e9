package flags

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Group puts the flags that are registered from now on under a heading of the help. A
// heading may be taken up again; without one flags stand first.
func (s *Set) Group(heading string) { s.group = heading }

// Example adds a command line to the help, which shows it before the flags.
func (s *Set) Example(line string) { s.examples = append(s.examples, line) }

// WriteHelp lists the flags by group, in the order in which they were registered.
func (s *Set) WriteHelp(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nusage: %s [flags]", wrap(s.program+": "+s.synopsis, 0), s.program)
	if s.takes != "" {
		fmt.Fprintf(w, " %s", s.takes)
	}
	fmt.Fprint(w, "\n\n")
	if len(s.examples) > 0 {
		fmt.Fprintf(w, "examples:\n  %s\n\n", strings.Join(s.examples, "\n  "))
	}
	var headings []string
	groups := make(map[string][]*entry)
	for _, e := range s.entries {
		if groups[e.group] == nil {
			headings = append(headings, e.group)
		}
		groups[e.group] = append(groups[e.group], e)
	}
	for _, heading := range headings {
		if heading != "" {
			fmt.Fprintf(w, "%s:\n", heading)
		}
		for _, e := range groups[heading] {
			e.writeHelp(w)
		}
		if heading != "" {
			fmt.Fprintln(w)
		}
	}
	fmt.Fprint(w, "  -version\n        the program's version, its commit and Go's version\n")
	fmt.Fprint(w, s.help)
}

// operand is what the help calls the flag's value, and the usage without its quotes. Of a
// choice it is all there is to choose from.
func (e *entry) operand() (operand, usage string) {
	operand, usage = flag.UnquoteUsage(&flag.Flag{Name: e.name, Usage: e.usage, Value: e.values[0]})
	if c, ok := e.values[0].(*choiceValue); ok {
		operand = strings.Join(c.choices, "|")
	}
	if e.isBool() {
		operand = ""
	}
	return operand, usage
}

func (e *entry) writeHelp(w io.Writer) {
	operand, usage := e.operand()
	fmt.Fprintf(w, "  -%s", e.name)
	if operand != "" {
		fmt.Fprintf(w, " %s", operand)
	}
	for _, a := range e.aliases {
		fmt.Fprintf(w, ", -%s", a)
	}
	switch {
	case e.needed:
		usage += " (needed)"
	case e.def != "" && e.def != "false":
		usage += fmt.Sprintf(" (default %s)", e.def)
	}
	fmt.Fprintf(w, "\n        %s\n", wrap(usage, 8))
}

// columns is the width of a terminal that nobody made wider.
const columns = 80

// wrap breaks a text at its blanks so that it fits a terminal; its first line begins at column indent, as do the others
// behind as many blanks. A word that does not fit has a line of its own.
func wrap(text string, indent int) string {
	var b strings.Builder
	room := columns - indent
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1 > room:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			room = columns - indent
		default:
			b.WriteByte(' ')
			room--
		}
		b.WriteString(word)
		room -= n
	}
	return b.String()
}
