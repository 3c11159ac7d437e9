package search

import (
	"encoding/json"
	"net/http"
	"strconv"

	"taxistream/internal/jsonscan"
)

// target is the index expression of a request's path; none is all of them.
func (r *request) expression() string {
	if len(r.parts) > 1 {
		return r.parts[0]
	}
	return "*"
}

// withIndexes calls fn with the indexes that a request names, none of which
// changes meanwhile.
func (s *Server) withIndexes(r *request, fn func([]*index) *apiError) *apiError {
	s.store.mu.RLock()
	indexes, err := s.store.resolve(r.expression(), r.flag("ignore_unavailable"))
	s.store.mu.RUnlock()
	if err != nil {
		return err
	}
	if len(indexes) == 0 && r.query.Get("allow_no_indices") == "false" {
		return noSuchIndex(r.expression())
	}
	for _, ix := range indexes { // by name, so that two searches cannot wait for each other
		ix.mu.RLock()
		defer ix.mu.RUnlock()
	}
	return fn(indexes)
}

func (s *Server) search(r *request) (answer, *apiError) {
	q, err := parseSearch(r)
	if err != nil {
		return answer{}, err
	}
	var body []byte
	err = s.withIndexes(r, func(indexes []*index) *apiError {
		hits, err := find(q, indexes)
		if err == nil {
			body = appendSearch(q, indexes, hits)
		}
		return err
	})
	return answer{status: http.StatusOK, body: body}, err
}

func appendSearch(q *searchRequest, indexes []*index, f found) []byte {
	b := append([]byte(nil), `{"took":0,"timed_out":false,`...)
	b = appendShards(b, len(indexes))
	b = append(b, `,"hits":{`...)
	switch {
	case q.track < 0 || f.total <= q.track:
		b = append(b, `"total":{"value":`...)
		b = strconv.AppendInt(b, f.total, 10)
		b = append(b, `,"relation":"eq"},`...)
	case q.track > 0:
		b = append(b, `"total":{"value":`...)
		b = strconv.AppendInt(b, q.track, 10)
		b = append(b, `,"relation":"gte"},`...)
	}
	score := "null"
	switch {
	case len(indexes) == 0:
		score = "0.0"
	case len(q.sort) == 0 && len(f.hits) > 0:
		score = "1.0"
	}
	b = append(b, `"max_score":`...)
	b = append(b, score...)
	b = append(b, `,"hits":[`...)
	for i, c := range f.hits {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendHit(b, q, indexes, c, score)
	}
	b = append(b, `]}`...)
	if len(indexes) == 0 {
		f.aggs = nil // as OpenSearch has it
	}
	for i, g := range f.aggs {
		b = append(b, [...]string{`,"aggregations":{`, ","}[min(i, 1)]...)
		b = g.append(b)
	}
	if len(f.aggs) > 0 {
		b = append(b, '}')
	}
	return append(b, '}')
}

func appendHit(b []byte, q *searchRequest, indexes []*index, c candidate, score string) []byte {
	ix := indexes[c.ix]
	d := &ix.docs[c.slot]
	b = append(b, `{"_index":`...)
	b = jsonscan.AppendString(b, ix.name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, d.id)
	if q.version {
		b = append(b, `,"_version":`...)
		b = strconv.AppendInt(b, d.version, 10)
	}
	b = append(b, `,"_score":`...)
	b = append(b, score...)
	b = q.source.append(b, d.source)
	if len(q.sort) > 0 {
		b = append(b, `,"sort":[`...)
		for i := range q.sort {
			if i > 0 {
				b = append(b, ',')
			}
			r, _ := q.sort[i].bind(ix) // it was bound before
			b = q.sort[i].append(b, r.kind, c.values[i])
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendShards(b []byte, n int) []byte {
	b = append(b, `"_shards":{"total":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `,"successful":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, `,"skipped":0,"failed":0}`...)
}

func (s *Server) countDocs(r *request) (answer, *apiError) {
	var body struct {
		Query json.RawMessage `json:"query"`
	}
	if len(r.body) > 0 {
		if err := strictUnmarshal(r.body, &body); err != nil {
			return answer{}, err
		}
	}
	q := &searchRequest{query: allNode{}}
	if body.Query != nil {
		var err *apiError
		if q.query, err = parseQuery(body.Query, 0); err != nil {
			return answer{}, err
		}
	}
	var b []byte
	err := s.withIndexes(r, func(indexes []*index) *apiError {
		hits, err := find(q, indexes)
		b = append(b, `{"count":`...)
		b = strconv.AppendInt(b, hits.total, 10)
		b = append(b, ',')
		b = append(appendShards(b, len(indexes)), '}')
		return err
	})
	return answer{status: http.StatusOK, body: b}, err
}
