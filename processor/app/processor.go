// Package app is the processor: it reads the stream, runs the job and writes its
// documents. Main is the program; New, Run, Stop and Drain are for a program that
// has a processor inside.
package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"taxistream/dashboards/live"
	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/opensearch"
	"taxistream/internal/s3"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/job"
	"taxistream/processor/sink"
	"taxistream/processor/source"
	"taxistream/processor/store"
)

// Processor is one run of the job.
type Processor struct {
	c         Config
	log       *slog.Logger
	logged    func() []byte // its newest lines
	now       func() time.Time
	http      *telemetry.Server
	store     checkpoint.Store
	savepoint *checkpoint.Checkpoint // to start from; nil: none
	stream    *kinesis.Client
	consumer  kinesis.Consumer // to read as; zero for polling
	search    *opensearch.Client
	writer    *opensearch.Writer
	second    second // of -also
	room      *live.Server
	heard     func(context.Context) // waits for who ended the job by a request
	source    *source.Source        // set before job
	job       atomic.Pointer[engine.Job]
	operators atomic.Pointer[job.Operators] // set before job
	stop      context.CancelCauseFunc
	life      context.Context //nolint:containedctx // from New to the end of Run
	counts    job.Counts
	clocks    job.Clocks
	rise      rise
	reads     reads
	times     times

	monitor   monitor
	wrong     timeWatch
	recreated recreated

	started time.Time // of the process, for people
}

var errStopped = errors.New("stopped before the job began")

// clock is the program's clock as the engine takes it. Its ticks are the runtime's, which
// no change of the wall clock moves.
type clock struct {
	engine.SystemClock
	now func() time.Time
}

// Now implements engine.Clock.
func (c clock) Now() time.Time { return c.now() }

