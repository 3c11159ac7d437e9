package trips

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// maxLine is the longest line that is read; a longer one is a bad row.
const maxLine = 1 << 20

var errLongLine = errors.New("line too long")

// byteOrderMark is U+FEFF in UTF-8. Editors put it before the first line, and
// whoever joins such files leaves it before others.
const byteOrderMark = "\xef\xbb\xbf"

// lines reads lines without their ends and counts them from 1. A line ends with
// LF, CR LF or CR, in any mixture, or with the file.
//
// What is read and not yet given is buf[at:end]; err is what the reader said
// behind it. The next CR stands at cr; without one there cr is at least end, and
// below at it has to be looked for.
type lines struct {
	r       io.Reader
	buf     []byte
	at, end int
	cr      int
	afterCR bool // the last line ended with a CR at the end of buf: an LF belongs to it
	err     error
	row     int64
	// verbatim: only LF ends a line, and a byte-order mark belongs to it.
	verbatim bool
}

// lineBuffer is what is read at a time.
const lineBuffer = 256 << 10

func newLines(r io.Reader) *lines { return &lines{r: r, buf: make([]byte, lineBuffer), cr: -1} }

// next returns the next line, valid until the next call. A line beyond maxLine
// is passed over, with its beginning and errLongLine returned.
func (l *lines) next() ([]byte, error) {
	for searched := l.at; ; {
		if stop := l.stop(searched); stop < l.end {
			line := l.buf[l.at:stop]
			l.pass(stop)
			l.row++
			return l.unmarked(line), nil
		}
		switch {
		case l.err != nil && l.at < l.end && l.err == io.EOF:
			line := l.buf[l.at:l.end]
			l.at = l.end
			l.row++
			return l.unmarked(line), nil
		case l.err != nil:
			return nil, l.err
		case l.end-l.at > maxLine:
			return l.skipLong()
		}
		searched = l.end - l.at
		l.fill()
		searched += l.at
	}
}

// stop is where the line ends whose bytes up to searched hold no end, or l.end.
func (l *lines) stop(searched int) int {
	if l.verbatim {
		return index(l.buf[:l.end], searched, '\n')
	}
	if l.cr < searched {
		l.cr = index(l.buf[:l.end], searched, '\r')
	}
	return min(l.cr, index(l.buf[:l.end], searched, '\n'))
}

// index is where c stands in b at or behind from, or the length of b.
func index(b []byte, from int, c byte) int {
	if at := bytes.IndexByte(b[from:], c); at >= 0 {
		return from + at
	}
	return len(b)
}

// pass goes behind the line's end at stop.
func (l *lines) pass(stop int) {
	l.at = stop + 1
	if l.buf[stop] == '\r' {
		if l.afterCR = l.at == l.end; !l.afterCR && l.buf[l.at] == '\n' {
			l.at++
		}
	}
}

// fill reads more behind what is there, which moves to the front of buf, and
// makes room for a longer line.
func (l *lines) fill() {
	if l.at > 0 {
		l.end = copy(l.buf, l.buf[l.at:l.end])
		l.at = 0
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	l.cr = -1
	var n int
	for tries := 0; n == 0 && l.err == nil; tries++ {
		n, l.err = l.r.Read(l.buf[l.end:])
		if tries == 100 && l.err == nil {
			l.err = io.ErrNoProgress
		}
	}
	l.end += n
	if l.afterCR && n > 0 {
		l.afterCR = false
		if l.buf[l.at] == '\n' {
			l.at++
		}
	}
}

// skipLong passes over a line beyond maxLine.
func (l *lines) skipLong() ([]byte, error) {
	start := bytes.Clone(l.buf[l.at : l.at+keepText])
	for {
		stop := l.stop(l.at)
		if stop < l.end {
			l.pass(stop)
			break
		}
		l.at = l.end
		if l.err == io.EOF {
			break
		}
		if l.err != nil {
			return nil, l.err
		}
		l.fill()
	}
	l.row++
	return start, errLongLine
}

// peek is the next line that is not blank, without its end, or as much of it as
// is read at a time. Nothing is passed over. At the end of the file it is empty.
func (l *lines) peek() ([]byte, error) {
	for {
		text := bytes.TrimLeft(unmarked(l.buf[l.at:l.end]), " \t\r\n")
		if at := bytes.IndexAny(text, "\r\n"); at >= 0 {
			return text[:at], nil
		}
		if l.err == nil && l.end-l.at < lineBuffer {
			l.fill()
			continue
		}
		if l.err != nil && l.err != io.EOF && len(text) == 0 {
			return nil, l.err
		}
		return text, nil
	}
}

// rest is all that is not yet given.
func (l *lines) rest() io.Reader {
	if l.err != nil {
		return io.MultiReader(bytes.NewReader(l.buf[l.at:l.end]), failing{l.err})
	}
	return io.MultiReader(bytes.NewReader(l.buf[l.at:l.end]), l.r)
}

// failing is a reader at its end.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (l *lines) unmarked(line []byte) []byte {
	if l.verbatim {
		return line
	}
	return unmarked(line)
}

// unmarked is a line without a byte-order mark.
func unmarked(line []byte) []byte {
	if len(line) >= len(byteOrderMark) && line[0] == byteOrderMark[0] && string(line[:len(byteOrderMark)]) == byteOrderMark {
		return line[len(byteOrderMark):]
	}
	return line
}

func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// validText is utf8.Valid with a quick way through ASCII.
func validText(b []byte) bool {
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		if binary.LittleEndian.Uint64(rest)&highBit != 0 {
			return utf8.Valid(b)
		}
	}
	for _, c := range rest {
		if c >= utf8.RuneSelf {
			return utf8.Valid(b)
		}
	}
	return true
}

func (l *lines) number() int64 { return l.row }
