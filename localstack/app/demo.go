package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"taxistream/engine"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/kinesis/wire"
	"taxistream/internal/opensearch"
	"taxistream/internal/stop"
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
	browse          bool
	export          string
	stdout          io.Writer
	screen          *telemetry.Screen
	log             *slog.Logger

	servers             servers
	producer            *producer.Producer
	processor           *processor.Processor
	search              *opensearch.Client
	produced, processed *outcome
	confirmed           chan struct{}      // closed when every document is confirmed
	shown               chan struct{}      // closed when the last status stands above the results
	closed              processor.CaughtUp // set by confirm, unless it drains
}

func demo(told, life context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack demo", "runs Kinesis, results store, producer and processor in one process; takes the flags of both programs")
	d := &demoRun{stdout: stdout, shards: 8, confirmed: make(chan struct{}), shown: make(chan struct{})}
	set.Example("localstack demo -open                                             # a generated day in a minute, in the browser")
	set.Example("localstack demo -exit-when-done -speedup 0 -export results.ndjson # as fast as it goes, to a file")
	set.Example("localstack demo -source yellow_tripdata_2015-01.csv")
	set.Group("The demo")
	set.IntVar(&d.shards, "shards", "`number` of shards of the embedded stream")
	set.BoolVar(&d.exitWhenDone, "exit-when-done", "drain every window at the end of the input, and exit")
	set.BoolVar(&d.browse, "open", "open the control room in the browser")
	set.StringVar(&d.export, "export", "`file` for pickup_count and trip_duration at the end, as sorted NDJSON")
	d.producerConfig = producer.RegisterFlags(set)
	config := processor.RegisterFlags(set, runtime.GOMAXPROCS(0))
	set.Optional("source")
	set.Optional("opensearch-endpoint")
	set.Help("Without -endpoint and -opensearch-endpoint both servers are embedded. -source is " + demoSource + " and -checkpoint-dir a fresh temporary folder, unless given.")
	set.Help(opensearch.Help)
	set.Help(wire.Help)
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
	d.screen = telemetry.OpenScreen(stdout)
	defer d.screen.Close()
	stderr = d.screen.Logs(stderr)
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
	go tuneCollector(life)
	if err := errors.Join(d.run(told, life), d.servers.close()); err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

// run ends in good order with told, which its parts outlive.
func (d *demoRun) run(told, life context.Context) error {
	ctx, cancel := context.WithCancel(life)
	defer cancel()
	opened := context.AfterFunc(told, cancel) // nothing has begun that could be left undone
	err := d.open(ctx)
	if !opened() {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.search.Close()
	d.processed = begin(d.processor.Run)
	d.produced = begin(func() error { return d.producer.Run(ctx) })
	played := begin(func() error { return d.play(ctx) })
	defer func() { cancel(); <-played.done }() // it prints: nothing comes after the end
	show := newStatus(d)
	defer show.close()
	tick := time.NewTicker(show.interval())
	defer tick.Stop()
	confirmed, ended := d.confirmed, played.done // nil once they have been seen
	var processed chan struct{}                  // play looks after it until the results are there
	for {
		select {
		case <-tick.C:
			show.draw()
		case <-confirmed:
			show.end() // with the last figures; from here on only play prints
			tick.Stop()
			confirmed = nil
			close(d.shown)
		case <-ended:
			if played.err != nil || d.exitWhenDone {
				return played.err
			}
			fmt.Fprintf(d.stdout, "\nthe input is at its end; serving until Ctrl-C: the day is on %s/\n", d.processor.URL())
			ended, processed = nil, d.processed.done
		case <-processed:
			return cmp.Or(d.processed.err, errProcessorEnded)
		case <-told.Done():
			return d.interrupted()
		}
	}
}

// play follows the input to its end: it returns when all is produced, read,
// confirmed and printed, or with the first error.
func (d *demoRun) play(ctx context.Context) error {
	select {
	case <-d.produced.done:
	case <-d.processed.done:
		return cmp.Or(d.processed.err, errProcessorEnded)
	case <-ctx.Done():
		return ctx.Err()
	}
	if d.produced.err != nil {
		return d.produced.err
	}
	for !d.caughtUp() {
		select {
		case <-time.After(endInterval):
		case <-d.processed.done:
			return cmp.Or(d.processed.err, errProcessorEnded)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := d.confirm(ctx); err != nil {
		return err
	}
	close(d.confirmed)
	select {
	case <-d.shown:
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.results(ctx)
}

var errProcessorEnded = errors.New("the processor ended before the input")

// outcome is something that runs; err may be read once done is closed.
type outcome struct {
	done chan struct{}
	err  error
}

func begin(run func() error) *outcome {
	o := &outcome{done: make(chan struct{})}
	go func() { defer close(o.done); o.err = run() }()
	return o
}

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
	c.Feed = func() processor.Feed { return processor.Feed{Speedup: p.Speedup, Late: d.producer.Stats().Late} }
	var err error
	if d.processor, err = processor.New(ctx, *c, d.log, time.Now); err != nil {
		return err
	}
	if d.producer, err = producer.New(ctx, p); err != nil {
		return err
	}
	d.search, err = opensearch.Open(ctx, opensearch.Options{Endpoint: c.OpenSearchEndpoint, Sign: c.Sign, Dial: c.Dial}, c.Region)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.stdout, "control room  %s/   (Ctrl-C ends it)\nkinesis       %s   stream %s\nopensearch    %s\nmetrics       %s/metrics\n\n", d.processor.URL(), p.Endpoint, kinesis.StreamName(p.Stream), d.search.Endpoint(), d.processor.URL())
	if d.browse {
		if err := openBrowser(context.WithoutCancel(ctx), d.processor.URL()+"/"); err != nil {
			d.log.Warn(err.Error()) // the demo runs all the same
		}
	}
	return nil
}

// confirm returns when every document of the input is acknowledged by OpenSearch,
// those of all windows if the run is to end: nothing is read as a result before.
func (d *demoRun) confirm(ctx context.Context) (err error) {
	if !d.exitWhenDone {
		if d.closed, err = d.processor.Confirm(ctx); errors.Is(err, engine.ErrNotRunning) {
			<-d.processed.done
			err = cmp.Or(d.processed.err, errProcessorEnded)
		}
		return err
	}
	if err := d.processor.Drain(ctx); err != nil {
		return err
	}
	<-d.processed.done
	return d.processed.err
}

// results exports, and prints what the day was like.
func (d *demoRun) results(ctx context.Context) error {
	if d.export != "" {
		lines, err := exportTo(ctx, d.search, d.processorConfig.IndexPrefix, d.export, d.stdout, nil)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.stdout, "\n%s documents in %s\n", group(lines), d.export)
	}
	if err := d.report(ctx); err != nil {
		return err
	}
	if d.closed.Open > 0 {
		fmt.Fprint(d.stdout, "\nwindows that the watermark has not closed are not in these results: -exit-when-done fires them\n")
	}
	fmt.Fprintln(d.stdout)
	d.producer.WriteInput(d.stdout)
	return nil
}

// interrupted ends everything in order, both programs within the time that one has.
func (d *demoRun) interrupted() error {
	begun := time.Now()
	d.producer.Stop()
	<-d.produced.done
	d.processor.StopWithin(max(stop.Flush-time.Since(begun), time.Second))
	<-d.processed.done
	return errors.Join(d.produced.err, d.processed.err)
}
