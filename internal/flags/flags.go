// Package flags reads a program's command line by the house rules (contract,
// "Commands"): one dash or two, aliases, a duration without unit is in
// milliseconds, -h is help on standard output with status 0, wrong usage is one
// line that ends in "see -h" with status 2, a failure is one line with status 1.
// Every program and verb answers -version, and a misspelt flag or verb is told
// with the one that was most likely meant.
//
// A flag registered twice, by two parts of one program, is one flag that sets
// both: that is how a program takes the flags of two others. Flags and
// arguments may be mixed; "--" ends the flags.
//
// A Set is for one goroutine and one Parse. The pointers it returns stay valid
// and hold the defaults until Parse.
package flags

import (
	"flag"
	"fmt"
	"strconv"
	"time"

	"taxistream/internal/redact"
)

// Set is the command line of one program, or of one verb of it.
type Set struct {
	program  string
	synopsis string
	takes    string // what the arguments are called in the help; empty: none are taken
	entries  []*entry
	byName   map[string]*entry
	verbs    []string
	args     []string
	line     []string // all of it, as it was parsed
	help     string
	group    string // of the flags to come
	examples []string
}

type entry struct {
	name    string
	group   string
	aliases []string
	usage   string
	def     string
	values  []flag.Value
	needed  bool
	given   bool
}

// New returns an empty set. The program's name begins every error line; the
// synopsis is the first sentence of the help.
func New(program, synopsis string) *Set {
	return &Set{program: program, synopsis: synopsis, byName: make(map[string]*entry)}
}

// Var registers any flag.Value. As in the standard library a backquoted word of
// the usage names the operand. Registering a name again adds the value to the
// same flag; it panics where the two defaults differ.
func (s *Set) Var(v flag.Value, name, usage string) {
	if e := s.byName[name]; e != nil {
		if e.def != v.String() {
			panic(fmt.Sprintf("flags: -%s is registered with the defaults %q and %q", name, e.def, v.String()))
		}
		e.values = append(e.values, v)
		return
	}
	e := &entry{name: name, group: s.group, usage: usage, def: v.String(), values: []flag.Value{v}}
	s.byName[name] = e
	s.entries = append(s.entries, e)
}

// String registers a flag whose value is text.
func (s *Set) String(name string, value string, usage string) *string {
	s.StringVar(&value, name, usage)
	return &value
}

// StringVar is String with a variable of the caller's, whose value is the default.
func (s *Set) StringVar(p *string, name, usage string) { s.Var((*stringValue)(p), name, usage) }

// Int registers a flag whose value is a whole number.
func (s *Set) Int(name string, value int, usage string) *int {
	s.IntVar(&value, name, usage)
	return &value
}

// IntVar is Int with a variable of the caller's, whose value is the default.
func (s *Set) IntVar(p *int, name, usage string) { s.Var((*intValue)(p), name, usage) }

// FloatVar registers a flag whose value is a finite number; the variable's is the default.
func (s *Set) FloatVar(p *float64, name, usage string) { s.Var((*floatValue)(p), name, usage) }

// Bool registers a switch: -name, or -name=false.
func (s *Set) Bool(name string, value bool, usage string) *bool {
	s.BoolVar(&value, name, usage)
	return &value
}

// BoolVar is Bool with a variable of the caller's, whose value is the default.
func (s *Set) BoolVar(p *bool, name, usage string) { s.Var((*boolValue)(p), name, usage) }

// Duration registers a length of time, not negative; without unit it is in
// milliseconds.
func (s *Set) Duration(name string, value time.Duration, usage string) *time.Duration {
	s.DurationVar(&value, name, usage)
	return &value
}

// DurationVar is Duration with a variable of the caller's, whose value is the default.
func (s *Set) DurationVar(p *time.Duration, name, usage string) {
	s.Var((*durationValue)(p), name, usage)
}

// StringsVar registers a flag that may be repeated; the values keep their order
// and go behind those that the variable holds.
func (s *Set) StringsVar(p *[]string, name, usage string) { s.Var((*stringsValue)(p), name, usage) }

// ChoiceVar registers a flag that takes one of a few words; the variable's value
// is the default.
func (s *Set) ChoiceVar(p *string, name string, choices []string, usage string) {
	s.Var(&choiceValue{p, choices}, name, usage)
}

// Choice is ChoiceVar with a new variable.
func (s *Set) Choice(name, value string, choices []string, usage string) *string {
	s.ChoiceVar(&value, name, choices, usage)
	return &value
}

// Func registers a flag that is handed to parse each time it is given. The
// error of parse becomes the line of wrong usage.
func (s *Set) Func(name, usage string, parse func(string) error) {
	s.Var(funcValue(parse), name, usage)
}

// Alias makes a second spelling of a registered flag. It panics if there is no
// such flag, or if the spelling means another one.
func (s *Set) Alias(alias, name string) {
	e := s.byName[name]
	switch {
	case e == nil:
		panic("flags: alias of unknown flag -" + name)
	case s.byName[alias] == e:
		return
	case s.byName[alias] != nil:
		panic("flags: -" + alias + " is taken")
	}
	s.byName[alias] = e
	e.aliases = append(e.aliases, alias)
}

// Need makes Parse refuse a command line without the flag.
func (s *Set) Need(name string) { s.entry(name).needed = true }

// Optional takes back Need, for a program that has a value of its own.
func (s *Set) Optional(name string) { s.entry(name).needed = false }

// Given reports whether the flag, under any spelling, was on the command line.
func (s *Set) Given(name string) bool { return s.entry(name).given }

// TakeArgs makes Parse accept arguments that are no flags; what names them in
// the help, as in "SOURCE...".
func (s *Set) TakeArgs(what string) { s.takes = what }

// Verbs names the verbs of a program that has flags of its own too, so that a
// misspelt one is told from an argument.
func (s *Set) Verbs(names ...string) { s.verbs = names }

// Args are the arguments that are no flags.
func (s *Set) Args() []string { return s.args }

// Help adds a paragraph after the flags.
func (s *Set) Help(paragraph string) { s.help += "\n" + paragraph + "\n" }

func (s *Set) entry(name string) *entry {
	e := s.byName[name]
	if e == nil {
		panic("flags: no flag -" + name)
	}
	return e
}

// set hands text to every value of the flag.
func (e *entry) set(text string) error {
	e.given = true
	for _, v := range e.values {
		if err := v.Set(text); err != nil {
			return err
		}
	}
	return nil
}

func (e *entry) isBool() bool {
	b, ok := e.values[0].(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// quote shows a value as it was typed, but for the secrets of an address.
func quote(text string) string { return strconv.Quote(redact.URL(text)) }
