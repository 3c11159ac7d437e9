package simulation

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing/synctest"
	"time"
)

// process is one start of a program, until it ends or is killed. A dead one runs on, as
// its goroutines cannot be stopped, but reaches nobody any more, and its files are nobody's.
//
// Invariant: once dead is true it stays so, and no link of the process is in the network.
type process struct {
	w       *world
	program string
	number  int             // among the starts of its program, from 1
	files   string          // the folder that it keeps its files in
	ctx     context.Context //nolint:containedctx // its life
	cancel  context.CancelFunc
	told    chan struct{} // closed: stop in good order
	drain   chan struct{} // closed: come to the end of the stream, and end
	died    chan struct{} // closed by kill
	ended   chan struct{} // closed when it has returned; err is then set
	err     error

	mu      sync.Mutex
	dead    bool
	stopped bool           // told to, in good order
	robbed  bool           // another one takes its job over
	works   func() bool    // nil: it is not at work yet
	calls   map[string]int // requests, by operation
	severed chan struct{}  // nil: it is on the network; closed when it is again
}

// start runs a program in a goroutine.
func (w *world) start(program, files string, run func(*process) error) *process {
	w.starts[program]++
	p := &process{
		w: w, program: program, number: w.starts[program], files: files, told: make(chan struct{}), drain: make(chan struct{}), died: make(chan struct{}), ended: make(chan struct{}), calls: map[string]int{},
	}
	p.ctx, p.cancel = context.WithCancel(w.ctx)
	w.group.Go(func() {
		defer close(p.ended)
		defer p.cancel()
		p.err = run(p)
	})
	return p
}

// dial is awsconf.DialFunc.
func (p *process) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	return p.w.net.dial(ctx, p, addr)
}

var errDead = errors.New("the process is dead")

// reach waits while the process is off the network.
func (p *process) reach(ctx context.Context) error {
	for {
		p.mu.Lock()
		dead, severed := p.dead, p.severed
		p.mu.Unlock()
		switch {
		case dead:
			return errDead
		case severed == nil:
			return nil
		}
		select {
		case <-severed:
		case <-p.died:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sever takes the process off the network: what it sends arrives later, if it still waits then.
func (p *process) sever() (heal func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.severed != nil {
		return func() {}
	}
	c := make(chan struct{})
	p.severed = c
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.severed = nil
		close(c)
	}
}

// kill ends the process at a moment at which nothing runs, and returns a copy of its files
// as they are then. It is called by the world's own goroutine alone.
func (p *process) kill() (files string) {
	synctest.Wait()
	files = p.w.folder()
	if _, err := os.Stat(p.files); err == nil {
		p.w.must(os.CopyFS(files, os.DirFS(p.files)))
	}
	p.mu.Lock()
	p.dead = true
	p.mu.Unlock()
	close(p.died)
	p.w.net.cut(func(l *link) bool { return l.of == p })
	p.cancel()
	return files
}

// over reports whether the process has ended or is dead.
func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	case <-p.died:
		return true
	default:
		return false
	}
}

// atWork reports whether it has begun its job, and so has its place.
func (p *process) atWork() bool {
	p.mu.Lock()
	works := p.works
	p.mu.Unlock()
	return works != nil && works()
}

// nth counts the requests of an operation.
func (p *process) nth(operation string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[operation]++
	return p.calls[operation]
}

// folder is an empty one.
func (w *world) folder() string {
	dir, err := os.MkdirTemp(w.dir, "files-*")
	w.must(err)
	return dir
}

func (p *process) file(name string) string { return filepath.Join(p.files, name) }

// clock is a program's own: it jumps.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
