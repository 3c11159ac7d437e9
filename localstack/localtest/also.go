package localtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// alsoDocument is a line, or a row, of a file of the processor's -also.
type alsoDocument struct {
	Index   string          `json:"_index" parquet:"-"`
	ID      string          `json:"_id" parquet:"_id"`
	Version int64           `json:"_version" parquet:"_version"`
	Source  json.RawMessage `json:"_source" parquet:"_source"`
}

// Also reads what -also wrote and gives the export that it stands for: of each document its
// highest version. It fails where a document is there twice in one version, or in a folder
// that is not its window's; hidden are the files that are not visible.
func Also(t testing.TB, fsys fs.FS) (export []byte, hidden []string) {
	t.Helper()
	newest, seen := map[string]alsoDocument{}, map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(name, ".") {
			hidden = append(hidden, name)
			return nil
		}
		for _, doc := range alsoFile(t, fsys, name) {
			key := doc.Index + "\n" + doc.ID
			if at := fmt.Sprintf("%s version %d", key, doc.Version); seen[at] != "" {
				t.Errorf("%s is in %s and %s", at, seen[at], name)
			} else {
				seen[at] = name
			}
			var window struct {
				Start string `json:"window_start"`
			}
			if err := json.Unmarshal(doc.Source, &window); err != nil || path.Dir(name) != doc.Index+"/"+window.Start {
				t.Errorf("%s is in %s: %v", key, name, err)
			}
			if doc.Version > newest[key].Version {
				newest[key] = doc
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(newest)) {
		d := newest[key]
		export = fmt.Appendf(export, "{\"_index\":%q,\"_id\":%q,\"_source\":%s}\n", d.Index, d.ID, d.Source)
	}
	return export, hidden
}

func alsoFile(t testing.TB, fsys fs.FS, name string) (all []alsoDocument) {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	if path.Ext(name) == ".parquet" {
		rows := parquet.NewGenericReader[alsoDocument](bytes.NewReader(data))
		all = make([]alsoDocument, rows.NumRows())
		n, err := rows.Read(all)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if err = errors.Join(err, rows.Close()); n != len(all) || err != nil {
			t.Fatalf("%s: %d of %d rows: %v", name, n, len(all), err)
		}
		for i := range all {
			all[i].Index, _, _ = strings.Cut(name, "/")
		}
		return all
	}
	for line := range strings.Lines(string(data)) {
		var d alsoDocument
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%s: %s: %v", name, line, err)
		}
		all = append(all, d)
	}
	return all
}
