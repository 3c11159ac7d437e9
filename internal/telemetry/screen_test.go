package telemetry_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/internal/telemetry"
	"taxistream/internal/telemetry/terminaltest"
)

// open gives a screen on a pseudo-terminal; check waits for what is to be seen.
func open(t *testing.T, columns, rows int) (s *telemetry.Screen, p *terminaltest.Pty, check func(what string, screen, history []string)) {
	t.Helper()
	t.Setenv("TERM", "xterm")
	p, err := terminaltest.OpenPty(columns, rows)
	if err != nil {
		t.Fatal(err)
	}
	s = telemetry.OpenScreen(p.TTY)
	t.Cleanup(func() { s.Close(); p.Close() })
	if !s.Terminal() {
		t.Fatal("a pseudo-terminal is no terminal")
	}
	return s, p, func(what string, screen, history []string) {
		t.Helper()
		p.WaitFor(10*time.Second, func(got []string) bool { return slices.Equal(got, screen) })
		if got := p.Screen(); !slices.Equal(got, screen) {
			t.Fatalf("%s: the screen is\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(screen, "\n"))
		}
		if got := p.History(); !slices.Equal(got, history) {
			t.Fatalf("%s: scrolled away is %q, want %q", what, got, history)
		}
		if f := p.Faults(); len(f) > 0 {
			t.Fatalf("%s: the terminal does not understand %q", what, f)
		}
	}
}

// Ensure a block is drawn in place, cut to the terminal's width and height, and
// that what else is printed passes above it.
func TestScreen_Draw(t *testing.T) {
	s, p, check := open(t, 20, 6)
	logs := s.Logs(p.TTY)
	fmt.Fprintln(s, "before")
	s.Draw([]string{"page  http://a/", "a line that is longer than the screen", "三角洲 三角洲 三角洲 x"})
	block := []string{"page  http://a/", "a line that is lon…", "三角洲 三角洲 三角…"}
	check("cut", append([]string{"before"}, block...), nil)
	for i := range 5 {
		fmt.Fprintf(logs, "log %d\n", i)
	}
	check("logs pass above", append([]string{"log 2", "log 3", "log 4"}, block...), []string{"before", "log 0", "log 1"})
	s.Draw([]string{"one"})
	check("a shorter block", []string{"log 2", "log 3", "log 4", "one"}, []string{"before", "log 0", "log 1"})
	s.Draw([]string{"1", "2", "3", "4", "5", "6", "7"})
	check("a block too high", []string{"log 4", "1", "2", "3", "4", "5"}, []string{"before", "log 0", "log 1", "log 2", "log 3"})
	s.Draw([]string{"ta\tb\x1b[2J"})
	s.Keep()
	fmt.Fprintln(p.TTY, "after")
	check("kept", []string{"log 4", "tab[2J", "after"}, []string{"before", "log 0", "log 1", "log 2", "log 3"})
	s.Draw([]string{"gone"})
	s.Clear()
	check("cleared", []string{"log 4", "tab[2J", "after"}, []string{"before", "log 0", "log 1", "log 2", "log 3"})
}

// Ensure a block follows the terminal's size, whether or not the terminal wraps
// its lines anew, and leaves nothing behind.
func TestScreen_Resize(t *testing.T) {
	for _, reflow := range []bool{true, false} {
		t.Run(fmt.Sprint("Reflow=", reflow), func(t *testing.T) {
			s, p, check := open(t, 30, 10)
			long := "state  " + strings.Repeat("0123456789", 5)
			fmt.Fprintln(s, "above")
			s.Draw([]string{"page  http://a/", long, "rejects  none"})
			check("at first", []string{"above", "page  http://a/", long[:28] + "…", "rejects  none"}, nil)
			for _, columns := range []int{18, 12, 40, 80, 17} {
				if err := p.Resize(columns, 10, reflow); err != nil {
					t.Fatal(err)
				}
				syscall.Kill(os.Getpid(), syscall.SIGWINCH) // the system tells the programs of a terminal, not a test
				want := []string{"above"}
				for _, line := range []string{"page  http://a/", long, "rejects  none"} {
					if len(line) > columns-1 {
						line = line[:columns-2] + "…"
					}
					want = append(want, line)
				}
				check(fmt.Sprint(columns, " columns"), want, nil)
			}
		})
	}
}

// Ensure nothing is drawn without a terminal, and what is printed goes through.
func TestScreen_NoTerminal(t *testing.T) {
	var out, errs bytes.Buffer
	s := telemetry.OpenScreen(&out)
	s.Draw([]string{"block"})
	fmt.Fprintln(s, "line")
	fmt.Fprintln(s.Logs(&errs), "log")
	s.Keep()
	s.Clear()
	s.Close()
	if s.Terminal() || out.String() != "line\n" || errs.String() != "log\n" {
		t.Errorf("%q, %q", out.String(), errs.String())
	}
	t.Run("Dumb", func(t *testing.T) {
		p, err := terminaltest.OpenPty(80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		t.Setenv("TERM", "dumb")
		if s := telemetry.OpenScreen(p.TTY); s.Terminal() || telemetry.IsTerminal(p.TTY) {
			t.Error("a terminal that cannot move its cursor is drawn on")
		}
	})
	t.Run("LogsElsewhere", func(t *testing.T) {
		s, _, check := open(t, 80, 24)
		s.Draw([]string{"block"})
		if w := s.Logs(&errs); w != io.Writer(&errs) {
			t.Error("a log file goes through the screen")
		}
		check("the block", []string{"block"}, nil)
	})
}

func TestKeyValues(t *testing.T) {
	got := telemetry.KeyValues("status", "events", 12, "state", "stale: it stands", "none", "", "rate", telemetry.Unknown)
	if want := `status events=12 state="stale: it stands" none="" rate=unknown`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", 1234567: "1,234,567", -999: "-999"} {
		if got := telemetry.Group(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// Ensure a rate is unknown before there are two looks, and is of the time between them.
func TestRate(t *testing.T) {
	var r telemetry.Rate
	at := time.UnixMilli(1)
	if _, known := r.Of(at, 100); known {
		t.Error("a rate after one look")
	}
	if rate, known := r.Of(at.Add(2*time.Second), 300); !known || rate != 100 {
		t.Errorf("%v, %v", rate, known)
	}
	if _, known := r.Of(at.Add(2*time.Second), 300); known {
		t.Error("a rate over no time")
	}
}
