package simulation

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/internal/flags"
	"taxistream/internal/stop"
	processor "taxistream/processor/app"
	"taxistream/processor/store"
	producer "taxistream/producer/app"
)

// The names under which the programs' clocks and requests go.
const (
	producerName  = "producer"
	processorName = "processor"
	kinesisName   = "kinesis"
	judge         = "judge"
)

// producer is the program's code from its configuration on.
func (w *world) producer(source string) func(*process, bool) error {
	return func(p *process, _ bool) error {
		c := producer.DefaultConfig()
		c.Stream, c.Endpoint, c.KinesisOnly, c.Dial = stream, "http://"+kinesisAddr, true, p.dial
		c.Sources, c.Speedup, c.Resume = []string{source}, w.plan.speedup, p.file("progress.json")
		c.Aggregate, c.MaxOutstanding = w.plan.aggregate, w.plan.outstanding
		c.Logger, c.Now = p.logger(), w.clocks[producerName].now
		run, err := producer.New(p.ctx, c)
		if err != nil {
			return p.unlessStopped(err)
		}
		done := make(chan struct{})
		defer close(done)
		w.group.Go(func() {
			select {
			case <-p.told:
				run.Stop()
			case <-done:
			}
		})
		return run.Run(p.ctx)
	}
}

// unlessStopped is nil for a start that was told to stop before it was at work.
func (p *process) unlessStopped(err error) error {
	select {
	case <-p.told:
		return nil
	default:
		return err
	}
}

// processor is the program's code from its flags on.
func (w *world) processor(p *process, takeOver bool) error {
	set := flags.New(processorName, "")
	config := processor.RegisterFlags(set, w.plan.parallelism)
	args := []string{
		"-stream", stream, "-endpoint", "http://" + kinesisAddr, "-opensearch-endpoint", "http://" + searchAddr, "-listen", "127.0.0.1:0",
		"-checkpoint-interval", w.plan.interval.String(), "-flush-interval", w.plan.flush.String(), "-max-ahead", w.plan.maxAhead.String(),
		"-checkpoint-dir", p.file("checkpoints"), "-takeover=" + strconv.FormatBool(takeOver),
	}
	if w.plan.bucket {
		args = append(args, "-checkpoint-dir", "s3://bucket/checkpoints")
	}
	if w.plan.bounded >= 0 {
		args = append(args, "-event-time", "bounded="+w.plan.bounded.String())
	}
	var errs strings.Builder
	if done, _ := set.Parse(args, io.Discard, &errs); done {
		return errors.New(errs.String())
	}
	c, err := config()
	if err != nil {
		return err
	}
	c.KinesisOnly, c.Dial, c.Listener = true, p.dial, newInMemory()
	run, err := processor.New(p.ctx, c, p.logger(), w.clocks[processorName].now)
	if err != nil {
		return p.unlessStopped(err)
	}
	p.mu.Lock()
	p.works = func() bool { return run.Status().State == engine.JobRunning }
	p.mu.Unlock()
	ended := make(chan struct{})
	w.group.Go(func() { w.follow(p, run, ended) })
	err = run.Run()
	close(ended)
	return p.lost(err)
}

// follow tells a processor to end when its world wants it.
func (w *world) follow(p *process, run *processor.Processor, ended chan struct{}) {
	select {
	case <-ended:
	case <-p.told:
		run.StopWithin(stop.Flush)
	case <-p.drain:
		var err error
		for range 1000 { // until it runs
			if _, err = run.CaughtUp(p.ctx); err == nil {
				err = run.Drain(p.ctx)
				break
			}
			sleep(p.ctx, 100*time.Millisecond)
		}
		if err != nil {
			p.logger().Error("drain", "error", err)
		}
	}
}

// lost takes the end of a processor whose job was taken over for what it should be.
func (p *process) lost(err error) error {
	p.mu.Lock()
	robbed := p.robbed
	p.mu.Unlock()
	if !robbed {
		return err
	}
	var (
		lost   *store.LostError
		locked *store.LockedError
	)
	switch {
	case err == nil, errors.As(err, &lost), p.ctx.Err() != nil:
		return nil
	case errors.As(err, &locked), strings.Contains(err.Error(), "the last one of a drained job"): // it was late
		return nil
	}
	return fmt.Errorf("its job was taken over, and it does not end by that: %w", err)
}
