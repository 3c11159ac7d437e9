package search

import (
	"net/http"
	"strconv"

	"taxistream/internal/jsonscan"
)

// getDocument answers GET and HEAD on /{index}/_doc/{id}.
func (s *Server) getDocument(r *request) (answer, *apiError) {
	name, id := r.parts[0], r.parts[2]
	s.store.mu.RLock()
	ix, err := s.store.existing(name)
	s.store.mu.RUnlock()
	if err != nil {
		return answer{}, err
	}
	if ix == nil {
		return answer{}, noSuchIndex(name)
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	b := append([]byte(nil), `{"_index":`...)
	b = jsonscan.AppendString(b, ix.name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, id)
	slot, ok := ix.slots[id]
	if !ok || ix.docs[slot].source == "" {
		return answer{status: http.StatusNotFound, body: append(b, `,"found":false}`...)}, nil
	}
	d := &ix.docs[slot]
	b = append(b, `,"_version":`...)
	b = strconv.AppendInt(b, d.version, 10)
	b = append(b, `,"_seq_no":`...)
	b = strconv.AppendInt(b, d.seq, 10)
	b = append(b, `,"_primary_term":1,"found":true`...)
	var whole sourceFilter
	b = whole.append(b, d.source)
	return answer{status: http.StatusOK, body: append(b, '}')}, nil
}

// refreshPolicy refuses what is none; all policies are one here.
func (r *request) refreshPolicy() *apiError {
	switch p := r.query.Get("refresh"); p {
	case "", "true", "false", "wait_for":
		return nil
	default:
		return illegalf("Unknown value for refresh: [%s].", p)
	}
}

// putDocument answers PUT, POST and DELETE on /{index}/_doc/{id}.
func (s *Server) putDocument(r *request) (answer, *apiError) {
	a := action{index: r.parts[0]}
	a.id, a.source, a.delete = r.parts[2], r.body, r.http.Method == http.MethodDelete
	if kind := r.query.Get("version_type"); kind != "" {
		if err := a.setVersionType(kind); err != nil {
			return answer{}, err
		}
	}
	if text := r.query.Get("version"); text != "" {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return answer{}, illegalf("Failed to parse long parameter [version] with value [%s]", text)
		}
		a.version, a.versioned = v, true
	}
	if r.query.Get("op_type") == "create" {
		a.create = true
	}
	if err := r.refreshPolicy(); err != nil {
		return answer{}, err
	}
	if why := a.invalid(); why != "" {
		return answer{}, failf(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: 1: %s;", why)
	}
	if !a.delete && len(a.source) == 0 {
		return answer{}, failf(http.StatusBadRequest, "parse_exception", "request body is required")
	}
	e := executor{s: s}
	w := e.do(&a, nil)
	if w.err != nil {
		return answer{}, w.err
	}
	return answer{status: w.status(), body: appendWritten(nil, a.index, a.id, w, false)}, nil
}
