// Package jobpage is the control room's page for engineers: the job's graph, its shards, checkpoints, exceptions and
// configuration, and what may be done to it. The page asks for one [State] every other second while somebody looks,
// and changes the job by REST, as any client does.
package jobpage

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed page
var files embed.FS

// policy lets the page reach its own server and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler answers /job, the page, /job/{file}, its parts, and /job/state, with GET and HEAD only.
func Handler(state func() State) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /job", func(w http.ResponseWriter, r *http.Request) { serve(w, r, "index.html") })
	mux.HandleFunc("GET /job/{file}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, r.PathValue("file")) })
	mux.HandleFunc("GET /job/state", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		to, end := packed(w, r)
		defer end()
		_ = json.NewEncoder(to).Encode(state()) // the reader went away
	})
	return mux
}

func serve(w http.ResponseWriter, r *http.Request, name string) {
	data, err := files.ReadFile(path.Join("page", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(data)
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "no-cache") // asked for again, answered 304 while it is the same
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	to, end := packed(w, r)
	defer end()
	_, _ = to.Write(data) // a reader that went away needs no answer
}

// packed gives where an answer goes, compressed for those who take it.
func packed(w http.ResponseWriter, r *http.Request) (to io.Writer, end func()) {
	w.Header().Add("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Method == http.MethodHead {
		return w, func() {}
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	return z, func() { _ = z.Close() }
}
