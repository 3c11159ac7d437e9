package trips

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// frames gives the frames of a compressed file to its decompressor, without
// what may stand between and behind them: decompressors take padding for
// damage, and an end between two blocks for the end.
type frames struct {
	b    *bufio.Reader
	left int64 // of the part being given
	// part returns the length of the next part of the file that is not yet read,
	// and io.EOF at its end.
	part func(b *bufio.Reader) (int64, error)
}

// Read implements io.Reader.
func (f *frames) Read(p []byte) (int, error) {
	for f.left == 0 {
		var err error
		if f.left, err = f.part(f.b); err != nil {
			return 0, err
		}
	}
	if int64(len(p)) > f.left {
		p = p[:f.left]
	}
	n, err := f.b.Read(p)
	f.left -= int64(n)
	return n, short(err)
}

// peek is the next n bytes, all of which must be there.
func peek(b *bufio.Reader, n int) ([]byte, error) {
	head, err := b.Peek(n)
	return head, short(err)
}

// place says where in a frame its reader stands.
type place int

const (
	between  place = iota // before a frame, or behind the last
	blocks                // before a block
	checksum              // behind the last block
)

// zstdFrame cuts frames of zstd (RFC 8878, 3.1.1).
type zstdFrame struct {
	at       place
	checksum bool
}

func (z *zstdFrame) part(b *bufio.Reader) (int64, error) {
	switch {
	case z.at == checksum && z.checksum:
		z.at = between
		return 4, nil
	case z.at != blocks:
		more, err := another(b, "\x28\xb5\x2f\xfd")
		if err == nil && !more {
			err = io.EOF
		}
		if err != nil {
			return 0, err
		}
		head, err := peek(b, 5)
		if err != nil { // wrapped: the decompressor takes a plain one before a frame for the end of the file
			return 0, fmt.Errorf("a frame without its header: %w", err)
		}
		z.at, z.checksum = blocks, head[4]&4 != 0
		return zstdHead(head[4]), nil
	}
	head, err := peek(b, 3)
	if err != nil {
		return 0, err
	}
	if head[0]&1 != 0 {
		z.at = checksum
	}
	size := int64(head[0])>>3 | int64(head[1])<<5 | int64(head[2])<<13
	switch head[0] >> 1 & 3 {
	case 1:
		size = 1 // repeated
	case 3:
		return 0, errors.New("a block of a reserved type")
	}
	return 3 + size, nil
}

// zstdHead is the length of a frame's header with the given descriptor.
func zstdHead(descriptor byte) int64 {
	n := int64(5)
	single := descriptor&0x20 != 0
	if !single {
		n++ // window
	}
	n += [...]int64{0, 1, 2, 4}[descriptor&3] // dictionary
	size := [...]int64{0, 2, 4, 8}[descriptor>>6]
	if size == 0 && single {
		size = 1
	}
	return n + size
}

const (
	lz4Magic  = "\x04\x22\x4d\x18"
	lz4Legacy = "\x02\x21\x4c\x18"
)

// lz4Frame cuts one frame of lz4 (lz4_Frame_format.md), at whose end is io.EOF.
type lz4Frame struct {
	at     place
	flags  byte
	legacy bool
	ended  bool
}

func (l *lz4Frame) part(b *bufio.Reader) (int64, error) {
	if l.ended {
		return 0, io.EOF
	}
	if l.at == between {
		return l.head(b)
	}
	if l.legacy {
		return l.legacyBlock(b)
	}
	head, err := peek(b, 4)
	if err != nil {
		return 0, err
	}
	size := int64(binary.LittleEndian.Uint32(head))
	if size == 0 { // the end mark, and the content's checksum
		l.ended = true
		return 4 + 4*int64(l.flags>>2&1), nil
	}
	return 4 + size&0x7fffffff + 4*int64(l.flags>>4&1), nil
}

func (l *lz4Frame) head(b *bufio.Reader) (int64, error) {
	l.at = blocks
	head, err := peek(b, 5)
	if l.legacy = begins(head, lz4Legacy); l.legacy {
		return 4, nil
	}
	if err != nil {
		return 0, err
	}
	l.flags = head[4]
	return 7 + 8*int64(l.flags>>3&1) + 4*int64(l.flags&1), nil
}

// legacyBlock: a frame of the old form has no end mark. It ends with the file,
// with padding, or where another frame begins.
func (l *lz4Frame) legacyBlock(b *bufio.Reader) (int64, error) {
	head, err := b.Peek(4)
	if len(head) == 0 || allZero(head) || begins(head, lz4Magic, lz4Legacy) || isSkippable(head) {
		l.ended = true
		if len(head) > 0 {
			err = io.EOF
		}
		return 0, err
	}
	if len(head) < 4 {
		return 0, short(err)
	}
	return 4 + int64(binary.LittleEndian.Uint32(head)), nil
}

// snappyPart cuts chunks of snappy (framing_format.txt). A file has no end mark.
// A chunk of four zeros cannot be: it is padding.
func snappyPart(b *bufio.Reader) (int64, error) {
	head, err := b.Peek(4)
	switch {
	case len(head) == 0:
		return 0, err
	case allZero(head):
		if _, err := another(b); err != nil {
			return 0, err
		}
		return 0, io.EOF
	case len(head) < 4:
		return 0, short(err)
	}
	return 4 + int64(head[1]) + int64(head[2])<<8 + int64(head[3])<<16, nil
}
