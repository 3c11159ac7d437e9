package live

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// hub holds the last frame and wakes whoever waits for the next one.
type hub struct {
	mu    sync.Mutex
	frame uint64
	data  []byte        // of the step from the frame before
	next  chan struct{} // closed at the next frame
}

func (h *hub) init() { h.next = make(chan struct{}) }

func (h *hub) publish(frame uint64, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frame, h.data = frame, data
	close(h.next)
	h.next = make(chan struct{})
}

func (h *hub) last() (frame uint64, data []byte, next <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.frame, h.data, h.next
}

// writeTimeout ends a viewer that takes nothing for so long.
const writeTimeout = 20 * time.Second

// events streams frames to one viewer: first all that it does not know, then
// each step, and beats where there is none. A viewer that missed steps gets their sum.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	v := &s.viewers
	if v.open.Add(1) > int64(s.o.MaxViewers) {
		v.open.Add(-1)
		v.refused.Add(1)
		w.Header().Set("Retry-After", "10")
		http.Error(w, fmt.Sprintf("%d pages are open, which is the most: close one", s.o.MaxViewers), http.StatusServiceUnavailable)
		return
	}
	s.rejects.wake()
	defer func() {
		v.open.Add(-1)
		s.rejects.wake()
	}()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // for proxies that would hold events back
	control := http.NewResponseController(w)
	known := s.resume(r)
	for first := true; ; first = false {
		over := s.over() // before the last frame is looked at, which then is the last for good
		frame, step, next := s.hub.last()
		if frame <= known && !first && !over {
			if err := s.sendBeat(w, control); err != nil {
				v.dropped.Add(1)
				return
			}
		}
		if frame > known || first {
			if frame != known+1 || first {
				if !first {
					v.skipped.Add(int64(frame - known - 1))
				}
				step, frame = s.frameSince(known)
				s.renew.Store(true) // its status is of between two looks
			}
			if err := s.send(w, control, frame, step); err != nil {
				v.dropped.Add(1)
				return
			}
			v.sent.Add(1)
			known = frame
		}
		if over {
			s.goodbye(w, control)
			return
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return
		case <-s.ended:
		}
	}
}

// over reports whether Run has ended.
func (s *Server) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// goodbye tells a viewer that the server ends in order, and in what condition, so
// that the page need not guess.
func (s *Server) goodbye(w http.ResponseWriter, control *http.ResponseController) {
	_ = control.SetWriteDeadline(s.o.Clock().Add(time.Second))
	if _, err := fmt.Fprintf(w, "event: goodbye\ndata: %q\n\n", s.o.Status().Condition); err == nil {
		_ = control.Flush() // an error: the viewer is gone
	}
}

func (s *Server) send(w http.ResponseWriter, control *http.ResponseController, frame uint64, data []byte) error {
	// Without deadlines (a test's recorder) a viewer is not ended; that is all.
	_ = control.SetWriteDeadline(s.o.Clock().Add(writeTimeout))
	if _, err := fmt.Fprintf(w, "id: %s-%d\ndata: %s\n\n", s.run, frame, data); err != nil {
		return err
	}
	return control.Flush()
}

// frameSince is all that changed since a frame, as JSON.
func (s *Server) frameSince(known uint64) (data []byte, frame uint64) {
	s.mu.Lock()
	if known > s.frame {
		known = 0
	}
	c := s.changeSince(known)
	s.mu.Unlock()
	return s.encode(c), c.Frame
}

// resume is the frame that a viewer knows: 0 for a new one, or one of another run.
func (s *Server) resume(r *http.Request) uint64 {
	run, frame, _ := strings.Cut(r.Header.Get("Last-Event-ID"), "-")
	if run == "" {
		run, frame, _ = strings.Cut(r.URL.Query().Get("after"), "-")
	}
	n, err := strconv.ParseUint(frame, 10, 64)
	if run != s.run || err != nil {
		return 0
	}
	return n
}
