package terminaltest

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// Pty is a Terminal that programs write to through a pseudo-terminal of the
// system. It is safe for several goroutines.
type Pty struct {
	TTY    *os.File // the programs' side
	master *os.File
	ended  chan struct{} // closed when nothing more can come

	mu       sync.Mutex
	terminal *Terminal
	changed  chan struct{} // closed at the next change
}

// OpenPty makes a pseudo-terminal of a size. Close it.
func OpenPty(columns, rows int) (*Pty, error) {
	master, tty, err := pty.Open()
	if err != nil {
		return nil, err
	}
	p := &Pty{TTY: tty, master: master, ended: make(chan struct{}), terminal: New(columns, rows), changed: make(chan struct{})}
	if err := p.Resize(columns, rows, false); err != nil {
		p.Close()
		return nil, err
	}
	go p.read()
	return p, nil
}

func (p *Pty) read() {
	defer close(p.ended)
	buf := make([]byte, 4096)
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		_, _ = p.terminal.Write(buf[:n]) // never fails
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Start runs a program whose terminal this is, so that it is told of a new size.
func (p *Pty) Start(cmd *exec.Cmd) error {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.TTY, p.TTY, p.TTY
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return cmd.Start()
}

// Resize changes the size, as Terminal.Resize does, between two lines that a
// program writes: in the middle of one no program can tell where its cursor is.
func (p *Pty) Resize(columns, rows int, reflow bool) error {
	timeout := time.NewTimer(10 * time.Second)
	defer timeout.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for over := false; !over && (p.terminal.column > 0 || len(p.terminal.rest) > 0); {
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-timeout.C:
			over = true
		}
		p.mu.Lock()
	}
	p.terminal.Resize(columns, rows, reflow)
	return pty.Setsize(p.master, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
}

// Screen is the Terminal's.
func (p *Pty) Screen() []string { p.mu.Lock(); defer p.mu.Unlock(); return p.terminal.Screen() }

// History is the Terminal's.
func (p *Pty) History() []string { p.mu.Lock(); defer p.mu.Unlock(); return p.terminal.History() }

// Faults is the Terminal's.
func (p *Pty) Faults() []string { p.mu.Lock(); defer p.mu.Unlock(); return p.terminal.Faults() }

// All is everything that was written and not erased, a line each.
func (p *Pty) All() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.terminal.History(), p.terminal.Screen()...), "\n")
}

// WaitFor waits until what is on the screen is as it should be; false: it was
// not, for all of the time.
func (p *Pty) WaitFor(limit time.Duration, ok func(screen []string) bool) bool {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		p.mu.Lock()
		changed, screen := p.changed, p.terminal.Screen()
		p.mu.Unlock()
		if ok(screen) {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		}
	}
}

// Close ends the pseudo-terminal; what was written is still there to be seen.
func (p *Pty) Close() {
	p.TTY.Close()
	p.master.Close()
}
