package telemetry_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/internal/telemetry"
	"taxistream/internal/telemetry/terminaltest"
)

// Ensure quick work says nothing, and long work a line at first and one each ten
// seconds, with what is known.
func TestProgress(t *testing.T) {
	for name, c := range map[string]struct {
		seconds int
		part    func(second int) float64
		want    []string
	}{
		"Quick":   {1, func(int) float64 { return 0.5 }, nil},
		"Known":   {23, func(s int) float64 { return float64(s) / 100 }, []string{"progress step=reading bytes=2000 percent=2 bytes_per_second=1000 remaining=1m38s", "progress step=reading bytes=12000 percent=12 bytes_per_second=1000 remaining=1m28s", "progress step=reading bytes=22000 percent=22 bytes_per_second=1000 remaining=1m18s"}},
		"Unknown": {3, func(int) float64 { return telemetry.UnknownPart }, []string{"progress step=reading bytes=2000 percent=unknown bytes_per_second=1000 remaining=unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := telemetry.StartProgress(&out, time.Now)
				p.Step("reading", telemetry.InBytes)
				time.Sleep(950 * time.Millisecond) // the work is not in step with the ticks
				for second := range c.seconds {
					p.Set(int64(1000*(second+1)), c.part(second+1))
					time.Sleep(time.Second)
				}
				p.End()
				got := strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' })
				if len(got) != len(c.want) {
					t.Fatalf("got %q, want %q", got, c.want)
				}
				for i, want := range c.want {
					if got[i] != want {
						t.Errorf("got %s, want %s", got[i], want)
					}
				}
			})
		})
	}
	var none *telemetry.Progress
	none.Step("x", "rows")
	none.Set(1, 0)
	none.End()
}

// Ensure a terminal has one line, which is gone at the end.
func TestProgress_Terminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	pty, err := terminaltest.OpenPty(80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer pty.Close()
	p := telemetry.StartProgress(pty.TTY, time.Now)
	p.Step("counting", "trips")
	p.Set(1234567, 0.25)
	line := func(screen []string) bool {
		return len(screen) == 1 && strings.HasPrefix(screen[0], "counting  1,234,567 trips  25 %  ") && strings.HasSuffix(screen[0], " left")
	}
	if !pty.WaitFor(time.Minute, line) {
		t.Errorf("the screen is %q", pty.Screen())
	}
	p.End()
	if !pty.WaitFor(time.Minute, func(screen []string) bool { return len(screen) == 0 }) || len(pty.Faults()) > 0 {
		t.Errorf("at the end the screen is %q, %q", pty.Screen(), pty.Faults())
	}
}
