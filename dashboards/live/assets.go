package live

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The built page. web/ holds its sources; `make generate-live` builds it.
//
//go:embed web/dist
var dist embed.FS

type page struct {
	files   map[string]file
	version string // of all files together
}

type file struct {
	plain     []byte
	packed    func() []byte // made when first asked for: packing costs more than all else of the start
	kind, tag string
}

// loadPage reads every file once; they are built into the program, so nothing
// about them can fail at run time.
var loadPage = sync.OnceValue(func() page {
	p := page{files: make(map[string]file)}
	all := sha256.New()
	entries, err := fs.ReadDir(dist, "web/dist")
	if err != nil {
		panic("live: the page built into the program: " + err.Error())
	}
	for _, e := range entries {
		data, err := dist.ReadFile("web/dist/" + e.Name())
		if err != nil {
			panic("live: the page built into the program: " + err.Error())
		}
		all.Write(data)
		sum := sha256.Sum256(data)
		packed := sync.OnceValue(func() []byte { return pack(data, gzip.BestCompression) })
		p.files[e.Name()] = file{plain: data, packed: packed, kind: mime.TypeByExtension(path.Ext(e.Name())), tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	p.version = hex.EncodeToString(all.Sum(nil)[:6])
	return p
})

// pageVersion tells an open page that another build is served now.
func pageVersion() string { return loadPage().version }

// policy lets the page reach its own server and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func asset(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := loadPage().files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "no-cache") // asked for again, answered 304 while it is the same
		h.Set("ETag", f.tag)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Header.Get("If-None-Match") == f.tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		send(w, r, f.plain, f.packed)
	}
}

// worthPacking is the size from which an answer is compressed.
const worthPacking = 4096

// answer writes JSON, packed for those who take it.
func answer(w http.ResponseWriter, r *http.Request, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	send(w, r, data, func() []byte { return pack(data, gzip.BestSpeed) })
}

func send(w http.ResponseWriter, r *http.Request, plain []byte, packed func() []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(plain) >= worthPacking && takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		plain = packed()
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(plain) // a reader that went away needs no answer
	}
}

func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

func pack(data []byte, level int) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic("live: " + err.Error()) // the levels are constants
	}
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}
