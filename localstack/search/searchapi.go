package search

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/query"
)

// expression is the indexes of a request's path; none is all of them.
func (r *request) expression() string {
	if len(r.parts) > 1 {
		return r.parts[0]
	}
	return "*"
}

// withIndexes calls fn with the indexes that an expression names, none of which
// changes meanwhile.
func (s *Server) withIndexes(expression string, parameters url.Values, fn func([]*index.Index) *fail.Error) *fail.Error {
	s.store.mu.RLock()
	indexes, err := s.store.resolve(expression, flag(parameters, "ignore_unavailable"))
	s.store.mu.RUnlock()
	if err != nil {
		return err
	}
	if len(indexes) == 0 && parameters.Get("allow_no_indices") == "false" {
		return fail.NoSuchIndex(expression)
	}
	for _, ix := range indexes { // by name, so that two searches cannot wait for each other
		defer ix.View()()
	}
	return fn(indexes)
}

func (s *Server) search(r *request) (answer, *fail.Error) {
	b, err := s.appendSearch(nil, r.expression(), r.body, r.query)
	return answer{status: http.StatusOK, body: append(b, '}')}, err
}

// appendSearch appends the answer to a search, without its closing brace.
func (s *Server) appendSearch(b []byte, expression string, body []byte, parameters url.Values) ([]byte, *fail.Error) {
	q, err := query.Parse(body, parameters)
	if err != nil {
		return b, err
	}
	err = s.withIndexes(expression, parameters, func(indexes []*index.Index) *fail.Error {
		found, err := query.Find(q, indexes)
		if err != nil {
			return err
		}
		b = found.Append(b)
		return found.Err()
	})
	return b, err
}

// multiSearch answers _msearch: pairs of lines, which indexes and what search.
// Each search fails by itself.
func (s *Server) multiSearch(r *request) (answer, *fail.Error) {
	if len(bytes.TrimSpace(r.body)) == 0 {
		return answer{}, fail.Newf(http.StatusBadRequest, "parse_exception", "request body is required")
	}
	if r.body[len(r.body)-1] != '\n' {
		return answer{}, fail.Illegalf(`The msearch request must be terminated by a newline [\n]`)
	}
	b := []byte(`{"took":0,"responses":[`)
	for rest, n := r.body, 0; len(rest) > 0; n++ {
		var head, body []byte
		head, rest = cutLine(rest)
		if len(bytes.TrimSpace(head)) == 0 && len(bytes.TrimSpace(rest)) == 0 {
			break
		}
		body, rest = cutLine(rest)
		expression, parameters, err := searchHead(head, r)
		if err != nil {
			return answer{}, err
		}
		if n > 0 {
			b = append(b, ',')
		}
		before := len(b)
		if b, err = s.appendSearch(b, expression, body, parameters); err != nil {
			b = err.AppendAnswer(b[:before])
			continue
		}
		b = append(b, `,"status":200}`...)
	}
	return answer{status: http.StatusOK, body: append(b, `]}`...)}, nil
}

// searchHead reads the first line of a pair; what it does not say the request says.
func searchHead(raw []byte, r *request) (expression string, parameters url.Values, failed *fail.Error) {
	var head struct {
		Index       json.RawMessage `json:"index"`
		Unavailable json.RawMessage `json:"ignore_unavailable"`
		NoIndices   json.RawMessage `json:"allow_no_indices"`
		Expand      json.RawMessage `json:"expand_wildcards"`
		Preference  json.RawMessage `json:"preference"`
		Cache       json.RawMessage `json:"request_cache"`
	}
	if len(bytes.TrimSpace(raw)) > 0 {
		if failed = fail.Strict(raw, &head); failed != nil {
			return "", nil, failed
		}
	}
	parameters = url.Values{}
	for name, value := range map[string]json.RawMessage{"ignore_unavailable": head.Unavailable, "allow_no_indices": head.NoIndices} {
		if value != nil {
			parameters.Set(name, jsonscan.Scalar(value))
		} else if given, ok := r.query[name]; ok {
			parameters[name] = given
		}
	}
	expression = r.expression()
	if len(head.Index) > 0 && head.Index[0] == '[' {
		var list []string
		if json.Unmarshal(head.Index, &list) != nil {
			return "", nil, fail.Parsingf("index takes a name or a list of names")
		}
		return strings.Join(list, ","), parameters, nil
	}
	if len(head.Index) > 0 && head.Index[0] == '"' {
		expression = jsonscan.Scalar(head.Index)
	}
	return expression, parameters, nil
}

func (s *Server) countDocs(r *request) (answer, *fail.Error) {
	q, err := query.Count(r.body)
	if err != nil {
		return answer{}, err
	}
	var b []byte
	err = s.withIndexes(r.expression(), r.query, func(indexes []*index.Index) *fail.Error {
		found, err := query.Find(q, indexes)
		if err != nil {
			return err
		}
		b = append(b, `{"count":`...)
		b = strconv.AppendInt(b, found.Total(), 10)
		b = append(b, ',')
		b = append(query.AppendShards(b, len(indexes)), '}')
		return nil
	})
	return answer{status: http.StatusOK, body: b}, err
}
