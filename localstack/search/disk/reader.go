package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reader reads records by their places, most cheaply in the order of the log. It
// keeps what it read last, and belongs to one goroutine.
type Reader struct {
	of     *segment // nil: the window is empty
	from   int64
	window []byte
}

const (
	ahead  = 64 << 10 // is read where reading goes on from the window
	beside = 4 << 10  // is read elsewhere, and holds most records
)

// Read gives the payload at p, until the next call.
func (r *Reader) Read(l *Log, p Place) ([]byte, error) {
	s := l.file(p.number())
	if s == nil {
		return nil, fmt.Errorf("there is no file %d", p.number())
	}
	if p.offset() >= s.size {
		payload, _, ok := whole(s.pending[p.offset()-s.size:])
		if !ok {
			return nil, errors.New("a record that is not yet written is damaged")
		}
		return payload, nil
	}
	want := int64(headBytes)
	for {
		if !r.holds(s, p.offset(), want) {
			if err := r.fill(s, p, want); err != nil {
				return nil, fmt.Errorf("read %s at byte %d: %w", s.f.Name(), p.offset(), err)
			}
		}
		b := r.window[p.offset()-r.from:]
		if want = headBytes + int64(binary.LittleEndian.Uint32(b[4:])); int64(len(b)) < want {
			continue
		}
		payload, _, ok := whole(b)
		if !ok {
			r.of = nil
			return nil, fmt.Errorf("the record in %s at byte %d is damaged", s.f.Name(), p.offset())
		}
		return payload, nil
	}
}

func (r *Reader) holds(s *segment, offset, n int64) bool {
	return r.of == s && offset >= r.from && offset+n <= r.from+int64(len(r.window))
}

// fill reads the window anew, at least n bytes from p.
func (r *Reader) fill(s *segment, p Place, n int64) error {
	end := r.from + int64(len(r.window))
	size := max(n, beside)
	if r.of == s && p.offset() >= r.from && p.offset() <= end+ahead {
		size = max(n, ahead)
	}
	size = min(size, s.size-p.offset())
	if int64(cap(r.window)) < size {
		r.window = make([]byte, size)
	}
	r.of, r.from, r.window = s, p.offset(), r.window[:size]
	read, err := s.f.ReadAt(r.window, r.from)
	if r.window = r.window[:read]; int64(read) >= n {
		return nil
	}
	r.of = nil
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
