package flags

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Program is the command line of a program of several verbs, up to the verb.
type Program struct {
	Name  string
	Help  string   // the whole answer to -h
	Verbs []string // in the order in which they are listed
}

// Verb finds the verb that args begin with. Where it is empty the program is to
// exit with status code: -h and -version were answered on stdout, or wrong usage
// was told on stderr in one line.
func (p Program) Verb(args []string, stdout, stderr io.Writer) (verb string, code int) {
	if len(args) == 0 {
		return "", p.usage(stderr, fmt.Errorf("name a verb: %s", p.list()))
	}
	name := args[0]
	for _, v := range p.Verbs {
		if v == name {
			return v, 0
		}
	}
	if strings.HasPrefix(name, "-"+complete+"=") {
		fmt.Fprintln(stdout, strings.Join(append(slices.Clone(p.Verbs), "help", "completion"), "\n"))
		return "", 0
	}
	switch strings.TrimPrefix(strings.TrimPrefix(name, "-"), "-") {
	case "h", "help":
		io.WriteString(stdout, p.Help)
		return "", 0
	case "version":
		fmt.Fprintln(stdout, Version(p.Name))
		return "", 0
	}
	if strings.HasPrefix(name, "-") {
		hint := DidYouMean("-", strings.TrimLeft(name, "-"), []string{"version", "help"})
		return "", p.usage(stderr, fmt.Errorf("name a verb before %s%s: %s", name, hint, p.list()))
	}
	return "", p.usage(stderr, fmt.Errorf("unknown verb %s%s", quote(name), DidYouMean("", name, p.Verbs)))
}

func (p Program) usage(stderr io.Writer, err error) int {
	return (&Set{program: p.Name}).Usage(stderr, err)
}

func (p Program) list() string {
	last := len(p.Verbs) - 1
	return strings.Join(p.Verbs[:last], ", ") + " or " + p.Verbs[last]
}
