package app

import (
	"io"
	"sync"
)

// line is the last line of a terminal, which is written again and again. Logs
// that are written through it appear above.
type line struct {
	mu       sync.Mutex
	out, err io.Writer
	text     string
}

// clearLine goes to the line's beginning and wipes it.
const clearLine = "\r\x1b[K"

// show replaces the line.
func (l *line) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = text
	io.WriteString(l.out, clearLine+text)
}

// Write writes whole lines of the log.
func (l *line) Write(log []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.out, clearLine)
	n, err := l.err.Write(log)
	io.WriteString(l.out, l.text)
	return n, err
}
