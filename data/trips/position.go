package trips

import (
	"io"
	"os"
	"strings"
)

// Meter tells how many bytes, as they are stored, have been read of several
// inputs, and how many there are. It is for one goroutine. A nil Meter tells nobody.
type Meter struct {
	tell func(read, size int64)
	done int64 // of inputs that are read
	size int64 // of all; 0: not known
}

// NewMeter makes the meter of inputs; tell may be nil. size is 0 where it is not known.
func NewMeter(inputs []Input, tell func(read, size int64)) *Meter {
	if tell == nil {
		return nil
	}
	m := &Meter{tell: tell}
	for i := range inputs {
		n := inputs[i].size()
		if n == 0 && len(inputs) > 1 {
			m.size = 0
			break
		}
		m.size += n
	}
	return m
}

// At tells how far an input is.
func (m *Meter) At(r Reader) {
	if m == nil {
		return
	}
	read, size := Position(r)
	if m.size > 0 {
		size = m.size
	} else if m.done > 0 {
		size = 0 // that of one input says nothing of all
	}
	m.tell(m.done+read, size)
}

// Done takes an input as read to its end.
func (m *Meter) Done(r Reader) {
	if m == nil {
		return
	}
	read, size := Position(r)
	m.done += max(read, size)
	m.tell(m.done, m.size)
}

// size is that of a file as it is stored; 0: not known.
func (in *Input) size() int64 {
	if in.stored > 0 || in.kept != nil || strings.Contains(in.Name, "://") {
		return in.stored
	}
	info, err := os.Stat(in.Name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// counted counts what is read of a file that is none of this machine's.
type counted struct {
	io.ReadCloser
	read int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read += int64(n)
	return n, err
}

// Position says how many bytes of an open file have been read, as they are
// stored, and how many there are; size 0: not known.
func Position(r Reader) (read, size int64) {
	n, ok := r.(*named)
	if !ok {
		return 0, 0
	}
	switch f := n.file.(type) {
	case *os.File:
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		read, _ = f.Seek(0, io.SeekCurrent) // a pipe has no position: 0
	case *counted:
		read = f.read
		if s, ok := f.ReadCloser.(interface{ Size() int64 }); ok {
			size = s.Size()
		}
	}
	// Parquet is read by columns, here and there: rows say how far it is.
	if e, ok := n.Reader.(*ended); ok {
		if p, ok := e.Reader.(*parquetReader); ok && size > 0 {
			read = int64(float64(size) * p.part())
		}
	}
	return read, size
}

// part is how much of the rows have been read, 0 to 1.
func (r *parquetReader) part() float64 {
	return float64(r.stats.Rows) / float64(max(r.file.NumRows(), 1))
}
