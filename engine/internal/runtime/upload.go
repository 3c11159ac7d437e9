package runtime

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"taxistream/engine/checkpoint"
)

// Uploads is the queue of what tasks kept at barriers. Its actors write the parts of one
// task after the other and answer for the task once all are in the store.
//
// Invariants: a job is taken by one actor, which answers for it exactly once, with an
// error if any part of it failed; every view is dropped once.
type Uploads struct {
	X      *Execution
	Answer func(Answer)
	// Number gives each operator one, for the names of files.
	Number func(operator string) int
	// Blamed puts the names of an operator and subtask to what fails while its state is written.
	Blamed func(operator string, subtask int, err error) error

	mu     sync.Mutex
	jobs   []upload
	actors []*uploader
	closed bool
	whole  int64                      // the newest checkpoint of this attempt that became whole
	files  map[string]checkpoint.File // of it, by name
}

type upload struct {
	barrier *Barrier
	task    *Task
	parts   []Part
	times   CutTimes
}

// Writers makes so many actors.
func (u *Uploads) Writers(n int) {
	for i := range n {
		a := &uploader{u: u, number: i, waker: NewWaker()}
		u.actors = append(u.actors, a)
		u.X.Add(a)
	}
}

// Put takes what a task kept.
func (u *Uploads) Put(b *Barrier, t *Task, parts []Part, times CutTimes) {
	u.mu.Lock()
	u.jobs = append(u.jobs, upload{barrier: b, task: t, parts: parts, times: times})
	u.mu.Unlock()
	u.wake()
}

// Close ends the actors once there is nothing left to write.
func (u *Uploads) Close() {
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	u.wake()
}

