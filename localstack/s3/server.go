// Package s3 is the part of Amazon S3 that this project uses, in memory, for
// tests: PutObject with If-None-Match: * and If-Match, GetObject with ranges and
// If-Match, CopyObject, ListObjectsV2 with pages, DeleteObject. Anything else is answered
// with 501. Buckets exist once CreateBucket names them. A fault function can
// break any request. It keeps all in memory, without a limit but that of one request.
package s3

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"taxistream/localstack/listen"
)

// Fault is what happens to a request.
type Fault struct {
	Status int // answered with, instead of doing what is asked
	// CutBody, if positive, ends the answer's connection after that many bytes.
	CutBody int
	// Done: what is asked is done all the same, only the answer is a fault.
	Done bool
}

// Server is the handler. Fault must not be changed while requests run.
type Server struct {
	// Fault is asked before each request; nil and a zero Fault mean none.
	Fault func(r *http.Request, bucket, key string) Fault
	// MaxBody is the longest body of a request, in bytes (0: 1 GiB).
	MaxBody int64

	listener *listen.Server

	mu      sync.Mutex
	buckets map[string]map[string][]byte
}

// Start serves on addr (host:port; port 0 takes a free one) until Close, and returns the
// base URL. It starts once.
func (s *Server) Start(addr string) (baseURL string, err error) {
	if s.listener, err = listen.Start("embedded S3", addr, s, nil); err != nil {
		return "", err
	}
	return s.listener.URL(), nil
}

// Close cuts all connections of a server that was started. The objects stay.
func (s *Server) Close() error { return s.listener.Close() }

// pageSize is the most objects of one listing.
const pageSize = 100

// CreateBucket makes a bucket.
func (s *Server) CreateBucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets == nil {
		s.buckets = map[string]map[string][]byte{}
	}
	if s.buckets[name] == nil {
		s.buckets[name] = map[string][]byte{}
	}
}

// Keys lists what a bucket holds.
func (s *Server) Keys(bucket string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.buckets[bucket]))
}

// Object is one object's bytes, nil if it is not there.
func (s *Server) Object(bucket, key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.buckets[bucket][key])
}

// Set puts an object.
func (s *Server) Set(bucket, key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[bucket][key] = bytes.Clone(data)
}

// Remove removes an object, if it is there.
func (s *Server) Remove(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.buckets[bucket], key)
}

func etag(data []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(data)) }

// answer is what a request gets.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    int // if positive, the connection ends after so many bytes of body
}

func refused(status int, code string) answer {
	return answer{status: status, body: fmt.Appendf(nil, `<Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	var body []byte
	from, err := listen.Body(w, r, cmp.Or(s.MaxBody, 1<<30))
	if err == nil {
		body, err = io.ReadAll(from)
	}
	switch {
	case errors.Is(err, listen.ErrTooLarge):
		refused(http.StatusBadRequest, "EntityTooLarge").write(w)
		return
	case err != nil:
		panic(http.ErrAbortHandler)
	}
	var f Fault
	if s.Fault != nil {
		f = s.Fault(r, bucket, key)
	}
	a := refused(f.Status, "InjectedFault")
	if f.Status == 0 || f.Done {
		if done := s.do(r, bucket, key, body); f.Status == 0 {
			a = done
		}
	}
	if f.CutBody > 0 && f.CutBody < len(a.body) {
		a.cut = f.CutBody
	}
	a.write(w)
}

func (a answer) write(w http.ResponseWriter) {
	defer listen.Answer(w)()
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut > 0 {
		_, _ = w.Write(a.body[:a.cut])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body) // who does not wait for the answer has his reasons
}

func (s *Server) do(r *http.Request, bucket, key string, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	objects := s.buckets[bucket]
	if objects == nil {
		return refused(http.StatusNotFound, "NoSuchBucket")
	}
	old, there := objects[key]
	switch {
	case key == "" && r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "2":
		return list(objects, r)
	case key == "":
		return refused(http.StatusNotImplemented, "NotImplemented")
	case r.Method == http.MethodPut:
		switch match := r.Header.Get("If-Match"); {
		case r.Header.Get("If-None-Match") == "*" && there:
			return refused(http.StatusPreconditionFailed, "PreconditionFailed")
		case match != "" && !there:
			return refused(http.StatusNotFound, "NoSuchKey")
		case match != "" && match != etag(old):
			return refused(http.StatusPreconditionFailed, "PreconditionFailed")
		}
		if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
			return s.copied(source, objects, key)
		}
		objects[key] = unchunk(r, body)
		return answer{status: http.StatusOK, header: http.Header{"Etag": {etag(objects[key])}}}
	case r.Method == http.MethodGet && !there:
		return refused(http.StatusNotFound, "NoSuchKey")
	case r.Method == http.MethodGet:
		return get(old, r)
	case r.Method == http.MethodDelete:
		delete(objects, key)
		return answer{status: http.StatusNoContent}
	}
	return refused(http.StatusNotImplemented, "NotImplemented")
}

// copied answers CopyObject. The lock is held.
func (s *Server) copied(source string, objects map[string][]byte, key string) answer {
	path, err := url.PathUnescape(strings.TrimPrefix(source, "/"))
	bucket, from, _ := strings.Cut(path, "/")
	data, there := s.buckets[bucket][from]
	if err != nil || !there {
		return refused(http.StatusNotFound, "NoSuchKey")
	}
	objects[key] = bytes.Clone(data)
	body := fmt.Sprintf("<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>", etag(data))
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte(body)}
}

func get(data []byte, r *http.Request) answer {
	if match := r.Header.Get("If-Match"); match != "" && match != etag(data) {
		return refused(http.StatusPreconditionFailed, "PreconditionFailed")
	}
	a := answer{status: http.StatusOK, header: http.Header{"Etag": {etag(data)}}, body: data}
	var from int
	if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
		if from >= len(data) {
			return refused(http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
		}
		a.status, a.body = http.StatusPartialContent, data[from:]
		a.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
	}
	return a
}

// unchunk takes the data out of aws-chunked framing, whose trailer is a checksum.
func unchunk(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return body
	}
	var data []byte
	for {
		line, rest, _ := bytes.Cut(body, []byte("\r\n"))
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(size), 16, 64)
		if err != nil || n == 0 || int(n)+2 > len(rest) {
			return data
		}
		data, body = append(data, rest[:n]...), rest[n+2:]
	}
}

func list(objects map[string][]byte, r *http.Request) answer {
	type entry struct {
		Key  string
		Size int
		ETag string
	}
	var out struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string  `xml:",omitempty"`
		Contents              []entry `xml:"Contents"`
	}
	q := r.URL.Query()
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		if !strings.HasPrefix(key, q.Get("prefix")) || key <= q.Get("continuation-token") {
			continue
		}
		if len(out.Contents) == pageSize {
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[pageSize-1].Key
			break
		}
		out.Contents = append(out.Contents, entry{key, len(objects[key]), etag(objects[key])})
	}
	text, err := xml.Marshal(out)
	if err != nil {
		return refused(http.StatusInternalServerError, "InternalError")
	}
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/xml"}}, body: text}
}
