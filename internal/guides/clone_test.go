//go:build guides

package guides_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// limit is the time that a command may take on a slow machine.
const limit = 5 * time.Minute

// clone is a fresh clone of the repository's last commit.
type clone struct {
	t   *testing.T
	dir string
	env []string
}

func newClone(t *testing.T, env ...string) *clone {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.Command("git", "clone", "-q", root, dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	if out, _ := exec.Command("git", "-C", root, "status", "--porcelain").Output(); len(out) > 0 {
		t.Logf("what is not committed is not tried:\n%s", out)
	}
	return &clone{t, dir, append(os.Environ(), append(env, "TMPDIR="+t.TempDir())...)}
}

// session is a shell that runs commands, in a group of its own as in a terminal.
type session struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *session) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *session) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// start gives lines to a shell, which ends at the first that fails.
func (c *clone) start(name string, lines ...string) *session {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	s := &session{t: c.t, name: name, ended: make(chan struct{})}
	s.cmd = exec.CommandContext(ctx, "bash", "-e", "-c", strings.Join(lines, "\n"))
	s.cmd.Dir, s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = c.dir, c.env, s, s
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Cancel = func() error { return s.signal(syscall.SIGKILL) }
	if err := s.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	c.t.Cleanup(func() {
		cancel()
		<-s.ended
	})
	return s
}

// signal reaches every program of the session, as Ctrl-C does.
func (s *session) signal(sig syscall.Signal) error { return syscall.Kill(-s.cmd.Process.Pid, sig) }

// says waits until it has printed a text.
func (s *session) says(text string) {
	s.t.Helper()
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.ended:
			if !strings.Contains(s.String(), text) {
				s.t.Fatalf("%s ended, %v, and never said %q:\n%s", s.name, s.err, text, s)
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// wait returns what it printed, once it has ended well.
func (s *session) wait() string {
	s.t.Helper()
	if <-s.ended; s.err != nil {
		s.t.Fatalf("%s: %v\n%s", s.name, s.err, s)
	}
	return s.String()
}

// failed is what go run or make say of a program that did not end well.
var failed = regexp.MustCompile(`exit status \d|signal: |Error \d|panic: `)

// stop is Ctrl-C, on which the program ends in order. The statuses of go run, of
// make and of the shell only tell that they were interrupted.
func (s *session) stop() {
	s.t.Helper()
	if err := s.signal(syscall.SIGINT); err != nil {
		s.t.Fatal(err)
	}
	<-s.ended
	if said := failed.FindString(s.String()); said != "" {
		s.t.Errorf("%s says %q when it is interrupted:\n%s", s.name, said, s)
	}
}
