package telemetry

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Block is a few lines of figures, drawn in place on a terminal and on one line
// elsewhere. It is for one goroutine.
type Block struct {
	Out      io.Writer
	Terminal bool
	drawn    int // lines on the screen
}

// Draw shows the lines over those of the last call, or as one line where there
// is no terminal.
func (b *Block) Draw(lines []string) {
	if !b.Terminal {
		fmt.Fprintln(b.Out, strings.Join(lines, "  "))
		return
	}
	if b.drawn > 0 {
		fmt.Fprintf(b.Out, "\x1b[%dA", b.drawn)
	}
	for _, l := range lines {
		fmt.Fprintf(b.Out, "\x1b[2K%s\n", l)
	}
	b.drawn = len(lines)
}

// Keep leaves what is drawn on the screen; the next lines stand below it.
func (b *Block) Keep() { b.drawn = 0 }

// Group writes a number with separators: 12,345.
func Group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
