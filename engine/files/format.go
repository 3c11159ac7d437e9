package files

import (
	"bytes"
	"errors"
	"io"

	"taxistream/engine"
)

// Format says what a file holds. It is safe for many goroutines; an Encoder is for one.
type Format[T any] interface {
	// Extension ends the names of the files, its dot included.
	Extension() string
	// Encoder begins a file.
	Encoder(w io.Writer) Encoder[T]
}

// Encoder writes one file.
type Encoder[T any] interface {
	Encode(e *engine.Element[T]) error
	// Close writes what ends the file. It does not close what it writes to.
	Close() error
}

// Lines is a format of one line an element, as Source reads. appendLine appends it to b, without line feed.
func Lines[T any](extension string, appendLine func(b []byte, e *engine.Element[T]) ([]byte, error)) Format[T] {
	return lines[T]{extension, appendLine}
}

type lines[T any] struct {
	extension string
	append    func(b []byte, e *engine.Element[T]) ([]byte, error)
}

// Extension implements Format.
func (l lines[T]) Extension() string { return l.extension }

// Encoder implements Format.
func (l lines[T]) Encoder(w io.Writer) Encoder[T] { return &lineEncoder[T]{lines: l, w: w} }

type lineEncoder[T any] struct {
	lines[T]
	w    io.Writer
	line []byte
}

// Encode implements Encoder.
func (l *lineEncoder[T]) Encode(e *engine.Element[T]) (err error) {
	if l.line, err = l.append(l.line[:0], e); err != nil {
		return err
	}
	if bytes.IndexByte(l.line, '\n') >= 0 {
		return errors.New("a line feed is within a line")
	}
	l.line = append(l.line, '\n')
	_, err = l.w.Write(l.line)
	return err
}

// Close implements Encoder.
func (l *lineEncoder[T]) Close() error { return nil }
