package index

import (
	"hash/maphash"
	"net/http"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// Versioning is how a write's version is compared.
type Versioning uint8

// The ways are named as in OpenSearch's version_type.
const (
	Internal Versioning = iota
	External
	ExternalGTE
)

// Write is one document to be written or deleted.
type Write struct {
	ID         string
	Source     []byte
	Version    int64
	Versioned  bool // the request gives the version
	Versioning Versioning
	Create     bool // only if it is not there
	Delete     bool
}

// Written is what became of it.
type Written struct {
	Version, Seq int64
	Result       string // created, updated, deleted, not_found
	Err          *fail.Error
}

// Writer writes documents one after another. It belongs to one goroutine.
type Writer struct {
	Values *schema.Values
	Reader disk.Reader
	head   []byte
	row    []int64
	has    []bool
}

// NewWriter makes a writer. Known may be nil.
func NewWriter(known *schema.Known) *Writer { return &Writer{Values: schema.NewValues(known)} }

// Put does one write, whose source the writer's values were read from with the
// mapping m. It is not ok where the index was removed or has another mapping by
// now. Flush makes it last.
func (ix *Index) Put(w *Write, m *schema.Mapping, by *Writer) (out Written, ok bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.removed || m != ix.Mapping() {
		return Written{}, false
	}
	if err := ix.catchUp(); err != nil {
		return Written{Err: err}, true
	}
	out, err := ix.put(w, by)
	if err != nil {
		out.Err = fail.Newf(http.StatusInternalServerError, "exception", "the results store's disk: %v", err)
	}
	return out, true
}

func (ix *Index) put(w *Write, by *Writer) (Written, error) {
	slot, old, known, err := ix.find(w.ID, &by.Reader)
	if err != nil {
		return Written{}, err
	}
	current := int64(-1)
	if known {
		current = old.version
	}
	if err := w.conflict(current, old.live); err != nil {
		err.Index = ix.Name
		return Written{Err: err}, nil
	}
	r := record{live: !w.Delete, version: w.Version, seq: ix.seq, id: []byte(w.ID)}
	if r.live {
		r.source = w.Source
	} // else id and version stay, as a real shard keeps them for a while, so that an older external version does not bring the document back
	if w.Versioning == Internal {
		r.version = max(current, 0) + 1
	}
	by.head = r.head(by.head[:0])
	r.size = int64(len(by.head) + len(r.id) + len(r.source))
	if err := ix.room(r.size-old.size, known); err != nil {
		return Written{Err: err}, nil
	}
	at, err := ix.log.Append(by.head, r.id, r.source)
	if err != nil {
		return Written{}, err
	}
	ix.enter(slot, known, &old, &r, at, by)
	return Written{Version: r.version, Seq: r.seq, Result: w.result(old.live)}, nil
}

// enter makes a record the newest of its id. old is the one before, if the id is known.
func (ix *Index) enter(slot int, known bool, old, r *record, at disk.Place, by *Writer) {
	by.row, by.has = append(by.row[:0], int64(at), r.version, r.seq, 0), append(by.has[:0], true, true, true, true)
	if r.live {
		by.row[colLive] = 1
		ix.collect(by)
	}
	for len(by.row) < ownColumns+len(ix.words) {
		by.row, by.has = append(by.row, 0), append(by.has, false)
	}
	if known {
		place, _ := ix.table.Get(slot, colPlace)
		ix.log.Forget(disk.Place(place), int(old.size))
		for i, v := range by.row {
			ix.table.Set(slot, i, v, by.has[i])
		}
	} else {
		ix.name(string(r.id), uint32(ix.table.Append(by.row, by.has)))
		ix.usage.Rows.Add(1)
		ix.grow(RowBytes)
	}
	ix.live += by.row[colLive]
	if old.live {
		ix.live--
	}
	ix.seq = max(ix.seq, r.seq+1)
	ix.grow(r.size - old.size)
}

// collect adds a document's values to its row.
func (ix *Index) collect(by *Writer) {
	v := by.Values
	for i, n := range v.N {
		if v.Has[i] && ix.words[i] != nil {
			n = ix.words[i].number(v.Text[i])
		}
		by.row, by.has = append(by.row, n), append(by.has, v.Has[i])
	}
	for _, i := range v.Several {
		ix.several[i] = true
	}
}

// recover enters a record as it stands on disk. Of an id's records the one of the
// highest sequence number counts, in whatever order they stand.
func (ix *Index) recover(at disk.Place, payload []byte, by *Writer) error {
	r, err := decode(payload)
	if err != nil {
		return err
	}
	slot, old, known, err := ix.find(string(r.id), &by.Reader)
	if err != nil {
		return err
	}
	if known && old.seq > r.seq {
		ix.log.Forget(at, int(r.size))
		return nil
	}
	for r.live {
		if failed := by.Values.Read(ix.Mapping(), string(r.id), r.source); failed != nil {
			return failed
		}
		if len(by.Values.New) == 0 {
			break
		}
		next, failed := ix.Mapping().Extend(by.Values.New)
		if failed != nil {
			return failed
		}
		ix.use(next)
	}
	ix.enter(slot, known, &old, &r, at, by)
	return nil
}

// room refuses what the store's limits have no room for.
func (ix *Index) room(bytes int64, known bool) *fail.Error {
	used, limit := ix.usage.Bytes.Load(), ix.usage.MaxBytes
	if !known {
		bytes += RowBytes
	}
	if bytes > 0 && used+bytes > limit {
		return fail.Newf(http.StatusTooManyRequests, "circuit_breaking_exception",
			"[parent] Data too large, data for [<embedded results store>] would be [%d], which is larger than the limit of [%d]", used+bytes, limit)
	}
	if rows := ix.usage.Rows.Load(); !known && rows >= ix.usage.MaxRows {
		return fail.Newf(http.StatusTooManyRequests, "circuit_breaking_exception",
			"[parent] Data too large, the embedded results store holds [%d] documents, which is its limit", rows)
	}
	return nil
}

// find gives the row of an id and its record's figures, without its source.
func (ix *Index) find(id string, reader *disk.Reader) (slot int, r record, known bool, err error) {
	rows, n := ix.candidates(id)
	for _, slot := range rows[:n] {
		if r, err = ix.record(int(slot), reader); err != nil {
			return 0, r, false, err
		}
		if string(r.id) == id {
			r.id, r.source = nil, nil
			return int(slot), r, true, nil
		}
	}
	return 0, record{}, false, nil
}

// candidates are the n rows that may be an id's.
func (ix *Index) candidates(id string) (rows [2]uint32, n int) {
	if slot, ok := ix.tags[ix.tag(id)]; ok {
		rows[n] = slot
		n++
	}
	if slot, ok := ix.others[id]; ok {
		rows[n] = slot
		n++
	}
	return rows, n
}

func (ix *Index) tag(id string) uint32 { return uint32(maphash.String(ix.seed, id)) }

// name enters the row of a new id.
func (ix *Index) name(id string, slot uint32) {
	tag := ix.tag(id)
	if _, taken := ix.tags[tag]; taken {
		ix.others[id] = slot
		return
	}
	ix.tags[tag] = slot
}

func (ix *Index) record(slot int, reader *disk.Reader) (record, error) {
	place, _ := ix.table.Get(slot, colPlace)
	payload, err := reader.Read(ix.log, disk.Place(place))
	if err != nil {
		return record{}, err
	}
	return decode(payload)
}

// result names what a write without conflict does, with the document there or not.
func (w *Write) result(there bool) string {
	switch {
	case w.Delete && there:
		return "deleted"
	case w.Delete:
		return "not_found"
	case there:
		return "updated"
	}
	return "created"
}

// conflict compares versions. current is -1 where the id was never written.
func (w *Write) conflict(current int64, there bool) *fail.Error {
	conflictf := func(format string, args ...any) *fail.Error {
		return fail.Newf(http.StatusConflict, "version_conflict_engine_exception", "[%s]: version conflict, "+format, append([]any{w.ID}, args...)...)
	}
	switch {
	case w.Create && there:
		return conflictf("document already exists (current version [%d])", current)
	case w.Versioning == External && current >= w.Version:
		return conflictf("current version [%d] is higher or equal to the one provided [%d]", current, w.Version)
	case w.Versioning == ExternalGTE && current > w.Version:
		return conflictf("current version [%d] is higher than the one provided [%d]", current, w.Version)
	}
	return nil
}
