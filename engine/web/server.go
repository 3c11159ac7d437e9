package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"taxistream/engine"
)

// Options say which job is shown.
type Options struct {
	// ID is the job's, 32 hexadecimal digits; see ID.
	ID             string
	Job            func() engine.Snapshot
	Now            func() time.Time
	MaxParallelism int
	// Control changes the job; nil: only GET is answered.
	Control Control
	// Context is that of what Control is asked for; needed with it.
	Context context.Context //nolint:containedctx // requests end before what they ask for
	// Version and Commit are the program's, Address the host:port it is reached by; each may be empty.
	Version, Commit, Address string
	// Settings are what the program was started with, without secrets.
	Settings []Setting
	// Checkpoints is how they are taken.
	Checkpoints CheckpointConfig
	// Log gives the newest lines of the program's log; nil: none are kept.
	Log func() []byte
}

// Setting is one value of a configuration.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// CheckpointConfig is how checkpoints are taken, for people.
type CheckpointConfig struct {
	Interval, Timeout time.Duration
	Tolerable         int    // failures in a row
	Storage           string // where they are
	StateBackend      string
}

// ID makes 32 hexadecimal digits of what names a job for good.
func ID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// object is a JSON object in the making.
type object = map[string]any

type server struct {
	o        Options
	triggers triggers
	rates    rates
}

// errNotFound is what a path names and is not there.
var errNotFound = errors.New("not found")

// handler answers one path; what it returns is written as JSON.
type handler func(r *http.Request, j engine.Snapshot) (any, error)

// Register puts the paths on mux, each with and without /v1 before it. The function that
// it returns is for a program that ends with its job: it waits until those who ended the job
// by a request have asked what became of it, or for the end of its context.
func Register(mux *http.ServeMux, o Options) (linger func(context.Context)) {
	s := &server{o: o, triggers: triggers{all: make(map[string]*trigger)}}
	for _, paths := range []map[string]handler{s.jobPaths(), s.vertexPaths(), s.clusterPaths()} {
		for path, answer := range paths {
			s.handle(mux, path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, answer) })
		}
	}
	for _, process := range []string{"/jobmanager", "/taskmanagers/{manager}"} {
		for _, file := range []string{"/log", "/logs/{file}", "/stdout"} {
			s.handle(mux, process+file, s.file)
		}
	}
	s.handle(mux, "/", s.notFound)
	if o.Control != nil {
		s.registerControl(mux)
	}
	return s.triggers.wait
}

func (s *server) handle(mux *http.ServeMux, path string, f http.HandlerFunc) {
	for _, version := range []string{"", "/v1"} {
		mux.HandleFunc("GET "+version+path, f)
	}
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, f handler) {
	id := r.PathValue("id")
	if raw, err := hex.DecodeString(id); err != nil || id != "" && len(raw) != 16 {
		s.refuse(w, http.StatusBadRequest, "job id "+id+": 32 hexadecimal digits are needed; see /jobs")
		return
	}
	if id != "" && id != s.o.ID {
		s.notFound(w, r)
		return
	}
	j := s.o.Job()
	s.rates.note(s.o.Now(), j)
	v, err := f(r, j)
	var bad badRequest
	switch {
	case errors.As(err, &bad):
		s.refuse(w, http.StatusBadRequest, bad.what)
	case err != nil:
		s.notFound(w, r)
	default:
		write(w, http.StatusOK, v)
	}
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, http.StatusNotFound, r.URL.Path+": no such job, vertex, metric or request; see /jobs")
}

// refuse answers in the shape of Flink's errors.
func (s *server) refuse(w http.ResponseWriter, status int, why string) {
	write(w, status, object{"errors": []string{why}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader went away
}
