package live

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// silent reports whether nothing but the clock is new since the status that it was last asked about, and all viewers
// know that one. Only Run asks.
func (s *Server) silent() bool {
	st := s.status()
	st.Now = 0
	said := text(st)
	same := bytes.Equal(said, s.said)
	s.said = said
	return !s.renew.Swap(false) && same
}

// beat tells every viewer that the link lives and what time it is: a page that has nothing new to show costs 3 kB a
// minute, where whole frames would be a hundred.
func (h *hub) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.next)
	h.next = make(chan struct{})
}

// sendBeat writes an event of its own kind: it has no id, so that a viewer goes on from its last frame.
func (s *Server) sendBeat(w http.ResponseWriter, control *http.ResponseController) error {
	_ = control.SetWriteDeadline(s.o.Clock().Add(writeTimeout))
	if _, err := fmt.Fprint(w, "event: beat\ndata: "+strconv.FormatInt(s.o.Clock().UnixMilli(), 10)+"\n\n"); err != nil {
		return err
	}
	return control.Flush()
}

// beatEvery is how many silent looks at the status, two a second, there are to a beat. The page takes a link for lost
// after 3 s of silence.
const beatEvery = 2

// patience is how many rows of the history wait for a frame while all else is silent: half a minute's.
const patience = 6

// untold is how many rows no frame has told of.
func (h *history) untold() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.rows) - 1; i >= 0 && h.rows[i].frame == 0; i-- {
		n++
	}
	return n
}
