package index

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/schema"

	"pgregory.net/rapid"
)

// modelDoc is a document of the plain model: a map in memory.
type modelDoc struct {
	version, seq int64
	live         bool
	source       string
}

// modelRun is an index on disk and the model of it.
type modelRun struct {
	t     *rapid.T
	dir   string
	ix    *Index
	usage *Usage
	docs  map[string]modelDoc
	seq   int64
}

const modelMapping = `{"properties":{"n":{"type":"long"},"k":{"type":"keyword"},"d":{"type":"date"},"x":{"type":"double"}}}`

// smallFile lets a few documents fill a file, so that files are moved often.
const smallFile = 400

func (r *modelRun) open() {
	m, failed := schema.Parse([]byte(modelMapping))
	if failed != nil {
		r.t.Fatal(failed)
	}
	r.usage = &Usage{MaxBytes: 1 << 30, MaxRows: 1 << 20}
	var err error
	if r.ix, err = open(r.dir, m, r.usage, smallFile); err != nil {
		r.t.Fatal(err)
	}
}

// write does one random write to both, and holds the verdicts equal.
func (r *modelRun) write(by *Writer) {
	w := Write{
		ID:         fmt.Sprint("id", rapid.IntRange(0, 12).Draw(r.t, "id")),
		Versioning: rapid.SampledFrom([]Versioning{Internal, External, ExternalGTE}).Draw(r.t, "versioning"),
		Delete:     rapid.IntRange(0, 4).Draw(r.t, "delete") == 0,
	}
	if w.Versioning != Internal {
		w.Version, w.Versioned = rapid.Int64Range(0, 9).Draw(r.t, "version"), true
	}
	n := rapid.Int64().Draw(r.t, "n")
	w.Source = fmt.Appendf(nil, `{"n":%d,"k":"w%d","x":%d.5}`, n, n%7, n%3)
	old, known := r.docs[w.ID]
	conflict := known && (w.Versioning == External && old.version >= w.Version || w.Versioning == ExternalGTE && old.version > w.Version)
	m := r.ix.Mapping()
	if failed := by.Values.Read(m, w.ID, w.Source); failed != nil {
		r.t.Fatal(failed)
	}
	out, ok := r.ix.Put(&w, m, by)
	if !ok || (out.Err != nil) != conflict {
		r.t.Fatalf("%+v: got %+v, %v, the model says conflict=%v", w, out, ok, conflict)
	}
	if conflict {
		return
	}
	d := modelDoc{version: w.Version, seq: r.seq, live: !w.Delete, source: string(w.Source)}
	if w.Versioning == Internal {
		d.version = 1
		if known {
			d.version = old.version + 1
		}
	}
	if w.Delete {
		d.source = ""
	}
	if r.seq++; out.Version != d.version || out.Seq != d.seq {
		r.t.Fatalf("%+v: got %+v, want %+v", w, out, d)
	}
	r.docs[w.ID] = d
}

// compare holds all that the index says against the model.
func (r *modelRun) compare() {
	reader := new(disk.Reader)
	live := 0
	for id, want := range r.docs {
		d, found, err := r.ix.Get(id, reader)
		if err != nil || found != want.live || found && (d.Version != want.version || d.Seq != want.seq || string(d.Source) != want.source) {
			r.t.Fatalf("%s: got %+v, %v, %v, want %+v", id, d, found, err, want)
		}
		if want.live {
			live++
		}
	}
	if f := r.ix.Figures(); f.Live != int64(live) || f.Deleted != int64(len(r.docs)-live) || f.Bytes != r.usage.Bytes.Load() {
		r.t.Fatalf("got %+v, want %d of %d", f, live, len(r.docs))
	}
	for slot := range r.ix.Rows() {
		d, err := r.ix.Document(slot, reader)
		if err != nil {
			r.t.Fatal(err)
		}
		if !r.ix.Live(slot) {
			continue
		}
		n, _ := r.ix.Value(slot, r.ix.Mapping().Field("n"))
		k, _, _ := r.ix.Text(slot, r.ix.Mapping().Field("k"), new(disk.Reader))
		x, _ := r.ix.Value(slot, r.ix.Mapping().Field("x"))
		if got, want := fmt.Sprintf(`{"n":%d,"k":"%s","x":%d.5}`, n, k, n%3), r.docs[d.ID].source; got != want || schema.Float(x) == 0 {
			r.t.Fatalf("%s: the row says %s, the document %s", d.ID, got, want)
		}
	}
}

// files are the log's files with their lengths.
func (r *modelRun) files() map[string]int64 {
	sizes := make(map[string]int64)
	names, err := filepath.Glob(filepath.Join(r.dir, "*"+".log"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			r.t.Fatal(err)
		}
		sizes[name] = info.Size()
	}
	return sizes
}

