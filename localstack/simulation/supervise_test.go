package simulation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// supervised is a program that is started again whenever it was killed or stopped. Its
// methods but finished are the world's own goroutine's.
//
// Invariant: now is the newest start.
type supervised struct {
	w        *world
	program  string
	run      func(*process, bool) error
	now      *process
	robbed   []*process    // those that were taken over from
	finished chan struct{} // closed when it has ended by itself, without an error
}

// supervise starts a program; run's second argument says that it takes over.
func (w *world) supervise(program string, run func(p *process, takeOver bool) error) *supervised {
	s := &supervised{w: w, program: program, run: run, finished: make(chan struct{})}
	s.start(w.folder(), false)
	return s
}

func (s *supervised) start(files string, takeOver bool) {
	p := s.w.start(s.program, files, func(p *process) error { return s.run(p, takeOver) })
	s.now = p
	s.w.group.Go(func() {
		select {
		case <-p.ended:
		case <-p.died:
			return
		}
		p.mu.Lock()
		dead, stopped := p.dead, p.stopped || p.robbed
		p.mu.Unlock()
		switch {
		case dead || s.w.ctx.Err() != nil:
		case p.err != nil && stopped && unflushed(p.err):
		case p.err != nil:
			s.w.fail("%s-%d ended by itself: %v", p.program, p.number, p.err)
		case !stopped:
			close(s.finished)
		}
	})
}

// idle reports whether there is nothing to kill or stop.
func (s *supervised) idle() bool {
	select {
	case <-s.finished:
		return true
	default:
		return s.now.over()
	}
}

// unflushed reports whether an error is one that a stop may end with: what it could not wait for.
func unflushed(err error) bool {
	for _, said := range []string{"did not take within", "stopped without a last checkpoint", "final checkpoint"} {
		if strings.Contains(err.Error(), said) {
			return true
		}
	}
	return false
}

// kill ends it as kill -9 does, and starts it again.
func (s *supervised) kill(e event) bool {
	if s.idle() {
		return false
	}
	files := s.now.kill()
	s.w.pause(e.long / 8)
	s.start(files, s.program == processorName && s.w.plan.bucket && (e.n%2 == 0 || s.others()))
	return true
}

// halt stops it in good order, and starts it again when it has ended.
func (s *supervised) halt() bool {
	if s.idle() {
		return false
	}
	p := s.now
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	close(p.told)
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		s.w.fail("%s-%d has not ended a minute after it was told to stop", p.program, p.number)
		return true
	}
	s.start(p.files, s.others())
	return true
}

// others reports whether one that another took over from is still there: it may hold the place.
func (s *supervised) others() bool {
	return slices.ContainsFunc(s.robbed, func(p *process) bool { return !p.over() })
}

// takeOver starts another one beside it, which takes its job over. One that is still about to take
// a place over itself is let be: of two the later one wins.
func (s *supervised) takeOver() bool {
	if s.idle() || !s.now.atWork() {
		return false
	}
	before := s.now
	before.mu.Lock()
	before.robbed = true
	before.mu.Unlock()
	s.robbed = append(s.robbed, before)
	s.start(s.w.folder(), true)
	return true
}

func (s *supervised) sever() (heal func(), done bool) {
	if s.idle() {
		return nil, false
	}
	return s.now.sever(), true
}

// drain waits for the end of the stream and ends the processor there.
func (s *supervised) drain(ctx context.Context) error {
	p := s.now
	close(p.drain)
	select {
	case <-p.ended:
	case <-ctx.Done():
		return fmt.Errorf("processor-%d: %w", p.number, ctx.Err())
	}
	return p.err
}
