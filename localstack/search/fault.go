package search

import (
	"net/http"
	"strings"
	"time"

	"taxistream/localstack/search/fail"
)

// FaultFunc decides what goes wrong with a request; nil is nothing. It is called
// from the request's goroutine.
type FaultFunc func(r *http.Request) *Fault

// Fault is one thing that goes wrong, or several.
type Fault struct {
	Delay  time.Duration // before anything else; ends early with the request
	Drop   bool          // cut the connection, nothing is done
	Status int           // answer this, nothing is done; with Type and Reason
	Type   string
	Reason string

	// Item refuses some items of a bulk request: a status other than 0 is the
	// item's, and it is not written.
	Item func(index, id string) (status int, kind, reason string)

	// What follows happens after the request was done in full: the client
	// cannot know.
	Garble   []byte // replaces the answer's body
	CutAfter int    // above 0: cut the connection after so many bytes of the answer
}

// SetFault changes what goes wrong from the next request on.
func (s *Server) SetFault(f FaultFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *Server) faultOf(r *http.Request) *Fault {
	s.mu.Lock()
	f := s.fault
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(r)
}

// before does what a fault does to a request, and tells whether that was all.
func (f *Fault) before(w http.ResponseWriter, r *http.Request) (answered bool) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	if f.Drop {
		panic(http.ErrAbortHandler) // net/http's way to cut the connection
	}
	if f.Status != 0 {
		writeAnswer(w, failed(&fail.Error{Status: f.Status, Kind: f.Type, Reason: f.Reason}))
		return true
	}
	return false
}

// after spoils an answer.
func (f *Fault) after(w http.ResponseWriter, a answer) {
	if f.Garble != nil {
		a.body = f.Garble
	}
	if f.CutAfter <= 0 {
		writeAnswer(w, a)
		return
	}
	// The announced length is the whole one, so that the client knows it was cut.
	cut := a
	cut.body = a.body[:min(f.CutAfter, len(a.body))]
	cut.length = len(a.body) + 1
	writeAnswer(w, cut)
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}

// IsBulk tells a bulk request, for faults that are about those only.
func IsBulk(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/_bulk") }
