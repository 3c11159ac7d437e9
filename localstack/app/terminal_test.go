package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"taxistream/internal/telemetry/terminaltest"
	"taxistream/localstack/localtest"
)

// onTerminal starts a program on a pseudo-terminal.
func onTerminal(t *testing.T, columns int, program string, args ...string) (*terminaltest.Pty, *exec.Cmd) {
	t.Helper()
	dir, err := localtest.Programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := terminaltest.OpenPty(columns, 24)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	cmd := exec.Command(filepath.Join(dir, program), args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	if err := p.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return p, cmd
}

// holds waits until every word is on the screen, each on one line and no more.
func holds(t *testing.T, p *terminaltest.Pty, words ...string) {
	t.Helper()
	once := func(screen []string) bool {
		for _, word := range words {
			n := 0
			for _, line := range screen {
				n += strings.Count(line, word)
			}
			if n != 1 {
				return false
			}
		}
		return true
	}
	if !p.WaitFor(time.Minute, once) {
		t.Fatalf("the screen has not each of %q once:\n%s", words, strings.Join(p.Screen(), "\n"))
	}
}

// Ensure each program's block keeps to the terminal's width through all sizes,
// keeps the control room's address and is there once, with the log above it.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("starts programs for each width")
	}
	kinesis, search := serving(t, "-shards", "2")
	source := []string{"-source", "generate:2016-01-05", "-speedup", "600", "-log-level", "debug", "-log-format", "text"}
	for _, c := range []struct {
		program string
		args    []string
		block   []string // once in all that is on the screen and above
		address string
	}{
		{
			"localstack", append([]string{"demo", "-listen", "127.0.0.1:0", "-checkpoint-interval", "200ms"}, source...),
			[]string{"state          ", "event time     ", "sent           ", "events         ", "trips          ", "watermark      ", "watermark lag  ", "windows fired  ", "checkpoints    ", "hottest now    "},
			"control room   http://127.0.0.1:",
		},
		{
			"processor",
			[]string{"-endpoint", kinesis, "-opensearch-endpoint", search, "-listen", "127.0.0.1:0", "-checkpoint-interval", "200ms", "-log-level", "debug"},
			[]string{"state          ", "events         ", "watermark      ", "documents      ", "checkpoints    "},
			"control room   http://127.0.0.1:",
		},
		{"producer", append([]string{"-endpoint", kinesis}, source...), []string{" UTC  "}, ""},
	} {
		for _, columns := range []int{60, 80, 200} {
			t.Run(fmt.Sprintf("%s/%d", c.program, columns), func(t *testing.T) {
				args := c.args
				if c.program == "processor" {
					args = append(args, "-checkpoint-dir", t.TempDir())
				}
				p, cmd := onTerminal(t, columns, c.program, args...)
				words := c.block
				if c.address != "" {
					words = append(words[:len(words):len(words)], c.address)
				}
				holds(t, p, words...)
				for i, width := range []int{columns - 17, 3 * columns / 2, columns} {
					if err := p.Resize(width, 24, i%2 == 0); err != nil {
						t.Fatal(err)
					}
					fits := func(screen []string) bool {
						for _, line := range screen[max(len(screen)-len(words), 0):] {
							if runewidth.StringWidth(line) >= width {
								return false
							}
						}
						return true
					}
					if !p.WaitFor(time.Minute, fits) {
						t.Fatalf("%d columns: wider than the terminal:\n%s", width, strings.Join(p.Screen(), "\n"))
					}
					holds(t, p, words...)
				}
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err != nil {
					t.Fatalf("%v\n%s", err, p.All())
				}
				all := p.All()
				for _, word := range c.block {
					if n := strings.Count(all, word); n > 1 {
						t.Errorf("%d times %q, once is in place:\n%s", n, word, all)
					}
				}
				if c.address != "" && !strings.Contains(all, "level=DEBUG") {
					t.Errorf("no log line passed above the block:\n%s", all)
				}
				if faults := p.Faults(); len(faults) > 0 {
					t.Errorf("the terminal does not understand %q", faults)
				}
			})
		}
	}
}

// Ensure top draws the block of a processor elsewhere in place, and ends with Ctrl-C in
// good order.
func TestTerminal_Top(t *testing.T) {
	kinesis, search := serving(t, "-shards", "2")
	other := start(t, "processor", "-endpoint", kinesis, "-opensearch-endpoint", search, "-listen", "127.0.0.1:0", "-checkpoint-dir", t.TempDir(), "-log-format", "json")
	address := strings.TrimPrefix(other.Address(), "http://")
	p, cmd := onTerminal(t, 80, "processor", "top", "-address", address, "-interval", "100ms")
	holds(t, p, "control room   http://"+address+"/", "state          ", "events         ", "trips          ", "watermark      ", "watermark lag  ", "documents      ")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, p.All())
	}
	if n := strings.Count(p.All(), "documents      "); n != 1 {
		t.Errorf("%d blocks are left, want one:\n%s", n, p.All())
	}
}

// Ensure top reaches a processor behind a token by it alone, shows the token to nobody, and without it or with
// another ends with one line and status 1.
func TestTerminal_TopToken(t *testing.T) {
	kinesis, search := serving(t, "-shards", "2")
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right, wrong := file("medallion-7Q\n"), file("another\n")
	other := start(t, "processor", "-endpoint", kinesis, "-opensearch-endpoint", search, "-listen", "127.0.0.1:0", "-listen-token-file", right, "-checkpoint-dir", t.TempDir(), "-log-format", "json")
	top := []string{"top", "-address", strings.TrimPrefix(other.Address(), "http://"), "-interval", "100ms"}
	for name, args := range map[string][]string{"without a token": top, "with another token": append(top[:len(top):len(top)], "-listen-token-file", wrong)} {
		p, cmd := onTerminal(t, 120, "processor", args...)
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v", name, err)
		}
		p.WaitFor(time.Minute, func(screen []string) bool {
			return strings.Contains(strings.Join(screen, ""), "a Bearer token is needed")
		})
		all := strings.TrimSpace(p.All())
		if !strings.HasPrefix(all, "processor top: ") || !strings.Contains(all, "401 Unauthorized: a Bearer token is needed") || strings.Contains(all, "another\n") || strings.Contains(all, "state          ") {
			t.Errorf("%s it shows\n%s", name, all)
		}
	}
	p, cmd := onTerminal(t, 80, "processor", append(top, "-listen-token-file", right)...)
	holds(t, p, "control room   "+other.Address()+"/", "state          ", "events         ", "documents      ")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, p.All())
	}
	if all := p.All(); strings.Contains(all, "medallion-7Q") || strings.Count(all, "documents      ") != 1 {
		t.Errorf("the token is shown, or not one block is left:\n%s", all)
	}
}
