package backfill

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
)

// merge writes the lines of an alias's parts in the order of their bytes, which is that of their ids.
func (e *export) merge(alias string, w io.Writer) error {
	if from, err := e.only(alias); from != nil || err != nil {
		if err == nil {
			_, err = io.Copy(w, from)
		}
		return err
	}
	var heads []*lines
	for name, p := range e.parts {
		if !strings.HasPrefix(name, alias+".") {
			continue
		}
		l, err := p.lines(strings.HasPrefix(name, alias+"."+negative+"."))
		if err != nil {
			return err
		}
		heads = append(heads, l)
	}
	for {
		heads = slices.DeleteFunc(heads, func(l *lines) bool { return len(l.line) == 0 })
		if len(heads) == 0 {
			return nil
		}
		least := slices.MinFunc(heads, func(a, b *lines) int { return bytes.Compare(a.line, b.line) })
		if _, err := w.Write(least.line); err != nil {
			return err
		}
		if err := least.next(); err != nil {
			return err
		}
	}
}

// only is the one part that an alias has, at its beginning, if its lines are in order as they are; nil: it is not so.
func (e *export) only(alias string) (from io.Reader, err error) {
	for name, p := range e.parts {
		switch {
		case !strings.HasPrefix(name, alias+"."):
		case from != nil || strings.HasPrefix(name, alias+"."+negative+"."):
			return nil, nil
		default:
			if _, err := p.f.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
			from = p.f
		}
	}
	return from, nil
}

// lines is one part while it is merged; at its end line is empty.
type lines struct {
	r    *bufio.Reader
	line []byte // until the next
	long []byte // keeps one that is longer than the reader's buffer
}

// lines begins to read a part, whose lines may not be in the order of their bytes: then they are few.
func (p *part) lines(unsorted bool) (*lines, error) {
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	l := &lines{r: bufio.NewReaderSize(p.f, 1<<18)}
	if unsorted {
		all, err := io.ReadAll(l.r)
		if err != nil {
			return nil, err
		}
		l.r = bufio.NewReader(bytes.NewReader(bytes.Join(slices.SortedFunc(bytes.Lines(all), bytes.Compare), nil)))
	}
	return l, l.next()
}

func (l *lines) next() (err error) {
	if l.line, err = l.r.ReadSlice('\n'); err == bufio.ErrBufferFull {
		l.long = append(l.long[:0], l.line...)
		var rest []byte
		rest, err = l.r.ReadBytes('\n')
		l.long = append(l.long, rest...)
		l.line = l.long
	}
	if err == io.EOF {
		err = nil
	}
	return err
}
