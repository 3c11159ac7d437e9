package search_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"taxistream/localstack/search"
)

// Ensure that nothing that a page in a browser can send reaches a document.
func TestGuard(t *testing.T) {
	s := newStore(t, search.Options{})
	for _, c := range []struct {
		name, method, path, body string
		host                     string
		header                   map[string]string
		status                   int
		words                    string
	}{
		{"Program", "POST", "/x/_doc", `{}`, "127.0.0.1:9200", nil, 201, ""},
		{"IPv6", "POST", "/x/_doc", `{}`, "[::1]:9200", nil, 201, ""},
		{"Compose", "POST", "/x/_doc", `{}`, "localstack:9200", nil, 201, ""},
		{"Kubernetes", "POST", "/x/_doc", `{}`, "search.default.svc.cluster.local:9200", nil, 201, ""},
		{"DockerHost", "POST", "/x/_doc", `{}`, "host.docker.internal:9200", nil, 201, ""},
		{"Rebound", "POST", "/x/_doc", `{}`, "evil.example.com:9200", nil, 403, "evil.example.com"},
		{"ReboundRead", "GET", "/_search", ``, "evil.example.com", nil, 403, "security_exception"},
		{"ReboundLookalike", "GET", "/_search", ``, "localhost.evil.com", nil, 403, ""},
		{"Form", "POST", "/_bulk", `{}`, "localhost:9200", map[string]string{"Content-Type": "text/plain"}, 406, `"error":"Content-Type header [text/plain] is not supported"`},
		{"Urlencoded", "POST", "/_bulk", `{}`, "localhost:9200", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 406, ""},
		{"Multipart", "POST", "/_bulk", `{}`, "localhost:9200", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, 406, ""},
		{"NoType", "POST", "/_bulk", `{}`, "localhost:9200", map[string]string{"Content-Type": ""}, 406, "Content-Type header [] is not supported"},
		{"Smuggled", "POST", "/_bulk", `{}`, "localhost:9200", map[string]string{"Content-Type": "text/plain; application/json"}, 406, ""},
		{"Page", "POST", "/x/_doc", `{}`, "localhost:9200", map[string]string{"Origin": "https://evil.example.com"}, 403, "evil.example.com"},
		{"OtherPort", "DELETE", "/x", ``, "localhost:9200", map[string]string{"Origin": "http://localhost:8081"}, 403, ""},
		{"NullOrigin", "DELETE", "/x", ``, "localhost:9200", map[string]string{"Origin": "null"}, 403, ""},
		{"EmptyForm", "POST", "/_refresh", ``, "localhost:9200", map[string]string{"Origin": "https://evil.example.com"}, 403, ""},
		{"NoOrigin", "GET", "/_refresh", ``, "localhost:9200", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, ""},
		{"OwnOrigin", "POST", "/x/_doc", `{}`, "localhost:9200", map[string]string{"Origin": "http://localhost:9200"}, 201, ""},
		{"AddressBar", "GET", "/_cat/indices", ``, "localhost:9200", map[string]string{"Sec-Fetch-Site": "none"}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRequest(c.method, c.path, c.body)
			r.Host = c.host
			for name, value := range c.header {
				if r.Header.Set(name, value); value == "" {
					r.Header.Del(name)
				}
			}
			w := httptest.NewRecorder()
			s.s.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("got status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			contains(t, w.Body.String(), c.words)
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("another page may read the answer")
			}
		})
	}
	if status, _ := s.do(http.MethodHead, "/x", ""); status != 200 {
		t.Error("a page deleted the index")
	}
}
