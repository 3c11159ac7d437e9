package trips

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// errBehind is what stands behind the last member of a damaged file.
var errBehind = errors.New("what follows is neither another member nor padding")

// begins reports whether head begins with one of the texts.
func begins(head []byte, with ...string) bool {
	for _, text := range with {
		if strings.HasPrefix(string(head), text) {
			return true
		}
	}
	return false
}

// another reports whether one more member follows. Skippable frames are passed
// over, and so are zero bytes up to the end, with which tapes and downloads are
// padded; anything else is an error.
func another(b *bufio.Reader, magic ...string) (bool, error) {
	if _, err := skipFrames(b); err != nil {
		return false, err
	}
	head, err := b.Peek(16)
	switch {
	case len(head) == 0:
		if err == io.EOF {
			err = nil
		}
		return false, err
	case begins(head, magic...):
		return true, nil
	}
	for {
		c, err := b.ReadByte()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case c != 0:
			return false, errBehind
		}
	}
}

// skipFrames passes over the skippable frames of zstd and lz4.
func skipFrames(b *bufio.Reader) (skipped bool, err error) {
	for {
		head, err := b.Peek(8)
		if !isSkippable(head) {
			return skipped, nil
		}
		if len(head) < 8 {
			return true, short(err)
		}
		if err := discard(b, 8+int64(binary.LittleEndian.Uint32(head[4:]))); err != nil {
			return true, err
		}
		skipped = true
	}
}

func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

func discard(b *bufio.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, b, n)
	return short(err)
}

// short is the error of a file that ends too early.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// gzipMembers reads one member after another.
type gzipMembers struct {
	b      *bufio.Reader
	z      *gzip.Reader
	inside bool
}

// Read implements io.Reader.
func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		if !g.inside {
			more, err := another(g.b, "\x1f\x8b")
			if err != nil {
				return 0, err
			}
			if !more {
				return 0, io.EOF
			}
			if err := g.z.Reset(g.b); err != nil {
				return 0, short(err)
			}
			g.z.Multistream(false)
			g.inside = true
		}
		n, err := g.z.Read(p)
		if err == io.EOF {
			g.inside = false
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

// lz4Frames reads one frame after another.
type lz4Frames struct {
	b      *bufio.Reader
	z      *lz4.Reader
	inside bool
}

// Read implements io.Reader.
func (l *lz4Frames) Read(p []byte) (int, error) {
	for {
		if !l.inside {
			more, err := another(l.b, lz4Magic, lz4Legacy)
			if err != nil {
				return 0, err
			}
			if !more {
				return 0, io.EOF
			}
			l.z.Reset(&frames{b: l.b, part: new(lz4Frame).part})
			l.inside = true
		}
		n, err := l.z.Read(p)
		if err == io.EOF {
			l.inside = false
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

// bzip2Streams hides the padding from the decompressor, which takes every byte
// behind a stream for another one's: at the end of a file that ends in zeros it
// gives two more, so that the decompressor says of padding of any length that
// it is no stream.
type bzip2Streams struct {
	b     *bufio.Reader
	z     io.Reader
	zeros int // read last
	added int
}

// ReadByte implements io.ByteReader.
func (s *bzip2Streams) ReadByte() (byte, error) {
	c, err := s.b.ReadByte()
	if err == io.EOF && s.zeros > 0 && s.added < 2 {
		s.added++
		c, err = 0, nil
	}
	s.zeros++
	if c != 0 {
		s.zeros = 0
	}
	return c, err
}

// Read implements io.Reader for the decompressor, which does not use it.
func (s *bzip2Streams) Read(p []byte) (int, error) { return s.b.Read(p) }

// bzip2Plain is what the streams hold.
type bzip2Plain struct{ *bzip2Streams }

// Read implements io.Reader.
func (s bzip2Plain) Read(p []byte) (int, error) {
	n, err := s.z.Read(p)
	if errors.Is(err, bzip2.StructuralError("bad magic value in continuation file")) {
		if s.zeros < 2 {
			return n, errBehind
		}
		if _, err = another(s.b); err == nil {
			err = io.EOF
		}
	}
	return n, err
}

// xzStreams remembers how the file ends: the decompressor takes an end between
// two blocks for the end of the stream.
type xzStreams struct {
	b    *bufio.Reader
	z    io.Reader
	last [2]byte // without the zeros behind them, which pad
}

func (x *xzStreams) note(b ...byte) {
	b = bytes.TrimRight(b, "\x00")
	if n := len(b); n > 1 {
		x.last = [2]byte(b[n-2:])
	} else if n == 1 {
		x.last = [2]byte{x.last[1], b[0]}
	}
}

// Read implements io.Reader for the decompressor.
func (x *xzStreams) Read(p []byte) (int, error) {
	n, err := x.b.Read(p)
	x.note(p[:n]...)
	return n, err
}

// ReadByte implements io.ByteReader for the decompressor.
func (x *xzStreams) ReadByte() (byte, error) {
	c, err := x.b.ReadByte()
	if err == nil {
		x.note(c)
	}
	return c, err
}

// xzPlain is what the streams hold.
type xzPlain struct{ *xzStreams }

// Read implements io.Reader.
func (x xzPlain) Read(p []byte) (int, error) {
	n, err := x.z.Read(p)
	if err == io.EOF && string(x.last[:]) != "YZ" {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// allZero reports whether a chunk's head can only be padding.
func allZero(head []byte) bool { return len(bytes.Trim(head, "\x00")) == 0 }
