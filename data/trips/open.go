package trips

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"taxistream/internal/trip"
)

// Open opens one input whatever its form. The error names the input and says
// what was found. The reader closes the input.
func Open(ctx context.Context, in Input) (Reader, error) {
	if in.kept != nil && in.kept.reader != nil {
		r := in.kept.reader
		in.kept.reader = nil
		return r, nil
	}
	f, err := in.open(ctx)
	if err != nil {
		return nil, err
	}
	r, err := open(in.Name, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return &named{Reader: r, name: in.Name, close: f.Close}, nil
}

func open(name string, f io.Reader) (Reader, error) {
	stats := &Stats{Name: name}
	plain, compression, end, err := decompress(f)
	if err != nil {
		return nil, err
	}
	stats.Compression = compression
	head, err := plain.Peek(len(parquetMagic))
	if err != nil && err != io.EOF {
		return nil, err
	}
	if string(head) == parquetMagic {
		if compression != "none" {
			return nil, fmt.Errorf("a Parquet file inside %s: unpack it", compression)
		}
		return openParquet(f, plain, stats)
	}
	r, err := openText(plain, stats)
	if err != nil {
		end()
		return nil, err
	}
	return &ended{r, end}, nil
}

// openText looks at the first line that is not blank.
func openText(plain *bufio.Reader, stats *Stats) (Reader, error) {
	first, err := firstLine(plain)
	if err != nil {
		return nil, err
	}
	l := lines{r: plain}
	switch {
	case len(first) == 0:
		return nil, errEmpty
	case first[0] == '{':
		return openJSON(l, first, stats)
	case isRide(first):
		stats.Format = "Flink training rides"
		return &ridesReader{lines: l, stats: stats}, nil
	}
	for {
		line, err := l.next()
		if err != nil {
			return nil, err
		}
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if blank(line) {
			continue
		}
		if !validText(line) {
			return nil, errors.New("neither CSV, JSON lines nor Parquet: the first line is not text")
		}
		layout, err := newLayout(strings.Split(string(line), ","))
		if err != nil {
			return nil, err
		}
		stats.Format = "TLC CSV with " + layout.placing.String()
		return &csvReader{lines: l, layout: layout, stats: stats}, nil
	}
}

// firstLine peeks at the first line that is not blank, without its end, or at
// as much of it as fits the buffer.
func firstLine(r *bufio.Reader) ([]byte, error) {
	b, err := r.Peek(bufferSize)
	if err != nil && err != io.EOF && len(b) == 0 {
		return nil, err
	}
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	if at := bytes.IndexByte(b, '\n'); at >= 0 {
		b = b[:at]
	}
	return b, nil
}

func openJSON(l lines, first []byte, stats *Stats) (Reader, error) {
	stats.Format = "JSON lines"
	head, prepared, err := parseHead(trimEnd(first))
	if err != nil {
		return nil, err
	}
	if prepared {
		stats.Format, stats.Prepared = "prepared", true
		if _, err := l.next(); err != nil {
			return nil, err
		}
	}
	r := &jsonReader{lines: l, stats: stats}
	if prepared {
		return &preparedReader{r, head.Trips}, nil
	}
	return r, nil
}

// errEmpty is a file in which there is nothing but white space: a part into which
// nobody wrote.
var errEmpty = errors.New("empty: no header and no row")

// ended ends the decompressor with the reader.
type ended struct {
	Reader
	end func()
}

// Close implements Reader.
func (e *ended) Close() error {
	err := e.Reader.Close()
	e.end()
	return err
}

// named puts the file's name, and how far it was read, before errors of reading,
// and closes the file.
type named struct {
	Reader
	name  string
	close func() error
}

// Read implements Reader.
func (n *named) Read(t *trip.Trip) error {
	err := n.Reader.Read(t)
	if err == nil || err == io.EOF || strings.HasPrefix(err.Error(), n.name+": ") {
		return err
	}
	return fmt.Errorf("%s: after %d rows: %w", n.name, n.Stats().Rows, err)
}

// Close implements Reader.
func (n *named) Close() error { return errors.Join(n.Reader.Close(), n.close()) }
