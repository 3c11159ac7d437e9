package trips

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

var compressions = []struct {
	name  string
	magic []byte
	open  func(io.Reader) (io.Reader, func(), error)
}{
	{"gzip", []byte{0x1f, 0x8b}, func(r io.Reader) (io.Reader, func(), error) {
		z, err := gzip.NewReader(r)
		return z, func() {}, err
	}},
	{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}, func(r io.Reader) (io.Reader, func(), error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}},
	{"lz4", []byte{0x04, 0x22, 0x4d, 0x18}, func(r io.Reader) (io.Reader, func(), error) {
		return lz4.NewReader(r), func() {}, nil
	}},
	{"snappy", []byte("\xff\x06\x00\x00sNaPpY"), func(r io.Reader) (io.Reader, func(), error) {
		return s2.NewReader(r), func() {}, nil
	}},
	{"s2", []byte("\xff\x06\x00\x00S2sTwO"), func(r io.Reader) (io.Reader, func(), error) {
		return s2.NewReader(r), func() {}, nil
	}},
}

// decompress looks at the first bytes and undoes the compression that they
// name. close ends the decompressor, not r.
func decompress(r io.Reader) (plain *bufio.Reader, name string, end func(), err error) {
	source := &watched{r: r}
	b := bufio.NewReaderSize(source, bufferSize)
	head, err := b.Peek(16)
	if err != nil && err != io.EOF {
		return nil, "", nil, err
	}
	for _, c := range compressions {
		if bytes.HasPrefix(head, c.magic) {
			z, end, err := c.open(b)
			if err != nil {
				return nil, "", nil, source.judge(c.name, err)
			}
			return bufio.NewReaderSize(&unpacked{z, source, c.name}, bufferSize), c.name, end, nil
		}
	}
	return b, "none", func() {}, nil
}

// watched remembers whether the file itself could not be read.
type watched struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// judge tells a file that cannot be read from one that is damaged: each
// decompressor has errors of its own for that.
func (w *watched) judge(compression string, err error) error {
	if w.err != nil {
		return w.err
	}
	return fmt.Errorf("%s: %w: the file is cut off or damaged; fetch it again", compression, err)
}

// unpacked is a decompressor with explained errors.
type unpacked struct {
	io.Reader
	source      *watched
	compression string
}

// Read implements io.Reader.
func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = u.source.judge(u.compression, err)
	}
	return n, err
}

const bufferSize = 256 << 10
