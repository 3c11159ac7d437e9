package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/schema"
)

// The folder of a store that outlives the process: the catalog says what templates
// and indexes there are, as changes one after another, the first of them all that
// there was; each index has a folder of its own, with its documents.
const (
	catalogFile   = "catalog.log"
	indexFolder   = "indexes"
	catalogFormat = 1
)

// change is a record of the catalog. It holds as a whole or not at all.
type change struct {
	Format      int             `json:"format,omitempty"` // of the folder, in the first record
	Created     int64           `json:"created,omitempty"`
	Templates   []savedTemplate `json:"templates,omitempty"`
	NoTemplates []string        `json:"no_templates,omitempty"`
	Indexes     []savedIndex    `json:"indexes,omitempty"` // new, or with other aliases or fields
	NoIndexes   []string        `json:"no_indexes,omitempty"`
}

type savedTemplate struct {
	Name string          `json:"name"`
	Body json.RawMessage `json:"body"` // as it was put
}

type savedIndex struct {
	Name    string          `json:"name"`
	UUID    string          `json:"uuid"`
	Created int64           `json:"created"`
	Aliases []string        `json:"aliases,omitempty"`
	Mapping json.RawMessage `json:"mapping"`
}

func saveIndex(ix *index.Index) savedIndex {
	return savedIndex{ix.Name, ix.UUID, ix.Created, ix.Aliases, ix.Mapping().Raw}
}

// catalog is the open file of changes.
type catalog struct {
	*disk.File
	compact int64 // its length when it held no change twice
}

// save writes a change to the catalog, which then has it even if the process is
// killed. What it says holds in memory only afterwards.
func (s *store) save(c change) *fail.Error {
	if s.dir == "" {
		return nil
	}
	var err error
	if s.catalog.Len() > 4*s.catalog.compact+1<<20 {
		err = s.rewrite()
	}
	b, wrong := json.Marshal(c)
	if err = errors.Join(err, wrong); err == nil {
		s.catalog.Append(b)
		err = s.catalog.Flush()
	}
	if err != nil {
		s.catalog.Discard()
		return fail.Newf(http.StatusTooManyRequests, "cluster_block_exception", "the results store cannot write to its disk: %v", err)
	}
	return nil
}

// open takes what the folder holds, or makes it.
func (s *store) open() error {
	if err := os.MkdirAll(filepath.Join(s.dir, indexFolder), 0o700); err != nil {
		return err
	}
	saved, err := s.readCatalog()
	if err != nil {
		return err
	}
	for _, ix := range saved {
		m, failed := schema.Parse(ix.Mapping)
		if failed != nil {
			return fmt.Errorf("%s: index %s: %w", s.dir, ix.Name, failed)
		}
		if _, err := s.openIndex(ix, m); err != nil {
			return err
		}
	}
	return errors.Join(s.removeOrphans(), s.rewrite())
}

// readCatalog takes the templates and lists the indexes, in the order in which they were made.
func (s *store) readCatalog() (list []savedIndex, err error) {
	path := filepath.Join(s.dir, catalogFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	f, err := disk.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	at := make(map[string]int)       // in list
	err = f.Replay(true, func(offset int64, payload []byte) error {
		var c change
		if err := json.Unmarshal(payload, &c); err != nil {
			return fmt.Errorf("the change at byte %d cannot be read: %w", offset, err)
		}
		if offset == 0 && c.Format != catalogFormat {
			return fmt.Errorf("the folder has format %d, and this program knows format %d; use the program that wrote it, or another folder", c.Format, catalogFormat)
		}
		s.created = max(s.created, c.Created)
		for _, t := range c.Templates {
			parsed, failed := parseTemplate(t.Name, t.Body)
			if failed != nil {
				return failed
			}
			s.templates[t.Name] = parsed
		}
		for _, name := range c.NoTemplates {
			delete(s.templates, name)
		}
		for _, ix := range c.Indexes {
			if i, known := at[ix.Name]; known {
				list[i] = ix
				continue
			}
			at[ix.Name] = len(list)
			list = append(list, ix)
		}
		for _, name := range c.NoIndexes {
			if i, known := at[name]; known {
				list[i].Name = ""
				delete(at, name)
			}
		}
		return nil
	})
	kept := list[:0]
	for _, ix := range list {
		if ix.Name != "" {
			kept = append(kept, ix)
		}
	}
	return kept, err
}

// removeOrphans deletes the folders of indexes whose deletion was cut short.
func (s *store) removeOrphans() error {
	known := make(map[string]bool)
	for _, ix := range s.indexes {
		known[ix.UUID] = true
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, indexFolder))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "embedded") && !known[e.Name()] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, indexFolder, e.Name())))
		}
	}
	return err
}

// rewrite makes a catalog of one change, all that there is, in the place of the one before.
func (s *store) rewrite() error {
	all := change{Format: catalogFormat, Created: s.created}
	for _, t := range s.matching("*") {
		all.Templates = append(all.Templates, savedTemplate{t.name, t.body})
	}
	indexes, _ := s.resolve("*", true)
	for _, ix := range indexes {
		all.Indexes = append(all.Indexes, saveIndex(ix))
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, catalogFile)
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := disk.OpenFile(path + ".new")
	if err != nil {
		return err
	}
	f.Append(b)
	if err := errors.Join(f.Sync(), os.Rename(path+".new", path)); err != nil {
		return errors.Join(err, f.Close())
	}
	if s.catalog != nil {
		_ = s.catalog.Close()
	}
	s.catalog = &catalog{File: f, compact: f.Len()}
	return nil
}
