package index

import (
	"errors"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// Document is a stored document. Its source is valid until the reader reads again.
type Document struct {
	ID           string
	Version, Seq int64
	Source       []byte
}

// Get finds a document by its id. It needs no lock.
func (ix *Index) Get(id string, reader *disk.Reader) (d Document, found bool, err error) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	slot, found, err := ix.Slot(id, reader)
	if err != nil || !found {
		return d, false, err
	}
	d, err = ix.Document(slot, reader)
	return d, err == nil, err
}

// Rows is the number of rows, those of deleted documents among them. Like all that
// follow it needs View.
func (ix *Index) Rows() int { return ix.table.Rows() }

// Slot finds the row of a document that is there.
func (ix *Index) Slot(id string, reader *disk.Reader) (slot int, found bool, err error) {
	slot, r, known, err := ix.find(id, reader)
	return slot, known && r.live, err
}

// Live tells whether the row's document is there.
func (ix *Index) Live(slot int) bool {
	live, _ := ix.table.Get(slot, colLive)
	return live == 1
}

// Document reads the document of a row.
func (ix *Index) Document(slot int, reader *disk.Reader) (Document, error) {
	r, err := ix.record(slot, reader)
	return Document{ID: string(r.id), Version: r.version, Seq: r.seq, Source: r.source}, err
}

// Value is a field's number: of a keyword that of its word.
func (ix *Index) Value(slot int, f *schema.Field) (int64, bool) {
	return ix.table.Get(slot, ownColumns+f.Column)
}

// Words are a keyword field's texts by their numbers. Others have a number below 0.
func (ix *Index) Words(f *schema.Field) []string { return ix.words[f.Column].texts }

// Text is a keyword's text.
func (ix *Index) Text(slot int, f *schema.Field, reader *disk.Reader) (text string, ok bool, err error) {
	n, ok := ix.Value(slot, f)
	if !ok {
		return "", false, nil
	}
	if n != elsewhere {
		return ix.words[f.Column].texts[n], true, nil
	}
	d, err := ix.Document(slot, reader)
	if err != nil {
		return "", false, err
	}
	raw, ok := lookup(d.Source, f.Source())
	return jsonscan.Scalar(raw), ok, nil
}

// Searchable finds the field that a request is about, nil where the mapping has
// none, and refuses one whose values it cannot tell.
func (ix *Index) Searchable(path string) (*schema.Field, *fail.Error) {
	f := ix.Mapping().Field(path)
	if f == nil || f.Column < 0 || !ix.several[f.Column] {
		return f, nil
	}
	return nil, fail.Unsupportedf("searches by a field of which documents hold several values (%s in index %s)", path, ix.Name)
}

var errFound = errors.New("found")

// lookup finds the one value at a path in a document, which is known to be valid.
func lookup(b []byte, path string) (raw []byte, found bool) {
	_, _ = jsonscan.Members(b, jsonscan.Space(b, 0), 0, func(key []byte, from, to int) error {
		name := jsonscan.Unescape(key)
		if name == path {
			raw, found = first(b[from:to])
		} else if rest, below := strings.CutPrefix(path, name+"."); below && b[from] == '{' {
			raw, found = lookup(b[from:to], rest)
		}
		if found {
			return errFound
		}
		return nil
	})
	return raw, found
}

// first is the value itself, or of an array the first that is no null.
func first(raw []byte) (value []byte, found bool) {
	switch raw[0] {
	case 'n':
		return nil, false
	case '[':
		_, _ = jsonscan.Elements(raw, 0, 0, func(from, to int) error {
			if value, found = first(raw[from:to]); found {
				return errFound
			}
			return nil
		})
		return value, found
	}
	return raw, true
}
