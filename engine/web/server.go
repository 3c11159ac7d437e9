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
}

// errNotFound is what a path names and is not there.
var errNotFound = errors.New("not found")

// Register puts the paths on mux, each with and without /v1 before it. The function that
// it returns is for a program that ends with its job: it waits until those who ended the job
// by a request have asked what became of it, or for the end of its context.
func Register(mux *http.ServeMux, o Options) (linger func(context.Context)) {
	s := &server{o: o, triggers: triggers{all: make(map[string]*trigger)}}
	for path, answer := range map[string]func(*http.Request, engine.Snapshot) (any, error){
		"/overview":                    s.overview,
		"/jobs":                        s.jobs,
		"/jobs/overview":               s.jobsOverview,
		"/jobs/{id}":                   s.job,
		"/jobs/{id}/plan":              s.plan,
		"/jobs/{id}/checkpoints":       s.checkpoints,
		"/jobs/{id}/exceptions":        s.exceptions,
		"/jobs/{id}/vertices/{vertex}": s.vertex,
		"/jobs/{id}/vertices/{vertex}/watermarks":       s.watermarks,
		"/jobs/{id}/vertices/{vertex}/backpressure":     s.backpressure,
		"/jobs/{id}/vertices/{vertex}/metrics":          s.metrics,
		"/jobs/{id}/vertices/{vertex}/subtasks/metrics": s.metrics,
	} {
		for _, version := range []string{"", "/v1"} {
			mux.HandleFunc("GET "+version+path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, answer) })
		}
	}
	if o.Control != nil {
		s.registerControl(mux)
	}
	return s.triggers.wait
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, f func(*http.Request, engine.Snapshot) (any, error)) {
	var v any
	err := errNotFound
	if id := r.PathValue("id"); id == "" || id == s.o.ID {
		v, err = f(r, s.o.Job())
	}
	if err != nil {
		s.notFound(w, r)
		return
	}
	write(w, http.StatusOK, v)
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

// state is the job's in Flink's words; a job that takes its last checkpoint still runs.
func state(s engine.Snapshot) string {
	switch s.State {
	case engine.JobRunning, engine.JobStopping:
		return "RUNNING"
	case engine.JobRestarting:
		return "RESTARTING"
	case engine.JobCancelled:
		return "CANCELED"
	}
	return strings.ToUpper(string(s.State))
}

func (s *server) since(at time.Time) (start, duration int64) {
	if at.IsZero() {
		return -1, 0
	}
	return at.UnixMilli(), s.o.Now().Sub(at).Milliseconds()
}
