package calls

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Record is the file of a program's calls.
type Record struct {
	Generated string `json:"generated"` // how the file is made
	Program   string `json:"program"`
	Calls     []Call `json:"calls"`
}

// Load reads a record.
func Load(file string) (Record, error) {
	var r Record
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read the recorded calls: %w", err)
	}
	return r, nil
}

// Save writes a record, a call a line.
func (r Record) Save(file string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n  \"generated\": %s,\n  \"program\": %s,\n  \"calls\": [", text(r.Generated), text(r.Program))
	for i, c := range sorted(r.Calls) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    " + text(c))
	}
	b.WriteString("\n  ]\n}\n")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("write the recorded calls: %w", err)
	}
	return nil
}

// Diff names each call that one list has and the other has not.
func Diff(got, want []Call) string {
	var b strings.Builder
	for _, side := range []struct {
		sign       string
		have, lack []Call
	}{{"+", got, want}, {"-", want, got}} {
		lacks := map[string]bool{}
		for _, c := range side.lack {
			lacks[key(c)] = true
		}
		for _, c := range side.have {
			if !lacks[key(c)] {
				fmt.Fprintf(&b, "%s %s\n", side.sign, text(c))
			}
		}
	}
	return b.String()
}

func sorted(calls []Call) []Call {
	calls = slices.Clone(calls)
	slices.SortFunc(calls, func(a, b Call) int { return strings.Compare(key(a), key(b)) })
	return calls
}

func key(c Call) string { return text(c) }

func text(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings and maps of strings only
	}
	return strings.TrimSuffix(b.String(), "\n")
}
