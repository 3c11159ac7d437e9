package opensearch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"taxistream/internal/fault"
)

// troubles tells of the server's bad times once, however many operations of a
// client meet them at the same time.
type troubles struct {
	server                 string
	onTrouble, onRecovered func(string)

	mu     sync.Mutex
	active int // operations that are in trouble now
}

// spell is one operation's share in the troubles. It is used by one goroutine, and
// by the timer that silence starts.
type spell struct {
	of *troubles
	on bool // guarded by of.mu
}

// silence begins the spell of an operation to which nobody answers for a while,
// until it is stopped.
func (s *spell) silence() *time.Timer {
	return time.AfterFunc(2*fault.Silence, func() { s.begin(fmt.Sprintf("no answer for %v", 2*fault.Silence)) })
}

func (s *spell) begin(what string) {
	t := s.of
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.on {
		return
	}
	s.on = true
	t.active++
	if t.active == 1 && t.onTrouble != nil {
		t.onTrouble(fmt.Sprintf("opensearch at %s: %s; waiting, and trying again", t.server, oneLine(what)))
	}
}

// end says that the operation got through. Only then is the server back: an
// operation that gives up calls quit.
func (s *spell) end() { s.leave(true) }

func (s *spell) quit() { s.leave(false) }

func (s *spell) leave(recovered bool) {
	t := s.of
	t.mu.Lock()
	defer t.mu.Unlock()
	if !s.on {
		return
	}
	s.on = false
	t.active--
	if t.active == 0 && recovered && t.onRecovered != nil {
		t.onRecovered(fmt.Sprintf("opensearch at %s: takes requests again", t.server))
	}
}

// backoff waits before an attempt, the first of which is number 0 and does not
// wait. Half of the delay is random, so that writers do not come back in step.
func (c *Client) backoff(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return ctx.Err()
	}
	d := c.o.MaxBackoff
	if shift := attempt - 1; shift < 20 {
		d = min(d, c.o.MinBackoff<<shift)
	}
	d = d/2 + rand.N(d/2+1)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
