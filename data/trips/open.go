package trips

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	if _, local := f.(*os.File); !local {
		f = &counted{ReadCloser: f}
	}
	r, err := open(in, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return &named{Reader: r, name: in.Name, file: f}, nil
}

func open(in Input, f io.Reader) (Reader, error) {
	u, err := unpack(f)
	if err != nil {
		return nil, err
	}
	r, err := u.reader(f, &Stats{Name: in.Name, Compression: u.compression}, in.events)
	if err != nil {
		u.end()
		return nil, err
	}
	return &ended{r, u.end}, nil
}

// reader finds the form of what is unpacked; f is the file itself. events: Finder.Events.
func (u *unpacked) reader(f io.Reader, stats *Stats, events bool) (Reader, error) {
	head, err := u.Peek(512)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if begins(head, parquetMagic) {
		if u.compression != "none" {
			f = u
		}
		return openParquet(f, u, stats)
	}
	if err := refuse(head); err != nil {
		return nil, err
	}
	text, err := utf8Text(u.Reader)
	if err != nil {
		return nil, err
	}
	return openText(newLines(text), stats, events)
}

// openText looks at the first line that is not blank.
func openText(l *lines, stats *Stats, events bool) (Reader, error) {
	first, err := l.peek()
	switch {
	case err != nil:
		return nil, err
	case len(first) == 0:
		return nil, errEmpty
	case events && eventLines(stats.Name, first):
		return newEventReader(l, stats), nil
	case first[0] == '[', string(bytes.TrimSpace(first)) == "{":
		stats.Format = "JSON"
		return &jsonReader{lines: newElements(l.rest(), first[0] == '['), stats: stats}, nil
	case first[0] == '{':
		return openJSON(l, first, stats)
	case first[0] == '<':
		return nil, refuse(first)
	case isRide(first):
		stats.Format = "Flink training rides"
		return &ridesReader{lines: l, stats: stats}, nil
	}
	return openCSV(l, stats)
}

func openJSON(l *lines, first []byte, stats *Stats) (Reader, error) {
	stats.Format = "JSON lines"
	head, prepared, err := parseHead(first)
	if err != nil {
		return nil, err
	}
	if prepared {
		stats.Format, stats.Prepared = "prepared", true
		for line := []byte(nil); blank(line); {
			if line, err = l.next(); err != nil {
				return nil, err
			}
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
	name string
	file io.ReadCloser // closed with the reader
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
func (n *named) Close() error { return errors.Join(n.Reader.Close(), n.file.Close()) }
