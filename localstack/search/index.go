package search

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// docOverhead is what a document costs beside id, source and columns: its entry
// in the slice and in the map.
const docOverhead = 112

// document is a stored document. Its source is the bytes that came.
type document struct {
	id      string
	source  string // empty: deleted
	version int64
	seq     int64
}

// index holds documents in the order in which they first came. Dates and whole
// numbers are kept in columns, because windows are searched and sorted by them
// and counts are summed; every other field is read from the source when a search
// asks for it.
type index struct {
	name    string
	mapping *mapping
	aliases []string
	created int64 // ms
	uuid    string
	total   *atomic.Int64 // bytes of the whole store

	mu      sync.RWMutex
	slots   map[string]int32
	docs    []document
	columns []int64 // mapping.columns a document
	live    int64
	bytes   int64
	seq     int64
	removed bool // the index was deleted while a writer still held it
}

func (ix *index) count() int64 {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.live
}

// versioning is how a write's version is compared.
type versioning uint8

const (
	versionInternal versioning = iota
	versionExternal
	versionExternalGTE
)

// write is one document to be written or deleted.
type write struct {
	id         string
	source     []byte
	version    int64
	versioned  bool // the request gives the version
	versioning versioning
	create     bool // only if it is not there
	delete     bool
}

// written is what became of it.
type written struct {
	version, seq int64
	result       string // created, updated, deleted, not_found
	err          *apiError
}

// apply does one write. The index must have been checked not to be removed.
func (ix *index) apply(w *write, columns []int64, limit int64) written {
	slot, known := ix.slots[w.id]
	there, current := false, int64(-1)
	if known {
		current = ix.docs[slot].version
		there = ix.docs[slot].source != ""
	}
	if err := w.conflict(current, there); err != nil {
		err.index = ix.name
		return written{err: err}
	}
	source := string(w.source)
	if w.delete {
		source = "" // id and version stay, as a real shard keeps them for a while, so that an older external version does not bring the document back
	}
	cost := int64(len(w.id)+len(source)+8*len(columns)) + docOverhead
	if known {
		cost = int64(len(source) - len(ix.docs[slot].source))
	}
	if used := ix.total.Load(); cost > 0 && used+cost > limit {
		return written{err: failf(http.StatusTooManyRequests, "circuit_breaking_exception",
			"[parent] Data too large, data for [<embedded results store>] would be [%d], which is larger than the limit of [%d]", used+cost, limit)}
	}
	d := document{id: w.id, source: source, version: w.version, seq: ix.nextSeq()}
	if w.versioning == versionInternal {
		d.version = max(current, 0) + 1
	}
	out := written{version: d.version, seq: d.seq, result: w.result(there)}
	ix.live += liveAfter[out.result]
	if known {
		d.id = ix.docs[slot].id
		ix.docs[slot] = d
		copy(ix.columns[int(slot)*len(columns):], columns)
	} else {
		ix.slots[w.id] = int32(len(ix.docs))
		ix.docs = append(ix.docs, d)
		ix.columns = append(ix.columns, columns...)
	}
	ix.grow(cost)
	return out
}

func (ix *index) nextSeq() int64 {
	ix.seq++
	return ix.seq - 1
}

func (ix *index) grow(n int64) {
	ix.bytes += n
	ix.total.Add(n)
}

// result names what a write without conflict does, with the document there or not.
func (w *write) result(there bool) string {
	switch {
	case w.delete && there:
		return "deleted"
	case w.delete:
		return "not_found"
	case there:
		return "updated"
	}
	return "created"
}

// liveAfter is by how many documents each result changes an index.
var liveAfter = map[string]int64{"created": 1, "deleted": -1}

// conflict compares versions. current is -1 where the id was never written.
func (w *write) conflict(current int64, there bool) *apiError {
	switch {
	case w.create && there:
		return failf(http.StatusConflict, "version_conflict_engine_exception", "[%s]: version conflict, document already exists (current version [%d])", w.id, current)
	case w.versioning == versionExternal && current >= w.version:
		return failf(http.StatusConflict, "version_conflict_engine_exception", "[%s]: version conflict, current version [%d] is higher or equal to the one provided [%d]", w.id, current, w.version)
	case w.versioning == versionExternalGTE && current > w.version:
		return failf(http.StatusConflict, "version_conflict_engine_exception", "[%s]: version conflict, current version [%d] is higher than the one provided [%d]", w.id, current, w.version)
	}
	return nil
}
