// Package index keeps the documents of one index: on disk what was written, in
// memory a packed row of numbers each. Rows have the order in which the ids first
// came.
package index

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"taxistream/localstack/search/column"
	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// The columns of a row, before those of the mapping.
const (
	colPlace   = iota // disk.Place of the newest record
	colVersion        // of the document
	colSeq            // its sequence number
	colLive           // 1: it is there, 0: it is deleted, and only its version kept
	ownColumns
)

// RowBytes is what a document costs in memory, about: its row and its id's entry.
const RowBytes = 64

// Usage is what all indexes of a store hold together, and may.
type Usage struct {
	MaxBytes, MaxRows int64
	Bytes             atomic.Int64 // of records, without dead ones, and of rows
	Rows              atomic.Int64 // with those of deleted documents
}

// Index is one index. What is exported belongs to its owner, who locks it; all else
// is safe for many goroutines, but methods that say so need View or Update.
type Index struct {
	Name    string
	UUID    string
	Created int64 // ms
	Aliases []string

	mapping atomic.Pointer[schema.Mapping]
	usage   *Usage
	seed    maphash.Seed

	mu      sync.RWMutex
	table   *column.Table
	words   []*words // by the mapping's column; nil: it is no keyword's
	several []bool   // by the mapping's column: some document has several values
	log     *disk.Log
	// An id's row is found by 32 bits of its hash; its record tells whether it is
	// the id's. Ids whose hash another had before them are in others.
	tags    map[uint32]uint32
	others  map[string]uint32
	live    int64
	bytes   int64
	seq     int64 // the next
	behind  bool  // a write to disk failed: what was appended waits for the next
	removed bool
}

// fileBytes is how long a file of an index grows.
const fileBytes = 32 << 20

// Open opens the index in a folder, or makes an empty one. Without a folder it is in
// files of no name.
func Open(dir string, m *schema.Mapping, usage *Usage) (*Index, error) {
	return open(dir, m, usage, fileBytes)
}

func open(dir string, m *schema.Mapping, usage *Usage, fileBytes int64) (*Index, error) {
	ix := &Index{
		usage: usage, seed: maphash.MakeSeed(), table: column.New(ownColumns), log: disk.NewLog(dir, fileBytes),
		tags: make(map[uint32]uint32), others: make(map[string]uint32),
	}
	ix.use(m)
	by := NewWriter(nil)
	err := ix.log.Replay(func(at disk.Place, payload []byte) error { return ix.recover(at, payload, by) })
	if err != nil {
		_ = ix.log.Close()
		return nil, err
	}
	return ix, nil
}

// Mapping is the index's mapping at the moment.
func (ix *Index) Mapping() *schema.Mapping { return ix.mapping.Load() }

// use takes a mapping that has all fields of the one before.
func (ix *Index) use(m *schema.Mapping) {
	for len(ix.words) < m.Columns {
		ix.words, ix.several = append(ix.words, nil), append(ix.several, false)
		ix.table.Widen()
	}
	for _, f := range m.Fields {
		if f.Kind == schema.Keyword && ix.words[f.Column] == nil {
			ix.words[f.Column] = &words{numbers: make(map[string]int64)}
		}
	}
	ix.mapping.Store(m)
}

// Extend gives the index new fields. save is called with the new mapping, which
// holds if it returns nil.
func (ix *Index) Extend(added []schema.NewField, save func(*schema.Mapping) *fail.Error) *fail.Error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	next, err := ix.Mapping().Extend(added)
	if err == nil {
		err = save(next)
	}
	if err == nil {
		ix.use(next)
	}
	return err
}

// View keeps the index as it is until done is called.
func (ix *Index) View() (done func()) {
	ix.mu.RLock()
	return ix.mu.RUnlock
}

// Figures are an index's size at one moment.
type Figures struct {
	Live, Deleted, Bytes int64
}

// Figures needs no lock.
func (ix *Index) Figures() Figures {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return Figures{ix.live, int64(ix.table.Rows()) - ix.live, ix.bytes}
}

// Remove deletes the documents and their folder, and returns how many there were.
// Who still writes finds the index removed.
func (ix *Index) Remove() (documents int64, err error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.removed = true
	documents = ix.live
	ix.usage.Rows.Add(-int64(ix.table.Rows()))
	ix.grow(-ix.bytes)
	ix.table, ix.tags, ix.others, ix.live = column.New(0), nil, nil, 0
	return documents, ix.log.Remove()
}

// Sync returns once the disk has every document.
func (ix *Index) Sync() error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.removed {
		return nil
	}
	return ix.log.Sync()
}

func (ix *Index) grow(n int64) {
	ix.bytes += n
	ix.usage.Bytes.Add(n)
}
