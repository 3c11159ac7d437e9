package trips

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// maxLine is the longest line that is read; a longer one is a bad row.
const maxLine = 1 << 20

var errLongLine = errors.New("line too long")

// lines reads lines without their ends and counts them from 1.
type lines struct {
	r    *bufio.Reader
	row  int64
	long []byte // a line that did not fit the buffer
}

// next returns the next line, valid until the next call. A line beyond maxLine
// is passed over, with its beginning and errLongLine returned.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if err == nil {
		l.row++
		return trimEnd(line), nil
	}
	if err == io.EOF {
		if len(line) == 0 {
			return nil, io.EOF
		}
		l.row++
		return trimEnd(line), nil
	}
	if err != bufio.ErrBufferFull {
		return nil, err
	}
	l.long = append(l.long[:0], line...)
	for err == bufio.ErrBufferFull {
		line, err = l.r.ReadSlice('\n')
		if len(l.long) <= maxLine {
			l.long = append(l.long, line...)
		}
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	l.row++
	if len(l.long) > maxLine {
		return l.long[:keepText], errLongLine
	}
	return trimEnd(l.long), nil
}

func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\r'})
}

func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }

// validText is utf8.Valid with a quick way through ASCII.
func validText(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return utf8.Valid(b)
		}
	}
	return true
}