// killed does writes of which the process is killed while they go to disk: a
// prefix of them is there, and what was flushed before.
func (r *modelRun) killed(by *Writer) {
	before := r.files()
	states := []map[string]modelDoc{maps.Clone(r.docs)}
	seqs := []int64{r.seq}
	for range rapid.IntRange(1, 6).Draw(r.t, "unfinished") {
		if r.write(by); r.seq > seqs[len(seqs)-1] {
			states, seqs = append(states, maps.Clone(r.docs)), append(seqs, r.seq)
		}
	}
	if err := r.ix.log.Flush(); err != nil {
		r.t.Fatal(err)
	}
	after := r.files()
	var written int64
	for name, n := range after {
		written += n - before[name]
	}
	keep := rapid.Int64Range(0, written).Draw(r.t, "written")
	_ = r.ix.log.Close()
	whole := 0
	for _, name := range slices.Sorted(maps.Keys(after)) {
		part := min(keep, after[name]-before[name])
		keep -= part
		if before[name] == 0 && part == 0 {
			_ = os.Remove(name)
			continue
		}
		if err := os.Truncate(name, before[name]+part); err != nil {
			r.t.Fatal(err)
		}
		whole += records(r.t, name) - recordsBefore(r.t, name, before[name])
	}
	r.docs, r.seq = states[whole], seqs[whole]
	r.open()
}

func records(t *rapid.T, name string) int { return recordsBefore(t, name, 1<<40) }

// recordsBefore counts the whole records of a file that end by a place.
func recordsBefore(t *rapid.T, name string, end int64) (n int) {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(0); at+8 <= int64(len(b)); {
		next := at + 8 + int64(b[at+4]) + int64(b[at+5])<<8
		if next > int64(len(b)) || next > end {
			break
		}
		at = next
		n++
	}
	return n
}

// Ensure that the index on disk is the plain model, whatever is written and
// however the process ends: closed, killed within a write, or killed after what
// lives in a file was moved and before the file is gone.
func TestIndex_Model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "index")
		if err != nil {
			rt.Fatal(err)
		}
		r := &modelRun{t: rt, dir: dir, docs: make(map[string]modelDoc)}
		r.open()
		by := NewWriter(nil)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"write", "write", "restart", "kill", "kill while moving"}).Draw(rt, "step") {
			case "write":
				for range rapid.IntRange(1, 8).Draw(rt, "writes") {
					r.write(by)
				}
				r.compare() // also what is not flushed
				if failed := r.ix.Flush(); failed != nil {
					rt.Fatal(failed)
				}
			case "restart":
				if err := r.ix.Sync(); err != nil {
					rt.Fatal(err)
				}
				_ = r.ix.log.Close()
				r.open()
			case "kill":
				r.killed(by)
			case "kill while moving":
				r.write(by)
				killWhileMoving(r)
			}
			r.compare()
		}
		_ = r.ix.log.Close()
	})
}

func killWhileMoving(r *modelRun) {
	killed := false
	afterMove = func() { killed = true; panic("killed") }
	defer func() { afterMove = func() {} }()
	func() {
		defer func() { _ = recover() }()
		if err := r.ix.Flush(); err != nil {
			r.t.Fatal(err)
		}
	}()
	if killed {
		_ = r.ix.log.Close()
		r.open()
	}
}

// Ensure that a disk that fails costs no document that is acknowledged, and that
// what was refused is written once it works again.
func TestIndex_DiskFails(t *testing.T) {
	m, failed := schema.Parse([]byte(modelMapping))
	if failed != nil {
		t.Fatal(failed)
	}
	dir := t.TempDir()
	ix, err := Open(dir, m, &Usage{MaxBytes: 1 << 30, MaxRows: 100})
	if err != nil {
		t.Fatal(err)
	}
	put := func(id string) Written {
		by := NewWriter(nil)
		w := Write{ID: id, Source: []byte(`{"n":1}`)}
		_ = by.Values.Read(m, id, w.Source)
		out, _ := ix.Put(&w, m, by)
		return out
	}
	if put("a").Err != nil || ix.Flush() != nil {
		t.Fatal("the first write failed")
	}
	ix.log.Spoil(os.ErrPermission)
	put("b")
	if failed := ix.Flush(); failed == nil || failed.Status != 429 {
		t.Fatalf("got %v", failed)
	}
	if out := put("c"); out.Err == nil {
		t.Fatal("a write is taken that cannot be kept")
	}
	ix.log.Spoil(nil)
	if out := put("d"); out.Err != nil || ix.Flush() != nil {
		t.Fatalf("got %+v", out)
	}
	again, err := Open(dir, m, &Usage{MaxBytes: 1 << 30, MaxRows: 100})
	if err != nil {
		t.Fatal(err)
	}
	if f := again.Figures(); f.Live != 3 {
		t.Errorf("%d documents are there, want a, b and d", f.Live)
	}
}
