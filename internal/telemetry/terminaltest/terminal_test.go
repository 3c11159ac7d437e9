package terminaltest_test

import (
	"fmt"
	"slices"
	"testing"

	"taxistream/internal/telemetry/terminaltest"
)

// Ensure the terminal wraps, scrolls, erases and moves as terminals do.
func TestTerminal(t *testing.T) {
	for _, c := range []struct {
		name, text      string
		screen, history []string
	}{
		{"Wraps", "abcdefgh", []string{"abcde", "fgh"}, nil},
		{"WaitsAtTheEdge", "abcde\r\nf", []string{"abcde", "f"}, nil},
		{"Scrolls", "1\r\n2\r\n3\r\n4", []string{"2", "3", "4"}, []string{"1"}},
		{"Wide", "ab界c界", []string{"ab界c", "界"}, nil},
		{"WideAtTheEdge", "abcd界", []string{"abcd", "界"}, nil},
		{"Erases", "one\r\ntwo\x1b[2K\rx\x1b[1A\x1b[K", []string{"o", "x"}, nil},
		{"CutsWhatDoesNotFit", "\x1b[?7labcdefghijklmnop\x1b[?7h\rX", []string{"Xbcdp"}, nil},
		{"ErasesBelow", "one\r\ntwo\r\nsix\x1b[2A\r\x1b[J!", []string{"!"}, nil},
		{"StaysErased", "1\r\n2\r\n3\r\n4\x1b[9A\r\x1b[J5", []string{"5"}, []string{"1"}},
	} {
		term := terminaltest.New(5, 3)
		for i := range len(c.text) { // a byte at a time: nothing depends on how writes are cut
			term.Write([]byte{c.text[i]})
		}
		if !slices.Equal(term.Screen(), c.screen) || !slices.Equal(term.History(), c.history) || len(term.Faults()) > 0 {
			t.Errorf("%s: screen %q, history %q, faults %q", c.name, term.Screen(), term.History(), term.Faults())
		}
	}
}

func TestTerminal_Resize(t *testing.T) {
	for reflow, want := range map[bool][]string{true: {"abcd", "efg", "x"}, false: {"abcd", "x"}} {
		term := terminaltest.New(8, 5)
		fmt.Fprint(term, "abcdefg\r\nx")
		term.Resize(4, 5, reflow)
		if row, column := term.Cursor(); !slices.Equal(term.Screen(), want) || row != len(want)-1 || column != 1 {
			t.Errorf("reflow %v: %q, cursor %d %d", reflow, term.Screen(), row, column)
		}
	}
}

func TestTerminal_Faults(t *testing.T) {
	term := terminaltest.New(8, 5)
	fmt.Fprint(term, "a\x1b[5;3Hb\tc")
	if len(term.Faults()) != 2 {
		t.Errorf("%q", term.Faults())
	}
}
