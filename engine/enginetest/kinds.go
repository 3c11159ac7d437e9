package enginetest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
)

// A kind of case is a verb that begins one. What it returns takes the steps that follow,
// until another kind's verb begins the next case of the file.
type kind struct {
	// about says in one line what its cases are.
	about string
	begin func(ctx context.Context, s *Step) (running, error)
}

// running is a case that has begun.
type running interface {
	// step takes one step and returns the lines that came of it.
	step(ctx context.Context, s *Step) ([]string, error)
	// close ends the case; an error is a difference.
	close() error
}

// kinds are all kinds by their verb. A new one is a file of its own: its init adds it.
var kinds = map[string]kind{}

// Kinds names all kinds of cases, each with what it is about.
func Kinds() (lines []string) {
	for verb, k := range kinds {
		lines = append(lines, verb+": "+k.about)
	}
	sort.Strings(lines)
	return lines
}

// RunFile runs a scenario file (its form is in scenarios.md) and returns the steps that
// gave something else than the file says. An error says why it cannot be run at all.
func RunFile(ctx context.Context, path string) ([]Difference, error) {
	return runFile(ctx, path, false)
}

// RewriteFile runs a scenario file and writes what came of each step into it.
func RewriteFile(ctx context.Context, path string) error {
	_, err := runFile(ctx, path, true)
	return err
}

func runFile(ctx context.Context, path string, write bool) (differences []Difference, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // the caller's choice
	if err != nil {
		return nil, err
	}
	lines, steps, err := parseForm(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%s: it has no steps", path)
	}
	var current running
	got := map[*Step][]string{}
	for _, s := range steps {
		current, got[s] = runStep(ctx, current, s)
		if !sameLines(got[s], s.Want) {
			differences = append(differences, Difference{path, s, got[s]})
		}
	}
	if current != nil {
		if err := current.close(); err != nil {
			return differences, fmt.Errorf("%s: the end of the last case: %w", path, err)
		}
	}
	if write {
		return differences, rewrite(path, lines, steps, got)
	}
	return differences, nil
}

// sameLines compares lines in any order: that between subtasks is any.
func sameLines(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// runStep takes one step of a case, or begins another.
func runStep(ctx context.Context, current running, s *Step) (running, []string) {
	var lines []string
	var err error
	k, begins := kinds[s.Verb]
	switch {
	case begins:
		if current != nil {
			err = current.close()
		}
		if current = nil; err == nil {
			current, err = k.begin(ctx, s)
		}
		if err == nil {
			err = s.Err()
		}
		if c, ok := current.(interface{ looked() []string }); ok && err == nil {
			lines = c.looked()
		}
	case current == nil:
		err = fmt.Errorf("no case has begun: one begins with %s", strings.Join(verbs(), ", "))
	default:
		lines, err = current.step(ctx, s)
	}
	if err != nil {
		lines = append(lines, strings.Split("error: "+err.Error(), "\n")...)
	}
	if len(lines) == 0 {
		lines = []string{"nothing"}
	}
	return current, lines
}

func verbs() (all []string) {
	for verb := range kinds {
		all = append(all, verb)
	}
	sort.Strings(all)
	return all
}

// RunScenario runs one scenario file as a test. With UPDATE_SCENARIOS set, it is rewritten.
func RunScenario(t *testing.T, path string) {
	t.Helper()
	if os.Getenv("UPDATE_SCENARIOS") != "" {
		if err := RewriteFile(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	differences, err := RunFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Errorf("differs\n%v", d)
	}
}
