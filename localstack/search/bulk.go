package search

import (
	"net/http"
	"strconv"
	"sync"

	"taxistream/internal/jsonscan"
)

// bulk writes the documents of a bulk request, one verdict each. A request that
// cannot be read as a whole is refused before anything of it is written.
func (s *Server) bulk(r *request) (answer, *apiError) {
	index := ""
	if len(r.parts) == 2 {
		index = r.parts[0]
	}
	if err := r.refreshPolicy(); err != nil {
		return answer{}, err
	}
	actions, err := parseBulk(r.body, index)
	if err != nil {
		return answer{}, err
	}
	brief := r.query.Get("filter_path") == verdictsOnly && !r.flag("pretty")
	items := make([]byte, 0, 64*len(actions)+64)
	failed := false
	e := executor{s: s}
	for i := range actions {
		a := &actions[i]
		if i > 0 {
			items = append(items, ',')
		}
		w := e.do(a, r.fault)
		failed = failed || w.err != nil
		if brief {
			items = appendVerdict(items, a, w)
		} else {
			items = appendItem(items, a, w)
		}
	}
	body := make([]byte, 0, len(items)+64)
	body = append(body, '{')
	if !brief {
		body = append(body, `"took":0,`...)
	}
	body = append(body, `"errors":`...)
	body = strconv.AppendBool(body, failed)
	body = append(body, `,"items":[`...)
	body = append(body, items...)
	return answer{status: http.StatusOK, body: append(body, "]}"...), filtered: brief}, nil
}

// verdictsOnly is the filter_path that our client sends. Writing a short answer
// costs a third of writing a long one and filtering it; a test holds them equal.
const verdictsOnly = "errors,items.*.status,items.*.error"

func appendVerdict(b []byte, a *action, w written) []byte {
	b = append(b, '{', '"')
	b = append(b, a.op...)
	b = append(b, `":{`...)
	if w.err != nil {
		b = append(b, `"error":`...)
		b = w.err.appendBody(b, false)
		b = append(b, ',')
	}
	b = append(b, `"status":`...)
	b = strconv.AppendInt(b, int64(w.status()), 10)
	return append(b, '}', '}')
}

// executor does the actions of one request and remembers the last index.
type executor struct {
	s       *Server
	name    string
	ix      *index
	columns []int64
}

func (e *executor) do(a *action, fault *Fault) written {
	if fault != nil && fault.Item != nil {
		if status, kind, reason := fault.Item(a.index, a.id); status != 0 {
			e.s.stats.faults.Add(1)
			return written{err: &apiError{status: status, kind: kind, reason: reason}}
		}
	}
	for {
		if e.ix == nil || e.name != a.index {
			ix, err := e.s.store.target(a.index, a.creates())
			if err != nil {
				e.s.count(written{err: err})
				return written{err: err}
			}
			e.ix, e.name = ix, a.index
		}
		w, ok := e.write(&a.write)
		if ok {
			a.index = e.ix.name // not the alias
			e.s.count(w)
			return w
		}
		e.ix = nil // it was deleted a moment ago: find the one of that name now
	}
}

// creates tells whether the action makes an index that is not there. A delete
// does only to keep an external version.
func (a *action) creates() bool { return !a.delete || a.versioning != versionInternal }

// write checks outside the index's lock and writes inside it.
func (e *executor) write(w *write) (out written, ok bool) {
	m := e.ix.mapping
	if cap(e.columns) < m.columns {
		e.columns = make([]int64, m.columns)
	}
	columns := e.columns[:m.columns]
	if !w.delete {
		if err := m.check(w.id, w.source, columns, &e.s.known); err != nil {
			return written{err: err}, true
		}
	}
	e.ix.mu.Lock()
	defer e.ix.mu.Unlock()
	if e.ix.removed {
		return written{}, false
	}
	return e.ix.apply(w, columns, e.s.o.MaxBytes), true
}

func (s *Server) count(w written) {
	switch {
	case w.err == nil && w.result == "deleted":
		s.stats.deleted.Add(1)
	case w.err == nil:
		s.stats.written.Add(1)
	case w.err.status == http.StatusConflict:
		s.stats.conflicts.Add(1)
	case w.err.status == http.StatusTooManyRequests:
		s.stats.full.Add(1)
	default:
		s.stats.refused.Add(1)
	}
}

func (w written) status() int {
	switch {
	case w.err != nil:
		return w.err.status
	case w.result == "created":
		return http.StatusCreated
	case w.result == "not_found":
		return http.StatusNotFound
	}
	return http.StatusOK
}

func appendItem(b []byte, a *action, w written) []byte {
	b = append(b, '{', '"')
	b = append(b, a.op...)
	b = append(b, `":`...)
	b = appendWritten(b, a.index, a.id, w, true)
	return append(b, '}')
}

// appendWritten appends the answer to one write, alone or in a bulk answer.
func appendWritten(b []byte, index, id string, w written, withStatus bool) []byte {
	b = append(b, `{"_index":`...)
	b = jsonscan.AppendString(b, index)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, id)
	if w.err != nil {
		b = append(b, `,"error":`...)
		b = w.err.appendBody(b, false)
	} else {
		b = append(b, `,"_version":`...)
		b = strconv.AppendInt(b, w.version, 10)
		b = append(b, `,"result":"`...)
		b = append(b, w.result...)
		b = append(b, `","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":`...)
		b = strconv.AppendInt(b, w.seq, 10)
		b = append(b, `,"_primary_term":1`...)
	}
	if withStatus {
		b = append(b, `,"status":`...)
		b = strconv.AppendInt(b, int64(w.status()), 10)
	}
	return append(b, '}')
}

// bodies keeps the memory of request bodies: sources are copied out of them.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}
