package search

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taxistream/localstack/listen"
	"taxistream/localstack/search/fail"
)

// request is a request whose body was read.
type request struct {
	http  *http.Request
	parts []string // of the path, unescaped
	query url.Values
	body  []byte // valid until the answer is written
	fault *Fault
}

// answer is an answer's status and JSON.
type answer struct {
	status   int
	body     []byte
	length   int  // announced; 0: that of the body
	filtered bool // filter_path is already applied
	plain    bool // text, no JSON
}

func failed(e *fail.Error) answer { return answer{status: e.Status, body: e.AppendAnswer(nil)} }

func (r *request) flag(name string) bool { return flag(r.query, name) }

func flag(parameters url.Values, name string) bool {
	v, given := parameters[name]
	return given && v[0] != "false"
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.stats.requests.Add(1)
	fault := s.faultOf(r)
	if fault != nil {
		s.stats.faults.Add(1)
		if fault.before(w, r) {
			return
		}
	}
	body := bodies.Get().(*[]byte)
	defer bodies.Put(body)
	a, err := s.answer(w, r, body, fault)
	if err != nil {
		if err.Status == http.StatusNotImplemented {
			s.stats.unsupported.Add(1)
		}
		a = failed(err)
	}
	if fault != nil {
		fault.after(w, a)
		return
	}
	writeAnswer(w, a)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body *[]byte, fault *Fault) (answer, *fail.Error) {
	if err := guard(r); err != nil {
		return answer{}, err
	}
	parts, err := pathParts(r.URL)
	if err != nil {
		return answer{}, err
	}
	rt, err := findRoute(r.Method, r.URL.Path, parts)
	if err != nil {
		return answer{}, err
	}
	q := &request{http: r, parts: parts, query: r.URL.Query(), fault: fault}
	for _, name := range slices.Sorted(maps.Keys(q.query)) {
		if !slices.Contains(common, name) && !slices.Contains(rt.parameters, name) {
			return answer{}, fail.Unsupportedf("the parameter %s on %s", name, rt.path)
		}
	}
	if *body, err = s.readBody(w, r, (*body)[:0]); err != nil {
		return answer{}, err
	}
	q.body = *body
	a, err := rt.handle(s, q)
	if err != nil {
		return answer{}, err
	}
	return a.shaped(q)
}

// shaped applies filter_path and pretty.
func (a answer) shaped(r *request) (answer, *fail.Error) {
	if a.plain {
		return a, nil
	}
	if paths := r.query.Get("filter_path"); paths != "" && !a.filtered {
		filtered, err := filterPath(a.body, paths)
		if err != nil {
			return answer{}, err
		}
		a.body = filtered
	}
	if r.flag("pretty") {
		var b bytes.Buffer
		if json.Indent(&b, a.body, "", "  ") == nil {
			b.WriteByte('\n')
			a.body = b.Bytes()
		}
	}
	return a, nil
}

// pathParts splits a path before it is unescaped: an id may hold a slash.
func pathParts(u *url.URL) ([]string, *fail.Error) {
	var parts []string
	for _, p := range strings.Split(u.EscapedPath(), "/") {
		if p == "" {
			continue
		}
		part, err := url.PathUnescape(p)
		if err != nil {
			return nil, fail.Illegalf("the path is not well escaped: %v", err)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// readBody reads a body into b, unpacked if it is gzip.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, b []byte) ([]byte, *fail.Error) {
	tooLong := fail.Newf(http.StatusRequestEntityTooLarge, "content_too_long_exception", "entity content is too long for the configured limit of [%d] bytes", s.o.MaxBody)
	from, err := listen.Body(w, r, s.o.MaxBody)
	if err != nil {
		return b, tooLong
	}
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		if n := r.ContentLength; n > 0 && n <= s.o.MaxBody {
			b = slices.Grow(b, int(n)+1)
		}
	case "gzip":
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return b, fail.Illegalf("the request body is not gzip: %v", err)
		}
		from = unpacked
	default:
		return b, fail.Unsupportedf("the content encoding %s", encoding)
	}
	for limit := s.o.MaxBody; ; {
		if len(b) == cap(b) {
			b = slices.Grow(b, max(len(b), 4096))
		}
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > limit {
			return b, tooLong
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if errors.Is(err, listen.ErrTooLarge) {
			return b, tooLong
		}
		if err != nil {
			return b, fail.Illegalf("read the request body: %v", err)
		}
	}
}

func writeAnswer(w http.ResponseWriter, a answer) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	if a.plain {
		h.Set("Content-Type", "text/plain; charset=UTF-8")
	}
	n := a.length
	if n == 0 {
		n = len(a.body)
	}
	h.Set("Content-Length", strconv.Itoa(n))
	w.WriteHeader(a.status)
	defer listen.Answer(w)()
	_, _ = w.Write(a.body) // who does not wait for the answer has his reasons
}
