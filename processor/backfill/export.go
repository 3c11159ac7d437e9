package backfill

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine/checkpoint"
	"taxistream/internal/durable"
	"taxistream/internal/jsonscan"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// Export gathers documents for one sorted file, with no more than a line of each part in memory: documents
// come span by span, and an id begins with its window's start, so that ids of one
// alias with as many digits rise as they come. Each such part is a file of its own in the folder
// beside the export, until Finish merges them.
type Export struct {
	path, dir, prefix string
	parts             map[string]*part
	lock              *checkpoint.Folder // of dir: for one backfill at a time
	line              []byte
}

type part struct {
	f *os.File
	w *bufio.Writer
	n int64 // bytes
}

const (
	partsSuffix = ".parts" // follows the export's name in that of the folder of its parts
	mergedName  = "merged" // in that folder, until it takes the export's name
)

// NewExport begins or goes on: parts are the lengths, by name, that were noted.
func NewExport(path, prefix string, parts map[string]int64) (*Export, error) {
	e := &Export{path: path, dir: path + partsSuffix, prefix: prefix, parts: map[string]*part{}}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	var err error
	if e.lock, err = checkpoint.OpenFolder(e.dir, checkpoint.FolderOptions{}); err != nil {
		return nil, fmt.Errorf("-export %s: another backfill writes it, or it cannot be written: %w", path, err)
	}
	if len(parts) == 0 {
		if err := e.clear(); err != nil {
			return nil, fmt.Errorf("-export: %w", err)
		}
	}
	for name, n := range parts {
		p, err := e.open(name)
		if err != nil {
			return nil, err
		}
		if at, err := p.f.Seek(0, io.SeekEnd); err != nil || at < n {
			return nil, errors.Join(err, fmt.Errorf("-export: %s is shorter than the progress says: remove the -progress file to compute everything", p.f.Name()))
		}
		if err := p.f.Truncate(n); err != nil {
			return nil, fmt.Errorf("-export: %w", err)
		}
		if p.n, err = p.f.Seek(n, io.SeekStart); err != nil {
			return nil, fmt.Errorf("-export: %w", err)
		}
	}
	return e, nil
}

// clear removes the parts of a backfill that is not gone on with.
func (e *Export) clear() error {
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		old, err := filepath.Glob(filepath.Join(e.dir, alias+".*"))
		for _, name := range old {
			err = errors.Join(err, os.Remove(name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Export) open(name string) (*part, error) {
	if p := e.parts[name]; p != nil {
		return p, nil
	}
	f, err := os.OpenFile(filepath.Join(e.dir, name), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	p := &part{f: f, w: bufio.NewWriterSize(f, 1<<18)}
	e.parts[name] = p
	return p, nil
}

// Add takes documents of one span, sorted by alias and id.
func (e *Export) Add(docs []opensearch.Document) error {
	for i := range docs {
		d := &docs[i]
		alias := aliasOf(e.prefix, d.Index)
		p, err := e.open(alias + "." + digits(d.ID))
		if err != nil {
			return err
		}
		b := append(e.line[:0], `{"_index":`...)
		b = append(jsonscan.AppendString(b, e.prefix+alias), `,"_id":`...)
		b = append(jsonscan.AppendString(b, d.ID), `,"_source":`...)
		b = append(append(b, d.Source...), '}', '\n')
		e.line = b
		if _, err := p.w.Write(b); err != nil {
			return fmt.Errorf("-export: %w", err)
		}
		p.n += int64(len(b))
	}
	return nil
}

// digits tells which ids rise as text where their window starts do: those of as many
// digits, and of no sign.
func digits(id string) string {
	if strings.HasPrefix(id, "-") {
		return "before-1970"
	}
	return strconv.Itoa(strings.IndexByte(id, '-'))
}

// Sync puts what was added on the disk and gives the parts' lengths.
func (e *Export) Sync() (map[string]int64, error) {
	lengths := make(map[string]int64, len(e.parts))
	for name, p := range e.parts {
		if err := errors.Join(p.w.Flush(), p.f.Sync()); err != nil {
			return nil, fmt.Errorf("-export: %w", err)
		}
		lengths[name] = p.n
	}
	return lengths, durable.SyncFolder(e.dir)
}

// Finish merges the parts into the file, in one step. They stay until Close removes them: a
// backfill that is killed before its progress says that it has finished merges them again.
func (e *Export) Finish() error {
	if _, err := e.Sync(); err != nil {
		return err
	}
	merged := filepath.Join(e.dir, mergedName)
	err := e.mergeTo(merged)
	if err == nil {
		err = os.Rename(merged, e.path)
	}
	if err = cmp.Or(err, durable.SyncFolder(filepath.Dir(e.path))); err != nil {
		return fmt.Errorf("-export: %w", err)
	}
	return nil
}

func (e *Export) mergeTo(name string) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<20)
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		if err == nil {
			err = e.merge(alias, w)
		}
	}
	return errors.Join(err, w.Flush(), out.Sync(), out.Close())
}

// Close closes the parts, and removes them if nothing goes on from them.
func (e *Export) Close(remove bool) (err error) {
	for _, p := range e.parts {
		err = errors.Join(err, p.f.Close())
	}
	if e.parts = nil; e.lock == nil {
		return err
	}
	if remove {
		err = errors.Join(err, os.RemoveAll(e.dir))
	}
	err = errors.Join(err, e.lock.Close())
	e.lock = nil
	return err
}

// merge writes the lines of an alias's parts in the order of their bytes, which is that of their ids.
func (e *Export) merge(alias string, w io.Writer) error {
	var heads []*lines
	for name, p := range e.parts {
		if !strings.HasPrefix(name, alias+".") {
			continue
		}
		if _, err := p.f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		l := &lines{r: bufio.NewReaderSize(p.f, 1<<18)}
		if strings.HasSuffix(name, digits("-")) { // few: their order as text is none of their times
			all, err := io.ReadAll(l.r)
			if err != nil {
				return err
			}
			sorted := slices.SortedFunc(bytes.Lines(all), bytes.Compare)
			l.r = bufio.NewReader(bytes.NewReader(bytes.Join(sorted, nil)))
		}
		if err := l.next(); err != nil {
			return err
		}
		heads = append(heads, l)
	}
	for {
		heads = slices.DeleteFunc(heads, func(l *lines) bool { return len(l.line) == 0 })
		if len(heads) == 0 {
			return nil
		}
		least := slices.MinFunc(heads, func(a, b *lines) int { return bytes.Compare(a.line, b.line) })
		if _, err := w.Write(least.line); err != nil {
			return err
		}
		if err := least.next(); err != nil {
			return err
		}
	}
}

// lines is one part while it is merged; at its end line is empty.
type lines struct {
	r    *bufio.Reader
	line []byte
}

func (l *lines) next() (err error) {
	if l.line, err = l.r.ReadBytes('\n'); err == io.EOF {
		err = nil
	}
	return err
}
