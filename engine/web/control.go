package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"taxistream/engine"
)

// Control changes the job that is shown. Its calls return when what they ask for is done, or
// has failed, or the job has ended. The context is the one of Options.
type Control interface {
	// Savepoint writes a savepoint to target, or where there is none to a place of its own,
	// and returns where it is.
	Savepoint(ctx context.Context, target string) (location string, err error)
	// Stop ends the job with a savepoint; drain: after every window has fired.
	Stop(ctx context.Context, target string, drain bool) (location string, err error)
	// Rescale changes the job's parallelism.
	Rescale(ctx context.Context, parallelism int) error
	// Cancel ends the job at once. It does not wait.
	Cancel() error
}

// The kinds of triggers, which are parts of their paths.
const (
	savepoints = "savepoints"
	rescaling  = "rescaling"
)

// registerControl puts the paths on mux that change the job.
func (s *server) registerControl(mux *http.ServeMux) {
	for _, version := range []string{"", "/v1"} {
		handle := func(pattern string, h func(*http.Request) (int, any, error)) {
			method, path, _ := strings.Cut(pattern, " ")
			mux.HandleFunc(method+" "+version+path, func(w http.ResponseWriter, r *http.Request) { s.control(w, r, h) })
		}
		handle("POST /jobs/{id}/savepoints", s.savepoint)
		handle("POST /jobs/{id}/stop", s.stop)
		handle("PATCH /jobs/{id}", s.cancel)
		handle("PATCH /jobs/{id}/rescaling", s.rescale)
		for _, kind := range []string{savepoints, rescaling} {
			handle("GET /jobs/{id}/"+kind+"/{trigger}", func(r *http.Request) (int, any, error) {
				x := s.triggers.find(kind, r.PathValue("trigger"))
				if x == nil {
					return 0, nil, errNotFound
				}
				return http.StatusOK, x.answer(), nil
			})
		}
	}
}

// badRequest is what the asker has to mend.
type badRequest struct{ what string }

func (e badRequest) Error() string { return e.what }

// control answers a request that changes the job, or asks what became of one.
func (s *server) control(w http.ResponseWriter, r *http.Request, h func(*http.Request) (int, any, error)) {
	status, v, err := 0, any(nil), errNotFound
	if r.PathValue("id") == s.o.ID {
		status, v, err = h(r)
	}
	var bad badRequest
	switch {
	case errors.As(err, &bad):
		s.refuse(w, http.StatusBadRequest, bad.what)
	case errors.Is(err, errNotFound):
		s.notFound(w, r)
	case errors.Is(err, engine.ErrNotRunning):
		s.refuse(w, http.StatusConflict, err.Error())
	case err != nil:
		s.refuse(w, http.StatusInternalServerError, err.Error())
	default:
		write(w, status, v)
	}
}

// order is the body of a request, of which each path uses a part.
type order struct {
	Target    string `json:"targetDirectory"`
	OldTarget string `json:"target-directory"` // as Flink spells it for savepoints
	Cancel    bool   `json:"cancel-job"`
	Drain     bool   `json:"drain"`
	Format    string `json:"formatType"`
	Trigger   string `json:"triggerId"`
}

// bodyLimit is more than any order has.
const bodyLimit = 64 << 10

func readOrder(r *http.Request) (o order, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit))
	if err != nil {
		return o, badRequest{"the body cannot be read: " + err.Error()}
	}
	if len(bytes.TrimSpace(body)) > 0 {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil {
			return o, badRequest{"the body is not valid: " + err.Error()}
		}
	}
	if o.Target == "" {
		o.Target = o.OldTarget
	}
	switch o.Format {
	case "", "CANONICAL":
	default:
		return o, badRequest{fmt.Sprintf("formatType %q: savepoints are CANONICAL", o.Format)}
	}
	if o.Trigger == "" {
		o.Trigger = newTrigger()
	}
	if id, err := hex.DecodeString(o.Trigger); err != nil || len(id) != 16 {
		return o, badRequest{fmt.Sprintf("triggerId %q: 32 hexadecimal digits are needed", o.Trigger)}
	}
	return o, nil
}

func newTrigger() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

func (s *server) savepoint(r *http.Request) (int, any, error) {
	o, err := readOrder(r)
	if err != nil {
		return 0, nil, err
	}
	if o.Cancel {
		return s.stopBy(o)
	}
	return s.trigger(o.Trigger, &trigger{kind: savepoints}, func() (string, error) { return s.o.Control.Savepoint(s.o.Context, o.Target) })
}

func (s *server) stop(r *http.Request) (int, any, error) {
	o, err := readOrder(r)
	if err != nil {
		return 0, nil, err
	}
	return s.stopBy(o)
}

func (s *server) stopBy(o order) (int, any, error) {
	return s.trigger(o.Trigger, &trigger{kind: savepoints, ends: true}, func() (string, error) {
		return s.o.Control.Stop(s.o.Context, o.Target, o.Drain)
	})
}

func (s *server) rescale(r *http.Request) (int, any, error) {
	text := r.URL.Query().Get("parallelism")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > s.o.MaxParallelism {
		return 0, nil, badRequest{fmt.Sprintf("parallelism %q: choose 1 to %d", text, s.o.MaxParallelism)}
	}
	return s.trigger(newTrigger(), &trigger{kind: rescaling}, func() (string, error) { return "", s.o.Control.Rescale(s.o.Context, n) })
}

func (s *server) trigger(id string, x *trigger, f func() (string, error)) (int, any, error) {
	if !s.o.Job().State.Live() {
		return 0, nil, engine.ErrNotRunning
	}
	s.triggers.begin(id, x, f)
	return http.StatusAccepted, object{"request-id": id}, nil
}

func (s *server) cancel(r *http.Request) (int, any, error) {
	if mode := r.URL.Query().Get("mode"); mode != "" && mode != "cancel" {
		return 0, nil, badRequest{fmt.Sprintf("mode %q: only cancel is there; to stop with a savepoint, POST to /jobs/%s/stop", mode, s.o.ID)}
	}
	if err := s.o.Control.Cancel(); err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, object{}, nil
}
