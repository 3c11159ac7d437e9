package jobpage_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"taxistream/dashboards/jobpage"
)

func get(t *testing.T, h http.Handler, method, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Ensure the page and every file that it names are there, asked for again only when they changed, under a policy
// that lets them reach nothing else.
func TestHandler_Page(t *testing.T) {
	h := jobpage.Handler(func() jobpage.State { return jobpage.State{} })
	page := get(t, h, "GET", "/job", nil)
	if page.Code != http.StatusOK || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("/job: %d %s", page.Code, page.Header())
	}
	if p := page.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
		t.Errorf("policy %q", p)
	}
	seen := map[string]bool{}
	var follow func(text, base string)
	named := regexp.MustCompile(`(?:href|src)="(job/[\w.]+)"|from "\./([\w.]+)"`)
	follow = func(text, base string) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			path := "/" + m[1]
			if m[2] != "" {
				path = "/job/" + m[2]
			}
			if seen[path] {
				continue
			}
			seen[path] = true
			w := get(t, h, "GET", path, nil)
			if w.Code != http.StatusOK {
				t.Errorf("%s, named in %s: %d", path, base, w.Code)
			}
			if again := get(t, h, "GET", path, map[string]string{"If-None-Match": w.Header().Get("ETag")}); again.Code != http.StatusNotModified {
				t.Errorf("%s, known already: %d", path, again.Code)
			}
			follow(w.Body.String(), path)
		}
	}
	follow(page.Body.String(), "/job")
	if len(seen) < 7 {
		t.Errorf("only %v are named", seen)
	}
	for path, want := range map[string]int{"/job/no.js": 404, "/job/../page.go": 307, "/job/": 404} {
		if w := get(t, h, "GET", path, nil); w.Code != want && w.Code != http.StatusMovedPermanently {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := get(t, h, "POST", "/job/state", nil); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// Ensure the state is JSON of now, compressed for those who take it.
func TestHandler_State(t *testing.T) {
	asked := 0
	h := jobpage.Handler(func() jobpage.State { asked++; return jobpage.State{Name: "trips", Attempts: asked} })
	for n := range 2 {
		w := get(t, h, "GET", "/job/state", map[string]string{"Accept-Encoding": "gzip"})
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var s jobpage.State
		if err := json.NewDecoder(z).Decode(&s); err != nil || s.Attempts != n+1 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%+v, %v, %v", s, err, w.Header())
		}
	}
	if w := get(t, h, "GET", "/job/state", nil); !strings.HasPrefix(w.Body.String(), `{"id":"","name":"trips"`) {
		t.Errorf("plain: %s", w.Body)
	}
}
