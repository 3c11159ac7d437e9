package cost

import (
	"strings"
	"testing"
)

// Each lever's options exist and fit the default configuration, and are named once.
func TestLevers(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range levers {
		if _, err := totalOf(l.Set, &USEast1); err != nil {
			t.Errorf("%s: %v", l.What, err)
		}
		if seen[l.What] || seen[l.Flags()] {
			t.Errorf("%s stands twice", l.What)
		}
		seen[l.What], seen[l.Flags()] = true, true
	}
}

// A lever's total is what the bill says with its options.
func TestLevers_Total(t *testing.T) {
	all, err := Levers(map[string]any{"cpu": "arm64"}, &USEast1)
	if err != nil {
		t.Fatal(err)
	}
	base, err := totalOf(map[string]any{"cpu": "arm64"}, &USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		set := map[string]any{"cpu": "arm64"}
		for key, value := range l.Set {
			set[key] = value
		}
		if total, err := totalOf(set, &USEast1); err != nil || total != l.Total || total-base != l.Delta {
			t.Errorf("%s: total %.2f, difference %.2f; the bill with %s says %.2f, %v", l.What, l.Total, l.Delta, l.Flags(), total, err)
		}
	}
	if len(all) < 10 {
		t.Errorf("only %d levers change anything", len(all))
	}
}

// Ensure no lever replaces data without saying so, those of a preset among them.
func TestLever_Replaces(t *testing.T) {
	for set, want := range map[string]string{
		"search.own-key=false": "replaces the domain: its documents are lost", "preset=trial": "", "preset=production": "", "stream.name=x": "replaces the stream: what it holds is lost",
	} {
		key, value, _ := strings.Cut(set, "=")
		if got := (&Lever{Set: map[string]any{key: value}}).Replaces(); got != want {
			t.Errorf("%s: %q, want %q", set, got, want)
		}
	}
}

// A lever that the configuration contradicts is left out, with no error.
func TestLevers_Contradicted(t *testing.T) {
	all, err := Levers(map[string]any{"stream.shards": 0}, &USEast1)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if l.Set["scaling.on"] != nil {
			t.Error("a stream on demand is offered to be scaled")
		}
	}
}
