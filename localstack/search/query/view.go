// Package query finds documents: it reads searches, binds them to indexes and
// answers with hits and aggregations.
package query

import (
	"errors"
	"strings"
	"time"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/schema"
)

// view is an index that does not change while a search looks at it.
type view struct {
	*index.Index
	reader *disk.Reader
	err    error // the disk's, seen where there was no way to return it
}

func (v *view) document(slot int) index.Document {
	d, err := v.Document(slot, v.reader)
	if err != nil {
		v.err = err
	}
	return d
}

func (v *view) text(slot int, f *schema.Field) (string, bool) {
	text, ok, err := v.Text(slot, f, v.reader)
	if err != nil {
		v.err = err
	}
	return text, ok
}

// searchable finds the field that a clause is about; nil matches nothing.
func (v *view) searchable(path string) (*schema.Field, *fail.Error) {
	f, err := v.Searchable(path)
	if f == nil {
		return nil, err
	}
	switch f.Kind {
	case schema.Text, schema.Binary, schema.Point:
		return nil, fail.Unsupportedf("searches by a field of type %s (%s)", f.TypeName, path)
	case schema.Opaque:
		return nil, nil // not indexed: nothing is ever found by it
	}
	return f, nil
}

// errStop ends a walk over members early.
var errStop = errors.New("stop")

// utc writes moments where no zone is given.
var utc = calendar{zone: time.UTC}

// MatchName matches a pattern of which only * is special.
func MatchName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(name, part)
		if !ok || at < 0 {
			return false
		}
		name = name[at+len(part):]
	}
	return ok && strings.HasSuffix(name, parts[len(parts)-1])
}
