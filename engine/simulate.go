package engine

import (
	"context"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
)

// Simulated is a job whose steps are taken one by one, by engine/enginetest: its
// attempts are of an internal type, which nothing else can name. Job.Run makes the
// same calls in the same order.
type Simulated struct {
	j   *Job
	ctx context.Context //nolint:containedctx // the job's: a simulation is its life
}

// Simulate begins a job without running it.
func Simulate(ctx context.Context, j *Job) (*Simulated, error) {
	ctx, cancel := context.WithCancel(ctx)
	if err := j.begin(cancel); err != nil {
		cancel()
		return nil, err
	}
	return &Simulated{j: j, ctx: ctx}, nil
}

// Attempt makes the next attempt from the newest checkpoint.
func (s *Simulated) Attempt() (*runtime.Execution, error) { return s.j.compile(s.ctx) }

// Answers puts f into the place of what hands tasks' answers to the coordinator of the
// newest attempt: deliver does that, whenever it is called.
func (s *Simulated) Answers(f func(deliver func())) {
	c := s.j.attempt.coordinator
	c.Uploads.Answer = func(a runtime.Answer) { f(func() { c.Answer(a) }) }
}

// Next decides, when an attempt has ended with err, whether there is another, and when.
func (s *Simulated) Next(err error) (delay time.Duration, again bool) {
	return s.j.next(s.ctx, err)
}

// Finish ends the job with the error of its last attempt.
func (s *Simulated) Finish(err error) error { return s.j.finish(s.ctx, err) }

// Checkpoint asks for one.
func (s *Simulated) Checkpoint() { s.j.attempt.coordinator.Request() }

// Savepoint asks for a savepoint.
func (s *Simulated) Savepoint(to checkpoint.Place) { s.j.attempt.coordinator.Savepoint(to) }

// Rescale asks for another parallelism.
func (s *Simulated) Rescale(parallelism int) error {
	_, err := s.j.askRescale(parallelism)
	return err
}

// End asks for the orderly end, and for a savepoint of it unless to is nil.
func (s *Simulated) End(drain bool, to checkpoint.Place) error {
	return s.j.ask(endRequest{drain: drain, to: to})
}
