package enginetest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Err is what is wrong with the step's arguments: one that cannot be read, or that no
// getter has asked for. A verb asks for all it knows, then for Err, then acts.
func (s *Step) Err() error {
	if s.err != nil {
		return s.err
	}
	for _, a := range s.args {
		switch {
		case a.key == "" && !slices.Contains(s.asked, a.value) && !slices.Contains(s.asked, ""):
			return fmt.Errorf("%s does not know %q: it knows %s", s.Verb, a.value, s.knows())
		case a.key != "" && !slices.Contains(s.asked, a.key):
			return fmt.Errorf("%s does not know %q: it knows %s", s.Verb, a.key, s.knows())
		}
	}
	return nil
}

func (s *Step) knows() string {
	known := slices.DeleteFunc(slices.Clone(s.asked), func(k string) bool { return k == "" })
	slices.Sort(known)
	if len(known) == 0 {
		return "no arguments"
	}
	return strings.Join(slices.Compact(known), ", ")
}

// Text is the value of key=value; ok: it is there.
func (s *Step) Text(key string) (value string, ok bool) {
	s.asked = append(s.asked, key)
	for _, a := range s.args {
		if a.key == key {
			return a.value, true
		}
	}
	return "", false
}

// Flag tells whether a word is among the arguments.
func (s *Step) Flag(word string) bool {
	s.asked = append(s.asked, word)
	return slices.Contains(s.args, arg{"", word})
}

// Words are the arguments without a key and, behind them, those in the input lines.
func (s *Step) Words() (words []string) {
	s.asked = append(s.asked, "")
	for _, a := range s.args {
		if a.key == "" {
			words = append(words, a.value)
		}
	}
	for _, line := range s.Input {
		words = append(words, strings.Fields(line)...)
	}
	return words
}

// List is the value of key=(a,b) or key=a.
func (s *Step) List(key string) []string {
	value, _ := s.Text(key)
	value = strings.TrimSuffix(strings.TrimPrefix(value, "("), ")")
	parts, err := cut(value, ',')
	s.wrong(err)
	return parts
}

// Int is a number; without one it is otherwise.
func (s *Step) Int(key string, otherwise int64) int64 {
	value, ok := s.Text(key)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		s.wrong(fmt.Errorf("%s of %s is a whole number, not %q", key, s.Verb, value))
	}
	return n
}

// Millis is a time or a length of time in ms: a number, or as Go writes durations (1m30s).
func (s *Step) Millis(key string, otherwise int64) int64 {
	value, ok := s.Text(key)
	if !ok {
		return otherwise
	}
	n, err := millis(value)
	if err != nil {
		s.wrong(fmt.Errorf("%s of %s: %w", key, s.Verb, err))
	}
	return n
}

// Need is the name of an argument that must be there.
func (s *Step) Need(keys ...string) {
	for _, key := range keys {
		if _, ok := s.Text(key); !ok {
			s.wrong(fmt.Errorf("%s needs %s=", s.Verb, key))
		}
	}
}

// wrong keeps the first error.
func (s *Step) wrong(err error) {
	if s.err == nil {
		s.err = err
	}
}

// millis reads a time in ms: 1500, 1s500ms, min or max.
func millis(text string) (int64, error) {
	switch text {
	case "min", "none":
		return math.MinInt64, nil
	case "max":
		return math.MaxInt64, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d%time.Millisecond != 0 {
		return 0, fmt.Errorf("%q is neither a number of ms nor a duration like 1m30s", text)
	}
	return d.Milliseconds(), nil
}
