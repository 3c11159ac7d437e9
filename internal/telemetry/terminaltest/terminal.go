// Package terminaltest is a small terminal for tests: it understands what this
// repository's programs write, knows what is on the screen and what has scrolled
// away, and can be resized the way terminals do it.
//
// A Terminal is for one goroutine.
package terminaltest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Terminal has a screen of Columns by Rows and all lines that scrolled off its top.
type Terminal struct {
	columns, rows int
	lines         []line // all lines since the beginning
	first         int    // of lines on the screen
	row, column   int    // of the cursor; row counts from lines[0]
	pending       bool   // the cursor waits behind the last column
	cuts          bool   // what does not fit into a line is cut, not wrapped
	rest          []byte // an escape sequence or a rune that is not whole yet
	faults        []string
}

// line holds a rune for each column, 0 for the second half of a wide one.
type line struct {
	cells   []rune
	wrapped bool // it goes on in the next line
}

// New makes an empty terminal.
func New(columns, rows int) *Terminal {
	return &Terminal{columns: columns, rows: rows, lines: make([]line, 1)}
}

// Write implements io.Writer; it never fails. See Faults.
func (t *Terminal) Write(p []byte) (int, error) {
	t.rest = append(t.rest, p...)
	for len(t.rest) > 0 {
		n := t.take(t.rest)
		if n == 0 {
			break
		}
		t.rest = t.rest[n:]
	}
	return len(p), nil
}

// Faults are what was written and is not understood.
func (t *Terminal) Faults() []string { return t.faults }

// Screen is what is seen, each line without blanks at its end, less empty lines
// at the bottom.
func (t *Terminal) Screen() []string { return t.text(t.first, min(len(t.lines), t.first+t.rows)) }

// History is what has scrolled off the screen.
func (t *Terminal) History() []string { return t.text(0, t.first) }

// Cursor is the cursor's place on the screen, from 0.
func (t *Terminal) Cursor() (row, column int) { return t.row - t.first, t.column }

func (t *Terminal) text(from, to int) []string {
	var out []string
	for _, l := range t.lines[from:to] {
		var b strings.Builder
		for i, r := range l.cells {
			if r != 0 || i == 0 {
				b.WriteRune(r)
			}
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// Resize changes the size. With reflow a line that was wrapped, or is too long
// now, is wrapped anew, as most terminals do it; without, what lies beyond the
// last column is lost, as in xterm. The cursor stays with its text.
func (t *Terminal) Resize(columns, rows int, reflow bool) {
	t.columns, t.rows, t.pending = columns, rows, false
	if reflow {
		t.reflow()
	} else {
		for i := range t.lines {
			t.lines[i].cells = t.lines[i].cells[:min(len(t.lines[i].cells), columns)]
		}
		t.column = min(t.column, columns-1)
	}
	t.first = max(t.first, t.row-t.rows+1)
}

// reflow wraps every line anew.
func (t *Terminal) reflow() {
	var out []line
	row, column, first := 0, 0, 0
	for i := 0; i < len(t.lines); {
		var all []rune
		at := -1 // of the cursor, in the joined line
		for wrapped := true; wrapped && i < len(t.lines); i++ {
			if i == t.first {
				first = len(out)
			}
			if i == t.row {
				at = len(all) + t.column
			}
			all = append(all, t.lines[i].cells...)
			wrapped = t.lines[i].wrapped
		}
		if at >= 0 {
			row, column = len(out)+at/t.columns, at%t.columns
		}
		for len(all) > t.columns {
			out = append(out, line{all[:t.columns:t.columns], true})
			all = all[t.columns:]
		}
		out = append(out, line{cells: all})
	}
	t.lines, t.row, t.column, t.first = out, row, column, first
}

// take handles the first thing in b and says how long it is; 0: it is not whole.
func (t *Terminal) take(b []byte) int {
	switch c := b[0]; {
	case c == 0x1b:
		return t.escape(b)
	case c == '\r':
		t.column, t.pending = 0, false
	case c == '\n':
		t.down()
	case c < ' ' || c == 0x7f:
		t.faults = append(t.faults, fmt.Sprintf("control character %#x", c))
	default:
		return t.letter(b)
	}
	return 1
}

func (t *Terminal) letter(b []byte) int {
	if !utf8.FullRune(b) {
		return 0
	}
	r, size := utf8.DecodeRune(b)
	width := runewidth.RuneWidth(r)
	switch full := t.pending && width > 0 || t.column+width > t.columns; {
	case full && t.cuts:
		t.column = max(t.columns-width, 0)
	case full:
		t.lines[t.row].wrapped = true
		t.down()
		t.column = 0
	}
	t.put(r, width)
	return size
}

func (t *Terminal) put(r rune, width int) {
	l := &t.lines[t.row]
	for len(l.cells) < t.column+width {
		l.cells = append(l.cells, ' ')
	}
	for i := range width {
		l.cells[t.column+i] = 0
	}
	if width > 0 {
		l.cells[t.column] = r
	}
	t.column += width
	if t.column >= t.columns {
		t.column, t.pending = t.columns-1, true
	}
}

// down goes to the next line; at the bottom the screen scrolls.
func (t *Terminal) down() {
	t.pending = false
	if t.row++; t.row == len(t.lines) {
		t.lines = append(t.lines, line{})
	}
	t.first = max(t.first, t.row-t.rows+1)
}

// escape handles a sequence that begins with ESC [.
func (t *Terminal) escape(b []byte) int {
	end := 2
	for end < len(b) && (b[end] < '@' || b[end] > '~') {
		end++
	}
	if end >= len(b) {
		return 0
	}
	arguments, kind := string(b[2:end]), b[end]
	if b[1] == '[' && arguments == "?7" && (kind == 'l' || kind == 'h') {
		t.cuts = kind == 'l'
		return end + 1
	}
	n, err := strconv.Atoi(arguments)
	if b[1] != '[' || err != nil && arguments != "" {
		kind = 0
	}
	t.pending = false
	switch {
	case kind == 'A':
		t.row = max(t.row-max(n, 1), t.first)
	case kind == 'K' && n == 0:
		t.erase(t.row, t.column)
	case kind == 'K' && n == 2:
		t.erase(t.row, 0)
	case kind == 'J' && n == 0:
		t.erase(t.row, t.column)
		for row := t.row + 1; row < len(t.lines); row++ {
			t.erase(row, 0)
		}
	default:
		t.faults = append(t.faults, fmt.Sprintf("escape sequence %q", b[:end+1]))
	}
	return end + 1
}

func (t *Terminal) erase(row, from int) {
	l := &t.lines[row]
	l.cells, l.wrapped = l.cells[:min(len(l.cells), from)], false
}
