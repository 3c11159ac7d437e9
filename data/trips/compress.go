package trips

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// bufferSize is that of each layer between a file and its rows.
const bufferSize = 64 << 10

// compression is one kind of compressed file: a row of members, or frames, each
// of which begins with a magic number.
type compression struct {
	name  string
	magic []string
	// open reads all members; the second result frees the decompressor.
	open func(b *bufio.Reader) (io.Reader, func(), error)
}

func nothing() {}

var compressions = []compression{
	{"gzip", []string{"\x1f\x8b"}, func(b *bufio.Reader) (io.Reader, func(), error) {
		return &gzipMembers{b: b, z: new(gzip.Reader)}, nothing, nil
	}},
	{"zstd", []string{"\x28\xb5\x2f\xfd"}, func(b *bufio.Reader) (io.Reader, func(), error) {
		z, err := zstd.NewReader(&frames{b: b, part: new(zstdFrame).part},
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}},
	{"lz4", []string{lz4Magic, lz4Legacy}, func(b *bufio.Reader) (io.Reader, func(), error) {
		return &lz4Frames{b: b, z: lz4.NewReader(nil)}, nothing, nil
	}},
	{"snappy", []string{"\xff\x06\x00\x00sNaPpY"}, openSnappy},
	{"s2", []string{"\xff\x06\x00\x00S2sTwO"}, openSnappy},
	{"bzip2", []string{"BZh"}, func(b *bufio.Reader) (io.Reader, func(), error) {
		z := &bzip2Streams{b: b}
		z.z = bzip2.NewReader(z)
		return bzip2Plain{z}, nothing, nil
	}},
	{"xz", []string{"\xfd7zXZ\x00"}, func(b *bufio.Reader) (io.Reader, func(), error) {
		x := &xzStreams{b: b}
		z, err := xz.NewReader(x)
		x.z = z
		return xzPlain{x}, nothing, err
	}},
}

func openSnappy(b *bufio.Reader) (io.Reader, func(), error) {
	return s2.NewReader(&frames{b: b, part: snappyPart}), nothing, nil
}

// layers is the most compressions around a file, such as gzip inside zip.
const layers = 3

// unpacked is a file without its compressions.
type unpacked struct {
	*bufio.Reader
	compression string // "none", "gzip", or "gzip in zip"
	ends        []func()
}

// end frees the decompressors, not the file.
func (u *unpacked) end() {
	for i := len(u.ends) - 1; i >= 0; i-- {
		u.ends[i]()
	}
}

// unpack looks at the first bytes and undoes the compressions that they name.
func unpack(f io.Reader) (*unpacked, error) {
	u := &unpacked{compression: "none"}
	for range layers {
		source := &watched{r: f}
		source.b = bufio.NewReaderSize(source, bufferSize)
		u.Reader = source.b
		c, err := source.compression(f)
		if err == nil && c == nil {
			return u, nil
		}
		var z io.Reader
		var end func()
		if err == nil {
			z, end, err = c.open(source.b)
		}
		if err != nil {
			u.end()
			return nil, source.judge(c, err)
		}
		u.ends = append(u.ends, end)
		if u.compression == "none" {
			u.compression = c.name
		} else {
			u.compression = c.name + " in " + u.compression
		}
		f = &explained{r: z, source: source, c: c}
		u.Reader = bufio.NewReaderSize(f, bufferSize)
	}
	return u, nil
}

// watched counts what is read of a file, and remembers whether it could not be.
type watched struct {
	r   io.Reader
	b   *bufio.Reader // of the watched
	n   int64
	err error
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.r.Read(p)
	w.n += int64(n)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// compression is the one that the next bytes name, or nil. Skippable frames in
// front, which zstd and lz4 share, are passed over: pzstd writes one.
func (w *watched) compression(f io.Reader) (*compression, error) {
	if skipped, err := skipFrames(w.b); err != nil {
		return &compression{name: "zstd or lz4"}, err
	} else if head, _ := w.b.Peek(1); skipped && len(head) == 0 {
		return nil, errEmpty // skippable frames and nothing else
	}
	head, err := w.b.Peek(16)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if isZip(head) {
		return &compression{name: "zip", open: func(b *bufio.Reader) (io.Reader, func(), error) { return openZip(f, b) }}, nil
	}
	for i := range compressions {
		if begins(head, compressions[i].magic...) {
			return &compressions[i], nil
		}
	}
	return nil, nil
}

// judge tells a file that cannot be read from one that is damaged: each
// decompressor has errors of its own for that.
func (w *watched) judge(c *compression, err error) error {
	var refused *refusal
	switch {
	case w.err != nil:
		return w.err
	case c == nil || errors.As(err, &refused) || errors.Is(err, errEmpty):
		return err
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return &refusal{"zstd with a dictionary", "zstd -d -D DICTIONARY FILE"}
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &refusal{"zstd with a window above 256 MiB", "zstd -d --memory=4GiB FILE"}
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: near byte %d: %w: the file is cut off or damaged; fetch it again",
		c.name, w.n-int64(w.b.Buffered()), err)
}

// explained is a decompressor with explained errors, the first of which stays.
type explained struct {
	r      io.Reader
	source *watched
	c      *compression
	err    error
}

// Read implements io.Reader.
func (e *explained) Read(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF {
		err = e.source.judge(e.c, err)
	}
	e.err = err
	return n, err
}