// Whole notes the files of a checkpoint that became whole: what does not change from
// then on need not be written again.
func (u *Uploads) Whole(id int64, answers map[*Task]Answer) {
	files := make(map[string]checkpoint.File)
	for _, a := range answers {
		for _, p := range a.Parts {
			for _, f := range p.Files {
				files[f.Name] = f
			}
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.whole, u.files = id, files
}

// unchanged is the file of the newest whole checkpoint that a part is still the same as.
func (u *Uploads) unchanged(p *Part, name string) (id int64, f checkpoint.File, ok bool) {
	if p.Since == 0 {
		return 0, f, false
	}
	return u.held(name, p.Since)
}

// held is a file of the newest whole checkpoint of this attempt, if that is not older than since.
func (u *Uploads) held(name string, since int64) (id int64, f checkpoint.File, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.whole < since {
		return 0, f, false
	}
	f, ok = u.files[name]
	return u.whole, f, ok
}

func (u *Uploads) wake() {
	for _, a := range u.actors {
		a.waker.Wake()
	}
}

func (u *Uploads) take() (job upload, ok, closed bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.jobs) == 0 {
		return job, false, u.closed
	}
	job, u.jobs = u.jobs[0], u.jobs[1:]
	return job, true, false
}

// uploader is one actor of Uploads. A step writes one part.
type uploader struct {
	u      *Uploads
	number int
	waker  Waker
	job    *upload
	answer Answer
}

// Name implements Actor.
func (a *uploader) Name() string { return "upload/" + itoa(a.number) }

// Waker implements Actor.
func (a *uploader) Waker() Waker { return a.waker }

// Blame implements Actor.
func (a *uploader) Blame(err error) error { return err }

// Step implements Actor. What fails fails the checkpoint, not the job.
func (a *uploader) Step(time.Time) (Outcome, error) {
	if a.job == nil {
		job, ok, closed := a.u.take()
		if !ok {
			if closed {
				return Ended, nil
			}
			return Idle, nil
		}
		a.job, a.answer = &job, Answer{Barrier: job.barrier, Task: job.task, Times: job.times}
	}
	if len(a.job.parts) > 0 {
		p := &a.job.parts[0]
		a.job.parts = a.job.parts[1:]
		var stored Stored
		err := Contain(func() (err error) { // codecs are user code
			stored, err = a.put(p)
			return err
		})
		var panicked *Panic
		if errors.As(err, &panicked) {
			a.u.X.Logger.Error("panic", "where", p.Operator, "panic", panicked.Value, "stack", panicked.Stack)
			err = a.u.Blamed(p.Operator, a.job.task.Subtask, err)
		}
		a.answer.Parts = append(a.answer.Parts, stored)
		if a.answer.Err == nil {
			a.answer.Err = err
		}
	}
	if len(a.job.parts) == 0 {
		a.answer.Times.Stored = a.u.X.Clock.Now()
		a.u.Answer(a.answer)
		a.job, a.answer = nil, Answer{}
	}
	return Did, nil
}

// errGivenUp: nobody waits for the checkpoint any more.
var errGivenUp = errors.New("given up")

func (a *uploader) put(p *Part) (s Stored, err error) {
	s = Stored{Operator: p.Operator, Watermark: p.Watermark}
	if p.View == nil {
		return s, nil
	}
	defer p.View.Drop()
	b := a.job.barrier
	if b.GivenUp() || b.Writer == nil {
		return s, errGivenUp
	}
	if v, ok := p.View.(FilesView); ok {
		s.Files, s.Linked, err = a.putFiles(p, v)
		return s, err
	}
	name := p.name(a.u.Number(p.Operator))
	if id, f, ok := a.u.unchanged(p, name); ok && !b.Portable {
		if f, err := b.Writer.Link(a.u.X.Ctx, id, f); err == nil {
			s.Files, s.Linked = []checkpoint.File{f}, f.Bytes
			return s, nil
		}
	}
	f, err := b.Writer.Put(a.u.X.Ctx, name, &viewReader{ctx: a.u.X.Ctx, view: p.View, barrier: b})
	if err != nil {
		return s, err
	}
	f.First, f.End = p.First, p.End
	s.Files = []checkpoint.File{f}
	return s, nil
}

// putFiles takes the files of a view into the checkpoint: those that the newest whole one
// holds are linked.
func (a *uploader) putFiles(p *Part, v FilesView) (files []checkpoint.File, linked int64, err error) {
	native, err := v.Files()
	if err != nil {
		return nil, 0, err
	}
	set := p.set(a.u.Number(p.Operator))
	for _, n := range native {
		f, old, err := a.putFile(set+"-"+n.Name, n)
		if err != nil {
			return nil, 0, err
		}
		if old {
			linked += f.Bytes
		}
		f.First, f.End, f.Set, f.Format = p.First, p.End, set, v.Format()
		files = append(files, f)
	}
	return files, linked, nil
}

func (a *uploader) putFile(name string, n NativeFile) (f checkpoint.File, linked bool, err error) {
	ctx, b := a.u.X.Ctx, a.job.barrier
	if id, held, ok := a.u.held(name, 1); ok && n.Fixed {
		if f, err := b.Writer.Link(ctx, id, held); err == nil {
			return f, true, nil
		}
	}
	if b.GivenUp() {
		return f, false, errGivenUp
	}
	r, err := n.Open()
	if err != nil {
		return f, false, err
	}
	defer r.Close()
	f, err = b.Writer.Put(ctx, name, r)
	return f, false, err
}

// viewReader reads a view piece by piece.
type viewReader struct {
	ctx     context.Context //nolint:containedctx // of the one call that it serves
	view    View
	barrier *Barrier
	piece   []byte // read up to from
	from    int
	done    bool
}

// Read implements io.Reader.
func (r *viewReader) Read(p []byte) (int, error) {
	for r.from == len(r.piece) {
		if r.done {
			return 0, io.EOF
		}
		if r.barrier.GivenUp() || r.ctx.Err() != nil {
			return 0, errGivenUp
		}
		var err error
		if r.piece, r.done, err = r.view.Append(r.piece[:0]); err != nil {
			return 0, err
		}
		r.from = 0
	}
	n := copy(p, r.piece[r.from:])
	r.from += n
	return n, nil
}
