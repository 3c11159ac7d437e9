package trips

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// elements gives the elements of a JSON array, or objects that are not one to a
// line, as lines are given. Behind an error in the text nothing can be found
// again, so that it ends the file. It counts them from 1.
type elements struct {
	dec    *json.Decoder
	array  bool
	inside bool // of the array
	limit  *limited
	raw    json.RawMessage
	row    int64
}

func newElements(r io.Reader, array bool) *elements {
	limit := &limited{r: r, left: elementLimit}
	return &elements{dec: json.NewDecoder(limit), array: array, limit: limit}
}

// elementLimit bounds what is read ahead and kept of one element.
const elementLimit = 4 * maxLine

// next returns the next element in one line, valid until the next call.
func (e *elements) next() ([]byte, error) {
	e.limit.left = elementLimit
	err := e.step()
	switch {
	case err == io.EOF && e.inside:
		err = io.ErrUnexpectedEOF
	case err == nil:
		e.row++
		return bytes.TrimSpace(e.raw), nil
	case err == io.EOF:
		return nil, err
	}
	return nil, fmt.Errorf("JSON: near byte %d: %w", e.dec.InputOffset(), err)
}

func (e *elements) step() error {
	e.raw = e.raw[:0]
	if !e.array {
		return e.dec.Decode(&e.raw)
	}
	for !e.inside || !e.dec.More() {
		token, err := e.dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['):
			e.inside = true
		case json.Delim(']'):
			e.inside = false
		default:
			return fmt.Errorf("%v behind the array", token)
		}
	}
	return e.dec.Decode(&e.raw)
}

func (e *elements) number() int64 { return e.row }

// limited ends with an error when more is read than may be.
type limited struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("an element longer than 4 MiB")
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