// New takes the port and the checkpoint folder and checks the endpoints, so that
// what can be wrong at the start is wrong here. It connects to nothing.
func New(ctx context.Context, c Config, log *slog.Logger, now func() time.Time) (*Processor, error) {
	log, logged := telemetry.Recall(log)
	p := &Processor{c: c, log: log, logged: logged, now: now, times: newTimes(), recreated: newRecreated(), started: now()}
	p.life, p.stop = context.WithCancelCause(ctx)
	if err := p.open(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *Processor) open(ctx context.Context) (err error) {
	c := p.c
	version, commit := flags.Build()
	p.http, err = telemetry.Listen(telemetry.ServerOptions{
		Addr: c.Listen, Listener: c.Listener, TokenFile: c.TokenFile, Collect: p.collect, Histograms: p.times.all(), Version: version, Commit: commit,
		Ready: p.ready, Work: "reading", Detail: p.detail,
	})
	if err != nil {
		return err
	}
	cfg, err := awsconf.Load(ctx, awsconf.Options{
		Region: c.region(), Endpoint: c.Endpoint, Service: awsconf.Kinesis, Embedded: c.KinesisOnly, Dial: c.Dial,
	})
	if err != nil {
		return err
	}
	p.stream = kinesis.New(cfg, c.Stream)
	p.search, err = opensearch.Open(ctx, opensearch.Options{
		Endpoint: c.OpenSearchEndpoint, Compress: c.OpenSearchCompress, Sign: c.Sign, Clock: p.now, Dial: c.Dial,
		OnTrouble:   func(m string) { p.monitor.storeTrouble(m); p.log.Warn(m) },
		OnRecovered: func(m string) { p.monitor.storeTrouble(""); p.log.Info(m) },
	}, c.region())
	if err != nil {
		return err
	}
	p.openRoom()
	if !strings.HasPrefix(c.FromSavepoint, s3.Scheme) {
		if err := p.openSavepoint(ctx); err != nil {
			return err
		}
	}
	if err := p.openAlsoFolder(); err != nil {
		return err
	}
	return p.openFolder()
}

// URL is where health and metrics are.
func (p *Processor) URL() string { return p.http.URL() }

// Run reads and writes until Stop or Drain (nil), or until something fails.
func (p *Processor) Run() error {
	defer p.close()
	served := make(chan error, 1)
	go func() { served <- p.http.Serve() }() // ended by close
	defer p.deregister()
	stream, err := p.rely()
	if err != nil {
		return p.ended(err)
	}
	p.writer = opensearch.NewWriter(p.search, opensearch.WriterOptions{
		FlushInterval: p.c.FlushInterval, OnPoison: p.poison, OnWritten: p.written, OnRequest: p.times.request,
	})
	defer p.writer.Close()
	p.recreated.retention.Store(int64(stream.Retention))
	p.source = &source.Source{
		Client: p.stream, Position: p.c.Position, Now: p.now, Consumer: p.consumer.ARN,
		Reader: kinesis.ReaderOptions{
			Notify: p.interrupted, OnCall: p.times.get.Observe, Retention: p.recreated.kept, AllowExpired: p.c.AllowExpired,
			OnAnswer: func(shard string, err error) { p.reads.answered(p.now(), shard, err) },
		},
	}
	j := engine.NewJob(p.config(stream))
	operators := job.Build(j, job.Config{
		EventTime: p.c.EventTime, Rules: p.c.Rules,
		HotspotResolution: p.c.HotspotResolution, AirportResolution: p.c.AirportResolution, HotspotMin: p.c.HotspotMin,
		IndexPrefix: p.c.IndexPrefix, Now: p.now, Counts: &p.counts, Clocks: &p.clocks, OnRefused: p.refused,
		Also: p.alsoSink(),
	}, p.source, sink.Sink{Writer: p.writer})
	p.operators.Store(&operators)
	p.job.Store(j)
	defer p.runRoom()()
	defer p.watchTimes(stream)()
	p.log.Info("reading", "stream", stream.ARN, "opensearch", p.search.Endpoint(), "parallelism", p.c.Parallelism, "address", p.http.URL())
	err = j.Run(p.life)
	p.linger()
	return p.ended(err)
}

// ended tells an orderly stop before the job began, and the loss of the
// checkpoints' place, from other failures, and adds what to do.
func (p *Processor) ended(err error) error {
	var (
		lost      *store.LostError
		moved     *checkpoint.LostError
		unflushed *unflushedError
	)
	switch cause := context.Cause(p.life); {
	case errors.Is(cause, errStopped):
		return nil
	case errors.As(cause, &lost):
		return lost
	case errors.As(cause, &moved):
		return moved
	case errors.As(cause, &unflushed):
		return unflushed
	}
	return explain(err, p.c)
}

func (p *Processor) close() {
	p.stop(nil)
	if p.http != nil {
		if err := p.http.Close(); err != nil {
			p.log.Warn("close the port", "error", err)
		}
	}
	if p.search != nil {
		p.search.Close()
	}
	if p.store != nil {
		if err := p.store.Close(); err != nil {
			p.log.Warn("free the checkpoints", "error", err)
		}
	}
}

// Stop takes a last checkpoint and ends Run.
func (p *Processor) Stop(ctx context.Context) error { return p.end(ctx, (*engine.Job).Stop) }

// Drain fires every window, takes a last checkpoint, marked finished, and ends Run.
func (p *Processor) Drain(ctx context.Context) error { return p.end(ctx, (*engine.Job).Drain) }

func (p *Processor) end(ctx context.Context, how func(*engine.Job, context.Context) error) error {
	if j := p.job.Load(); j != nil {
		if err := how(j, ctx); !errors.Is(err, engine.ErrNotRunning) {
			return err
		}
	}
	p.stop(errStopped)
	return nil
}

// Status is the job's, or an empty one before it runs.
func (p *Processor) Status() engine.Snapshot {
	if j := p.job.Load(); j != nil {
		return j.Status()
	}
	return engine.Snapshot{State: engine.JobCreated, Watermark: engine.NoWatermark}
}

// parts are the job's operators, none before it runs.
func (p *Processor) parts() job.Operators {
	if o := p.operators.Load(); o != nil {
		return *o
	}
	return job.Operators{}
}

// Read counts the events, watermarks among them, that the job has taken in since the start of the process.
func (p *Processor) Read() int64 { return p.parts().Read.In(p.Status()) }

// Rejects counts rejected records by reason since the start of the process.
func (p *Processor) Rejects() map[trip.Reason]int64 { return p.counts.Rejects() }

// Documents are the sink's figures.
func (p *Processor) Documents() opensearch.Stats {
	if p.job.Load() == nil {
		return opensearch.Stats{}
	}
	return p.writer.Stats()
}

func (p *Processor) config(stream kinesis.Description) engine.Config {
	fingerprint := p.c.meta()
	fingerprint["stream"] = stream.ARN
	fingerprint["stream_created"] = stream.Created.UTC().Format(time.RFC3339Nano)
	fingerprint["index_prefix"] = p.c.IndexPrefix
	maxState := p.c.MaxStateEntries
	if maxState == 0 {
		maxState = -1 // no limit; the engine's 0 is its default
	}
	return engine.Config{
		Name: jobName, Parallelism: p.c.Parallelism, MaxParallelism: job.MaxParallelism, MaxStateEntries: maxState,
		Store: p.store, Fingerprint: fingerprint, FingerprintDefaults: defaults.meta(), AllowFreshStart: p.c.AllowFreshStart,
		Savepoint: p.savepoint, MayDrop: p.mayDrop(), CheckpointInterval: p.c.CheckpointInterval,
		CheckpointTimeout: checkpointTimeout, TolerableFailedCheckpoints: tolerableCheckpoints,
		IdleTimeout: p.c.IdleTimeout, BalanceSplits: true, Logger: p.log, Clock: clock{now: p.now},
		Hooks: engine.Hooks{OnRestore: p.restored, OnCheckpoint: p.checkpointed},
	}
}
