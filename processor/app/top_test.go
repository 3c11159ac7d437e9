package app_test

import (
	"slices"
	"strings"
	"testing"

	embedded "taxistream/localstack/kinesis"
)

// Ensure top shows what the processor shows itself: the same lines, and the events.
func TestVerbs_Top(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo)
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Read() == 4 })

	status, out := verb(t, p, "top", "-interval", "100ms")
	if status != 0 {
		t.Fatalf("status %d: %s", status, out)
	}
	lines := strings.Split(out, "\n")
	if lines[0] != "control room   "+p.URL()+"/" || !slices.Contains(lines, "events         4 read, 0/s") {
		t.Errorf("it shows\n%s", out)
	}
	for _, line := range p.StatusLines() {
		name := line[:15]
		if !slices.ContainsFunc(lines, func(shown string) bool { return strings.HasPrefix(shown, name) }) {
			t.Errorf("no line %q in\n%s", name, out)
		}
	}
	if status, out = verb(t, p, "top", "-interval", "1ms"); status != 2 || !strings.Contains(out, "choose 100ms or more; see -h") {
		t.Errorf("an interval that is too short: %d, %s", status, out)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if status, out = verb(t, p, "top"); status != 1 || !strings.Contains(out, "no processor answers") || strings.Contains(out, "\n") {
		t.Errorf("without a processor: %d, %s", status, out)
	}
}
