package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/opensearch"
	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// demoSource is what a demo replays unless told otherwise: a Tuesday.
const demoSource = "generate:2016-01-05"

// demoRun is one run of everything in one process.
type demoRun struct {
	producerConfig  *producer.Config
	processorConfig processor.Config
	shards          int
	exitWhenDone    bool
	export          string
	stdout          io.Writer
	log             *slog.Logger

	servers   servers
	producer  *producer.Producer
	processor *processor.Processor
	search    *opensearch.Client
	signals   chan os.Signal
}

var errEndedAtOnce = errors.New("ended at once: the next start goes on from the last checkpoint")

func demo(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack demo", "runs Kinesis, results store, producer and processor in one process; takes the flags of both programs")
	d := &demoRun{stdout: stdout, shards: 8}
	set.IntVar(&d.shards, "shards", "`number` of shards of the embedded stream")
	set.BoolVar(&d.exitWhenDone, "exit-when-done", "drain every window at the end of the input, and exit")
	set.StringVar(&d.export, "export", "`file` for pickup_count and trip_duration at the end, as sorted NDJSON")
	d.producerConfig = producer.RegisterFlags(set)
	config := processor.RegisterFlags(set, runtime.GOMAXPROCS(0))
	set.Optional("source")
	set.Optional("opensearch-endpoint")
	set.Help("Without -endpoint and -opensearch-endpoint both servers are embedded. -source is " + demoSource + " and -checkpoint-dir a fresh temporary folder, unless given.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(d.producerConfig.Sources) == 0 && d.producerConfig.Bucket == "" {
		d.producerConfig.Sources = []string{demoSource}
	}
	var err error
	if d.processorConfig, err = config(); err == nil {
		err = d.producerConfig.Check()
	}
	if err == nil && d.shards < 1 {
		err = fmt.Errorf("-shards %d: choose 1 or more", d.shards)
	}
	if err == nil {
		d.log, err = telemetry.NewLogger(stderr, d.processorConfig.Log)
	}
	if err != nil {
		return set.Usage(stderr, err)
	}
	if !set.Given("checkpoint-dir") {
		dir, err := os.MkdirTemp("", "taxistream-checkpoints-*")
		if err != nil {
			return set.Fail(stderr, err)
		}
		defer os.RemoveAll(dir)
		d.processorConfig.CheckpointDir = dir
	}
	var stop func()
	d.signals, stop = interrupts()
	defer stop()
	if err := errors.Join(d.run(ctx), d.servers.close()); err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

func (d *demoRun) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := d.open(ctx); err != nil {
		return err
	}
	defer d.search.Close()
	produced, processed := make(chan error, 1), make(chan error, 1)
	go func() { processed <- d.processor.Run() }()
	go func() { produced <- d.producer.Run(ctx) }()
	show := newStatus(d)
	defer show.close()
	tick := time.NewTicker(show.interval())
	defer tick.Stop()
	phase := replaying
	caught := 0
	for {
		select {
		case <-tick.C:
			if phase != complete {
				show.draw()
			}
			if phase == replayed && d.caughtUp() {
				if caught++; caught >= 2 {
					phase = complete
					if err := d.finish(ctx, show, processed); err != nil || d.exitWhenDone {
						return err
					}
					fmt.Fprintf(d.stdout, "\nthe input is at its end; serving until Ctrl-C: the day is on %s/\n", d.processor.URL())
					tick.Stop()
				}
			}
		case err := <-produced:
			if err != nil {
				return err
			}
			phase = replayed
			tick.Reset(endInterval)
		case err := <-processed:
			if err == nil {
				err = errors.New("the processor ended before the input")
			}
			return err
		case <-d.signals:
			return d.interrupted(ctx, produced, processed, phase)
		}
	}
}

// demoPhase is how far a demo is.
type demoPhase uint8

const (
	replaying demoPhase = iota
	replayed            // the producer is done, the processor may not be
	complete
)

// endInterval is how often the end of the input is looked for.
const endInterval = 50 * time.Millisecond

// open checks and starts everything that can fail before the first line.
func (d *demoRun) open(ctx context.Context) error {
	p, c := d.producerConfig, &d.processorConfig
	if p.Endpoint == "" {
		if err := d.servers.startKinesis("127.0.0.1:0", p.Stream, d.shards); err != nil {
			return err
		}
		p.Endpoint, c.Endpoint = d.servers.KinesisURL, d.servers.KinesisURL
		p.KinesisOnly, c.KinesisOnly = true, true
	}
	if c.OpenSearchEndpoint == "" {
		if err := d.servers.startSearch("127.0.0.1:0"); err != nil {
			return err
		}
		c.OpenSearchEndpoint = d.servers.SearchURL
	}
	p.Logger, p.Dial, c.Dial = d.log, d.servers.dial, d.servers.dial
	var err error
	if d.processor, err = processor.New(ctx, *c, d.log, time.Now); err != nil {
		return err
	}
	if d.producer, err = producer.New(ctx, p); err != nil {
		return err
	}
	cfg, err := awsconf.Load(ctx, awsconf.Options{Region: c.Region, Endpoint: c.Endpoint})
	if err != nil {
		return err
	}
	d.search, err = opensearch.New(opensearch.Options{Endpoint: c.OpenSearchEndpoint, Sign: c.Sign, AWS: cfg, Dial: c.Dial})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.stdout, "page        %s/\nkinesis     %s   stream %s\nopensearch  %s\nmetrics     %s/metrics\n\n", d.processor.URL(), p.Endpoint, p.Stream, d.search.Endpoint(), d.processor.URL())
	return nil
}

// finish drains the windows if the run is to end, exports, and prints what the
// day was like.
func (d *demoRun) finish(ctx context.Context, show *status, processed chan error) error {
	if d.exitWhenDone {
		if err := d.processor.Drain(ctx); err != nil {
			return err
		}
		if err := <-processed; err != nil {
			return err
		}
	}
	show.end()
	if d.export != "" {
		lines, err := exportTo(ctx, d.search, d.processorConfig.IndexPrefix, d.export, d.stdout)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "\n%s documents in %s\n", group(lines), d.export)
	}
	return d.report(ctx)
}

// interrupted ends everything in order; a second signal ends it at once.
func (d *demoRun) interrupted(ctx context.Context, produced, processed chan error, phase demoPhase) error {
	done := make(chan error, 1)
	go func() { // ends with both programs, or with the process
		var err error
		if phase == replaying {
			d.producer.Stop()
			err = <-produced
		}
		stopped := d.processor.Stop(ctx)
		done <- errors.Join(err, stopped, <-processed)
	}()
	select {
	case err := <-done:
		return err
	case <-d.signals:
		return errEndedAtOnce
	}
}
