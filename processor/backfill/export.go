package backfill

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/durable"
	"taxistream/internal/jsonscan"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// export gathers documents for one sorted file, with no more than a line of each part in memory: documents
// come span by span, and an id begins with its window's start, so that ids of one
// alias with as many digits rise as they come. Each such part is a file of its own in the folder
// beside the export, until they are merged.
//
// Parts bear the id of the progress that notes their lengths, so that one backfill never goes on
// in another's. One process at a time writes an export: it holds the lock beside it.
type export struct {
	disk                  disk
	path, dir, prefix, id string
	parts                 map[string]*part
	lock                  *durable.Lock
	line                  []byte
}

type part struct {
	f     file
	w     *bufio.Writer
	n     int64 // bytes
	added bool  // since it was last put on the disk
}

// What follows the export's name in that of its lock and of the folder of its parts.
const (
	lockSuffix  = ".lock"
	partsSuffix = ".parts"
)

// mergedName is the export's in the folder of the parts, until it takes its own.
const mergedName = "merged"

// openExport begins, or goes on behind the lengths, by name, that were noted.
func openExport(d disk, path, prefix, id string, noted map[string]int64) (*export, error) {
	e := &export{disk: d, path: path, dir: path + partsSuffix, prefix: prefix, id: id, parts: map[string]*part{}}
	switch info, err := os.Stat(path); {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("-export %s: it is no regular file: name one, which is made or replaced", path)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("-export: %w", err)
	}
	var err error
	if e.lock, err = durable.TakeLock(path + lockSuffix); errors.Is(err, durable.ErrLocked) {
		return nil, fmt.Errorf("-export %s: another backfill writes it: wait for its end, or name another file", path)
	} else if err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	if err := e.begin(noted); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func (e *export) begin(noted map[string]int64) error {
	if err := e.disk.MakeFolder(e.dir); err != nil {
		return fmt.Errorf("-export: %w", err)
	}
	if len(noted) == 0 {
		if err := e.clear(); err != nil {
			return fmt.Errorf("-export: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(noted)) {
		n := noted[name]
		info, err := os.Stat(filepath.Join(e.dir, name))
		if err != nil || info.Size() < n {
			return fmt.Errorf("-export: %s is gone, or shorter than the progress says: remove the -progress file to compute everything", filepath.Join(e.dir, name))
		}
		if _, err := e.open(name, n); err != nil {
			return err
		}
	}
	return nil
}

// clear removes all parts: those of a backfill that is over, or is not gone on with.
func (e *export) clear() error {
	all, err := os.ReadDir(e.dir)
	for _, old := range all {
		err = errors.Join(err, e.disk.Remove(filepath.Join(e.dir, old.Name())))
	}
	return err
}

// open opens a part behind its first n bytes, which are all that count.
func (e *export) open(name string, n int64) (*part, error) {
	f, err := e.disk.Open(filepath.Join(e.dir, name))
	if err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	p := &part{f: f, w: bufio.NewWriterSize(f, 1<<18), n: n, added: true}
	e.parts[name] = p
	if err := f.Truncate(n); err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	if _, err := f.Seek(n, io.SeekStart); err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	return p, nil
}

// add takes documents of one span, sorted by alias and id.
func (e *export) add(docs []opensearch.Document) error {
	for i := range docs {
		d := &docs[i]
		alias := aliasOf(e.prefix, d.Index)
		p, err := e.part(alias, d.ID)
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
		p.added = true
	}
	return nil
}

// part is the one to which a document belongs.
func (e *export) part(alias, id string) (*part, error) {
	name := alias + "." + digits(id) + "." + e.id
	if p := e.parts[name]; p != nil {
		return p, nil
	}
	return e.open(name, 0)
}

// digits tells which ids rise as text where their window starts do: those of as many
// digits, and of no sign.
func digits(id string) string {
	if strings.HasPrefix(id, "-") {
		return negative
	}
	return strconv.Itoa(strings.IndexByte(id, '-'))
}

// negative is what digits says of windows before 1970: their order as text is none of their times.
const negative = "before-1970"

// sync puts what was added on the disk and gives the parts' lengths.
func (e *export) sync() (map[string]int64, error) {
	lengths := make(map[string]int64, len(e.parts))
	for _, name := range slices.Sorted(maps.Keys(e.parts)) {
		p := e.parts[name]
		if p.added {
			if err := errors.Join(p.w.Flush(), p.f.Sync()); err != nil {
				return nil, fmt.Errorf("-export: %w", err)
			}
			p.added = false
		}
		lengths[name] = p.n
	}
	if err := e.disk.SyncFolder(e.dir); err != nil {
		return nil, fmt.Errorf("-export: %w", err)
	}
	return lengths, nil
}

// finish merges the parts into the file, in one step. They stay until remove: a backfill
// that is killed or stopped before its progress says that it has finished merges them again.
func (e *export) finish(ctx context.Context) error {
	if _, err := e.sync(); err != nil {
		return err
	}
	merged := filepath.Join(e.dir, mergedName)
	err := e.mergeTo(ctx, merged)
	if err == nil {
		err = e.disk.Rename(merged, e.path)
	}
	if err != nil {
		return fmt.Errorf("-export: %w", err)
	}
	return nil
}

func (e *export) mergeTo(ctx context.Context, name string) error {
	out, err := e.disk.Open(name)
	if err != nil {
		return err
	}
	err = out.Truncate(0) // a kill may have left half of one
	w := bufio.NewWriterSize(&until{ctx, out}, 1<<20)
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		if err == nil {
			err = e.merge(alias, w)
		}
	}
	if err == nil {
		err = errors.Join(w.Flush(), out.Sync())
	}
	return errors.Join(err, out.Close())
}

// until is a writer to the end of ctx.
type until struct {
	ctx context.Context //nolint:containedctx // of the one call that it serves
	w   io.Writer
}

// Write implements io.Writer.
func (u *until) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

// remove removes what close leaves to go on from.
func (e *export) remove() error {
	if err := errors.Join(e.clear(), e.disk.Remove(e.dir)); err != nil {
		return fmt.Errorf("-export: %w", err)
	}
	return nil
}

// close closes the parts and gives the export free.
func (e *export) close() (err error) {
	for _, p := range e.parts {
		err = errors.Join(err, p.f.Close())
	}
	return errors.Join(err, e.lock.Release())
}

// sweep removes what a backfill left that was killed behind its last note: the parts of that id.
func sweep(d disk, path, id string) error {
	dir := path + partsSuffix
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil // there is nothing
	}
	for _, old := range all {
		if own := strings.HasSuffix(old.Name(), "."+id); !own {
			return nil // another backfill's
		}
	}
	e := &export{disk: d, path: path, dir: dir}
	if e.lock, err = durable.TakeLock(path + lockSuffix); err != nil {
		return nil // another backfill begins
	}
	return errors.Join(e.remove(), e.close())
}
