package search

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/query"
)

// getDocument answers GET and HEAD on /{index}/_doc/{id}.
func (s *Server) getDocument(r *request) (answer, *fail.Error) {
	source, err := query.SourceOf(query.SourceFilter{}, r.query)
	if err != nil {
		return answer{}, err
	}
	b, found, err := s.appendDocument(nil, r.parts[0], r.parts[2], source)
	if err != nil {
		return answer{}, err
	}
	if !found {
		return answer{status: http.StatusNotFound, body: b}, nil
	}
	return answer{status: http.StatusOK, body: b}, nil
}

// appendDocument appends what is known of a document.
func (s *Server) appendDocument(b []byte, name, id string, source query.SourceFilter) (_ []byte, found bool, failed *fail.Error) {
	s.store.mu.RLock()
	ix, failed := s.store.existing(name)
	s.store.mu.RUnlock()
	if failed == nil && ix == nil {
		failed = fail.NoSuchIndex(name)
	}
	if failed != nil {
		return b, false, failed
	}
	d, found, err := ix.Get(id, new(disk.Reader))
	if err != nil {
		return b, false, fail.Disk(err)
	}
	b = append(b, `{"_index":`...)
	b = jsonscan.AppendString(b, ix.Name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, id)
	if !found {
		return append(b, `,"found":false}`...), false, nil
	}
	b = append(b, `,"_version":`...)
	b = strconv.AppendInt(b, d.Version, 10)
	b = append(b, `,"_seq_no":`...)
	b = strconv.AppendInt(b, d.Seq, 10)
	b = append(b, `,"_primary_term":1,"found":true`...)
	b = source.Append(b, d.Source)
	return append(b, '}'), true, nil
}

// multiGet answers _mget: documents by their ids, each found or not by itself.
func (s *Server) multiGet(r *request) (answer, *fail.Error) {
	var body struct {
		Docs []struct {
			Index  string          `json:"_index"`
			ID     *string         `json:"_id"`
			Source json.RawMessage `json:"_source"`
		} `json:"docs"`
		IDs []string `json:"ids"`
	}
	if err := fail.Strict(r.body, &body); err != nil {
		return answer{}, err
	}
	name := ""
	if len(r.parts) == 2 {
		name = r.parts[0]
	}
	if len(body.Docs)+len(body.IDs) == 0 {
		return answer{}, invalidf("no documents to get")
	}
	b := []byte(`{"docs":[`)
	add := func(name, id string, raw json.RawMessage) *fail.Error {
		source, err := query.ParseSource(raw)
		if err == nil {
			source, err = query.SourceOf(source, r.query)
		}
		if err != nil {
			return err
		}
		if len(b) > len(`{"docs":[`) {
			b = append(b, ',')
		}
		if b, _, err = s.appendDocument(b, name, id, source); err != nil {
			b = append(b, `{"_index":`...)
			b = jsonscan.AppendString(b, name)
			b = append(b, `,"_id":`...)
			b = jsonscan.AppendString(b, id)
			b = append(b, `,"error":`...)
			b = append(err.AppendBody(b, true), '}')
		}
		return nil
	}
	for i, d := range body.Docs {
		if d.Index == "" {
			d.Index = name
		}
		switch {
		case d.Index == "":
			return answer{}, invalidf("index is missing for doc %d", i)
		case d.ID == nil:
			return answer{}, invalidf("id is missing for doc %d", i)
		}
		if err := add(d.Index, *d.ID, d.Source); err != nil {
			return answer{}, err
		}
	}
	for _, id := range body.IDs {
		if name == "" {
			return answer{}, invalidf("index is missing for doc 0")
		}
		if err := add(name, id, nil); err != nil {
			return answer{}, err
		}
	}
	return answer{status: http.StatusOK, body: append(b, `]}`...)}, nil
}

func invalidf(format string, args ...any) *fail.Error {
	e := fail.Newf(http.StatusBadRequest, "action_request_validation_exception", format, args...)
	e.Reason = "Validation Failed: 1: " + e.Reason + ";"
	return e
}

// refreshPolicy refuses what is none; all policies are one here.
func (r *request) refreshPolicy() *fail.Error {
	switch p := r.query.Get("refresh"); p {
	case "", "true", "false", "wait_for":
		return nil
	default:
		return fail.Illegalf("Unknown value for refresh: [%s].", p)
	}
}

// putDocument answers PUT, POST and DELETE on /{index}/_doc/{id}, POST on
// /{index}/_doc, which makes an id, and PUT and POST on /{index}/_create/{id}.
func (s *Server) putDocument(r *request) (answer, *fail.Error) {
	a := action{name: r.parts[0]}
	a.Source, a.Delete = r.body, r.http.Method == http.MethodDelete
	a.Create = r.query.Get("op_type") == "create" || r.parts[1] == "_create"
	if len(r.parts) > 2 {
		a.ID = r.parts[2]
	}
	if err := a.addressed(r.query); err != nil {
		return answer{}, err
	}
	if err := r.refreshPolicy(); err != nil {
		return answer{}, err
	}
	if why := a.invalid(); why != "" {
		return answer{}, invalidf("%s", why)
	}
	if !a.Delete && len(a.Source) == 0 {
		return answer{}, fail.Newf(http.StatusBadRequest, "parse_exception", "request body is required")
	}
	if a.ID == "" {
		a.ID = newID()
	}
	actions := []action{a}
	w := s.write(actions, nil)[0]
	if w.Err != nil {
		return answer{}, w.Err
	}
	return answer{status: status(w), body: appendWritten(nil, actions[0].name, a.ID, w, false)}, nil
}

// addressed reads the version that a request's address gives.
func (a *action) addressed(parameters url.Values) *fail.Error {
	if kind := parameters.Get("version_type"); kind != "" {
		if err := a.setVersionType(kind); err != nil {
			return err
		}
	}
	if text := parameters.Get("version"); text != "" {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fail.Illegalf("Failed to parse long parameter [version] with value [%s]", text)
		}
		a.Version, a.Versioned = v, true
	}
	return nil
}
