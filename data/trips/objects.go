package trips

import (
	"context"
	"fmt"
	"path"
	"strings"

	"taxistream/internal/redact"
	"taxistream/internal/s3"
)

// globChars begin what a glob leaves open.
const globChars = `*?[\`

// objects finds the objects whose keys begin with a prefix, or match a glob. Keys
// that end in a slash only mark folders.
func (f *Finder) objects(ctx context.Context, source string) error {
	at, err := s3.Parse(source)
	if err != nil {
		return err
	}
	client, err := f.Places.S3(ctx)
	if err != nil {
		return err
	}
	fixed := at
	var pattern []string
	if n := strings.IndexAny(at.Prefix, globChars); n >= 0 {
		fixed.Prefix, pattern = at.Prefix[:n], parts(strings.TrimSuffix(at.Prefix, "/"))
		if _, err := path.Match(at.Prefix, ""); err != nil {
			return fmt.Errorf("%s: %w", redact.URL(source), err)
		}
	}
	any := false
	err = client.List(ctx, fixed, func(o s3.Object) error {
		named := strings.HasPrefix(o.Key, at.Prefix)
		if strings.HasSuffix(o.Key, "/") || !named && !matches(parts(o.Key), pattern) {
			return nil
		}
		any = true
		if named && hiddenBelow(o.Key, at.Prefix) || !named && hidden(parts(o.Key), pattern) {
			f.LeftOut.add(HiddenName, at.At(o.Key))
			return nil
		}
		return f.addRemote(at.At(o.Key), object(client, at, o))
	})
	if err == nil && !any {
		err = fmt.Errorf("%s: no object's key begins so or matches: name another prefix", redact.URL(source))
	}
	return err
}

func parts(name string) []string { return strings.Split(name, "/") }

// hiddenBelow reports whether a part of the key is hidden, of those that the
// prefix does not name or begin.
func hiddenBelow(key, prefix string) bool {
	at := 0
	for _, part := range parts(key) {
		if at >= len(prefix) && isHidden(part) {
			return true
		}
		at += len(part) + 1
	}
	return false
}
