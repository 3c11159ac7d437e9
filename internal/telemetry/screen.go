package telemetry

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"unicode"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// Screen is a terminal whose last lines are a block of figures, drawn again and
// again in its place and cut to the terminal's size; whatever else is printed
// passes above it. Where the output is no terminal nothing is drawn, and what is
// printed goes straight through. It is safe for several goroutines.
//
// Invariant: while a block is drawn, the cursor stands at its first column of its
// first line. A terminal that is resized keeps the cursor with its text, whether
// or not it wraps lines anew, so "erase from the cursor on" takes away the block
// and nothing above it, in every size.
type Screen struct {
	out      io.Writer
	terminal bool
	size     func() (columns, rows int)
	resized  chan os.Signal

	mu    sync.Mutex
	lines []string // of the block, not cut; nil: none is drawn
}

const (
	// eraseBlock goes to the beginning of the line and erases all that follows.
	eraseBlock = "\r\x1b[J"
	// eraseLine erases the line that the cursor is in.
	eraseLine = "\x1b[2K"
	// wrapOff lets the terminal cut what is too long: where it becomes narrower between
	// the look at its size and the writing, a wrapped line would move the block down.
	wrapOff  = "\x1b[?7l"
	wrapOn   = "\x1b[?7h"
	ellipsis = "…"
)

// OpenScreen makes the screen of a program's standard output or error. Close
// leaves the terminal in order.
func OpenScreen(out io.Writer) *Screen {
	s := &Screen{out: out, terminal: IsTerminal(out)}
	if !s.terminal {
		return s
	}
	fd := int(out.(*os.File).Fd())
	s.size = func() (columns, rows int) {
		columns, rows, err := term.GetSize(fd)
		if err != nil || columns < 1 || rows < 1 {
			return 80, 24
		}
		return columns, rows
	}
	s.resized = make(chan os.Signal, 1)
	signal.Notify(s.resized, syscall.SIGWINCH)
	go func() { // ends with Close
		for range s.resized {
			s.redraw()
		}
	}()
	return s
}

// Terminal reports whether blocks are drawn.
func (s *Screen) Terminal() bool { return s.terminal }

// Draw shows a block in place of the last one.
func (s *Screen) Draw(lines []string) {
	if !s.terminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = slices.Clone(lines)
	s.draw()
}

// Keep leaves the block on the screen for good; what comes next stands below it.
func (s *Screen) Keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.cut()); n > 0 {
		io.WriteString(s.out, strings.Repeat("\r\n", n))
	}
	s.lines = nil
}

// Clear takes the block away.
func (s *Screen) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines != nil {
		io.WriteString(s.out, eraseBlock)
	}
	s.lines = nil
}

// Close takes the block away, unless it was kept, and follows the terminal's
// size no longer. A closed screen prints still; it is closed once.
func (s *Screen) Close() {
	s.Clear()
	if s.resized != nil {
		signal.Stop(s.resized)
		close(s.resized)
	}
}

// Write prints whole lines above the block.
func (s *Screen) Write(text []byte) (int, error) { return s.above(s.out, text) }

// Logs is the writer for whole lines that go to another output, such as standard
// error: above the block where that is a terminal, too, else straight there.
func (s *Screen) Logs(w io.Writer) io.Writer {
	if !s.terminal || !IsTerminal(w) {
		return w
	}
	return &logs{s, w}
}

// logs are the lines that pass above a screen's block.
type logs struct {
	screen *Screen
	w      io.Writer
}

// Write implements io.Writer.
func (l *logs) Write(text []byte) (int, error) { return l.screen.above(l.w, text) }

func (s *Screen) above(w io.Writer, text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines != nil {
		io.WriteString(s.out, eraseBlock)
	}
	n, err := w.Write(text)
	if s.lines != nil {
		s.draw()
	}
	return n, err
}

func (s *Screen) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines != nil {
		s.draw()
	}
}

// draw writes the block over the one that is there and goes back to its
// beginning. The lock is held.
func (s *Screen) draw() {
	lines := s.cut()
	var b strings.Builder
	b.WriteString(wrapOff)
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString("\r" + eraseLine + line)
	}
	b.WriteString("\x1b[J\r" + wrapOn) // what is left of a longer or wider one
	if up := len(lines) - 1; up > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", up)
	}
	io.WriteString(s.out, b.String())
}

// cut is the block as it fits the terminal: a column is left free, so that the
// cursor never waits behind the last one, and a row for what passes above. The
// lock is held.
func (s *Screen) cut() []string {
	if s.lines == nil {
		return nil
	}
	columns, rows := s.size()
	lines := slices.Clone(s.lines[:min(len(s.lines), max(rows-1, 1))])
	for i, line := range lines {
		lines[i] = cutLine(line, columns-1)
	}
	return lines
}

// cutLine shortens a line to so many columns; a wide rune takes two, and one that
// moves the cursor is left out.
func cutLine(line string, columns int) string {
	line = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, line)
	if runewidth.StringWidth(line) <= columns {
		return line
	}
	return runewidth.Truncate(line, max(columns, 0), ellipsis)
}
