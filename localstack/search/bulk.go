package search

import (
	"net/http"
	"slices"
	"strconv"
	"sync"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/schema"
)

// bulk writes the documents of a bulk request, one verdict each. A request that
// cannot be read as a whole is refused before anything of it is written.
func (s *Server) bulk(r *request) (answer, *fail.Error) {
	name := ""
	if len(r.parts) == 2 {
		name = r.parts[0]
	}
	if err := r.refreshPolicy(); err != nil {
		return answer{}, err
	}
	actions, err := parseBulk(r.body, name)
	if err != nil {
		return answer{}, err
	}
	all := s.write(actions, r.fault)
	brief := r.query.Get("filter_path") == verdictsOnly && !r.flag("pretty")
	items := make([]byte, 0, 64*len(actions)+64)
	failed := false
	for i, w := range all {
		a := &actions[i]
		if i > 0 {
			items = append(items, ',')
		}
		failed = failed || w.Err != nil
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

func appendVerdict(b []byte, a *action, w index.Written) []byte {
	b = append(b, '{', '"')
	b = append(b, a.op...)
	b = append(b, `":{`...)
	if w.Err != nil {
		b = append(b, `"error":`...)
		b = w.Err.AppendBody(b, false)
		b = append(b, ',')
	}
	b = append(b, `"status":`...)
	b = strconv.AppendInt(b, int64(status(w)), 10)
	return append(b, '}', '}')
}

// executor does the actions of one request and remembers the last index.
type executor struct {
	s       *Server
	name    string
	ix      *index.Index
	touched []*index.Index
	writer  *index.Writer
}

var writers = sync.Pool{}

// write does actions, and returns once they are beyond this process.
func (s *Server) write(actions []action, fault *Fault) []index.Written {
	e := executor{s: s}
	e.writer, _ = writers.Get().(*index.Writer)
	if e.writer == nil {
		e.writer = index.NewWriter(s.known)
	}
	defer func() { writers.Put(e.writer) }()
	all := make([]index.Written, len(actions))
	in := make([]*index.Index, len(actions))
	for i := range actions {
		all[i], in[i] = e.do(&actions[i], fault)
	}
	for _, ix := range e.touched {
		err := ix.Flush()
		for i := range all {
			if err != nil && in[i] == ix && all[i].Err == nil {
				all[i].Err = err
			}
		}
	}
	for _, w := range all {
		s.count(w)
	}
	return all
}

func (e *executor) do(a *action, fault *Fault) (w index.Written, in *index.Index) {
	if fault != nil && fault.Item != nil {
		if status, kind, reason := fault.Item(a.name, a.ID); status != 0 {
			e.s.stats.faults.Add(1)
			return index.Written{Err: &fail.Error{Status: status, Kind: kind, Reason: reason}}, nil
		}
	}
	for {
		if e.ix == nil || e.name != a.name {
			ix, err := e.s.store.target(a.name, a.creates())
			if err != nil {
				return index.Written{Err: err}, nil
			}
			e.ix, e.name = ix, a.name
			e.touched = append(e.touched, ix)
		}
		m := e.ix.Mapping()
		if !a.Delete {
			values := e.writer.Values
			if err := values.Read(m, a.ID, a.Source); err != nil {
				a.name = e.ix.Name // not the alias
				return index.Written{Err: err}, nil
			}
			if len(values.New) > 0 {
				if err := e.extend(a, m); err != nil {
					return index.Written{Err: err}, nil
				}
				continue
			}
		}
		w, ok := e.ix.Put(&a.Write, m, e.writer)
		if ok {
			a.name = e.ix.Name
			return w, e.ix
		}
		e.ix = nil // it was deleted or changed a moment ago: find the one of that name now
	}
}

// extend gives the index the fields that a document brings, if it is good with them.
func (e *executor) extend(a *action, m *schema.Mapping) *fail.Error {
	added := slices.Clone(e.writer.Values.New)
	next, err := m.Extend(added)
	if err == nil {
		err = e.writer.Values.Read(next, a.ID, a.Source)
	}
	if err == nil {
		err = e.s.store.extend(e.ix, added)
	}
	return err
}

// creates tells whether the action makes an index that is not there. A delete
// does only to keep an external version.
func (a *action) creates() bool { return !a.Delete || a.Versioning != index.Internal }

func (s *Server) count(w index.Written) {
	switch {
	case w.Err == nil && w.Result == "deleted":
		s.stats.deleted.Add(1)
	case w.Err == nil:
		s.stats.written.Add(1)
	case w.Err.Status == http.StatusConflict:
		s.stats.conflicts.Add(1)
	case w.Err.Status == http.StatusTooManyRequests:
		s.stats.full.Add(1)
	default:
		s.stats.refused.Add(1)
	}
}

func status(w index.Written) int {
	switch {
	case w.Err != nil:
		return w.Err.Status
	case w.Result == "created":
		return http.StatusCreated
	case w.Result == "not_found":
		return http.StatusNotFound
	}
	return http.StatusOK
}

func appendItem(b []byte, a *action, w index.Written) []byte {
	b = append(b, '{', '"')
	b = append(b, a.op...)
	b = append(b, `":`...)
	b = appendWritten(b, a.name, a.ID, w, true)
	return append(b, '}')
}

// appendWritten appends the answer to one write, alone or in a bulk answer.
func appendWritten(b []byte, name, id string, w index.Written, withStatus bool) []byte {
	b = append(b, `{"_index":`...)
	b = jsonscan.AppendString(b, name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, id)
	if w.Err != nil {
		b = append(b, `,"error":`...)
		b = w.Err.AppendBody(b, false)
	} else {
		b = append(b, `,"_version":`...)
		b = strconv.AppendInt(b, w.Version, 10)
		b = append(b, `,"result":"`...)
		b = append(b, w.Result...)
		b = append(b, `","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":`...)
		b = strconv.AppendInt(b, w.Seq, 10)
		b = append(b, `,"_primary_term":1`...)
	}
	if withStatus {
		b = append(b, `,"status":`...)
		b = strconv.AppendInt(b, int64(status(w)), 10)
	}
	return append(b, '}')
}

// bodies keeps the memory of request bodies: sources are copied out of them.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}
