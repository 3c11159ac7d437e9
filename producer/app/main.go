package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/kinesis/wire"
	"taxistream/internal/redact"
	"taxistream/internal/stop"
	"taxistream/internal/telemetry"
)

// Main is the program: it returns the status to exit with. The end of ctx is an
// orderly stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	args, done, code := flags.Ask("producer", args, stdout, stderr)
	if done {
		return code
	}
	return stop.Run(ctx, stop.Program{Name: "producer", Stderr: stderr, AtOnce: atOnce}, func(told, life context.Context) int {
		return work(told, life, args, stdout, stderr)
	})
}

// atOnce is what a second signal leaves.
const atOnce = "what was in flight may be lost; one signal lets it arrive"

func work(told, life context.Context, args []string, stdout, stderr io.Writer) int {
	set, c := CommandLine()
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if err := c.Check(); err != nil {
		return set.Usage(stderr, err)
	}
	s := newScreen(stdout, c)
	defer s.Close()
	stderr = s.Logs(stderr)
	log, err := telemetry.NewLogger(stderr, c.Log)
	if err != nil {
		return set.Usage(stderr, err)
	}
	c.Logger, c.Now = log, time.Now
	if s.http, err = listen(c); err != nil {
		return set.Fail(stderr, err)
	}
	defer s.http.close()
	if err := execute(told, life, c, s); err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

// CommandLine is the program's: the flags of RegisterFlags, which a program that
// has a producer inside takes too, and those of the program alone.
func CommandLine() (*flags.Set, *Config) {
	set := flags.New("producer", "replays taxi trips into a Kinesis stream, in event-time order, with watermarks")
	set.Verbs("help", "completion")
	set.Example("producer -endpoint http://127.0.0.1:4566 -source generate:2016-01-05                # localstack serve's Kinesis, a day in a minute")
	set.Example("producer -stream my-stream -region us-east-1 -source 's3://my-bucket/2015/' -speedup 60  # AWS")
	set.Example("producer -endpoint http://127.0.0.1:4566 -source trips.csv.gz -seek 2013-01-01T08:00:00 -until 2013-01-01T10:00:00")
	set.Help("producer completion bash|zsh|fish prints what completes flags.")
	set.Help(wire.Help)
	c := RegisterFlags(set)
	set.Group("What it shows")
	set.StringVar(&c.EMF, "emf", "`namespace` in CloudWatch: once a minute the figures on standard output in its embedded metric format, instead of lines of figures")
	set.StringVar(&c.Listen, "listen", "`address` of /healthz, /readyz and /metrics; port 0 takes a free one; by default none")
	set.StringVar(&c.TokenFile, "listen-token-file", "`file` with a token; needed where -listen is outside loopback")
	return set, c
}

// execute opens and runs a producer, and shows how it goes on. The end of told
// is an orderly stop; before the producer is open nothing has begun that could be
// left undone.
func execute(told, life context.Context, c *Config, s *screen) error {
	p, err := New(told, c)
	if err != nil && told.Err() != nil {
		return nil
	}
	if err == nil {
		err = s.open(p, c)
	}
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(life) }() // ends with the last event, or soon after Stop
	c.Logger.Info("sending", append([]any{"stream", c.Stream, "sources", redact.All(c.sources()), "speedup", c.Speedup}, s.http.attrs()...)...)
	tick := time.NewTicker(s.interval())
	defer tick.Stop()
	for stop := told.Done(); ; {
		select {
		case err := <-ended:
			s.end(c)
			if err == nil {
				s.summary(p)
			}
			return err
		case <-tick.C:
			s.show(p.Stats(), c)
		case <-stop:
			stop = nil
			c.Logger.Info("stopping: what was read is sent; a second signal ends at once")
			p.Stop()
		}
	}
}

// screen is where a person looks: a line of progress on a terminal, lines of
// figures elsewhere, or the figures in CloudWatch's format.
type screen struct {
	*telemetry.Screen
	out   io.Writer
	quiet bool
	every time.Duration
	emf   *telemetry.EMF // nil: for people
	http  *listener
}

// progressInterval is how often the line of progress changes.
const progressInterval = 500 * time.Millisecond

func newScreen(stdout io.Writer, c *Config) *screen {
	return &screen{Screen: telemetry.OpenScreen(stdout), out: stdout, quiet: c.Log.Quiet, every: c.StatisticsInterval, http: &listener{}}
}

// open shows the producer over HTTP, and begins the figures in CloudWatch's format,
// where they are wanted: a start that ends soon is seen.
func (s *screen) open(p *Producer, c *Config) (err error) {
	s.http.producer.Store(p)
	if c.EMF == "" {
		return nil
	}
	if s.emf, err = p.emf(s.out); err == nil {
		s.show(nil, c)
	}
	return err
}

// end writes what CloudWatch's figures counted since their last lines.
func (s *screen) end(c *Config) {
	if s.emf != nil {
		s.show(nil, c)
	}
}

func (s *screen) interval() time.Duration {
	switch {
	case s.emf != nil:
		return telemetry.EMFInterval
	case s.Terminal():
		return progressInterval
	case s.every > 0:
		return s.every
	}
	return time.Hour
}

func (s *screen) show(st *Stats, c *Config) {
	switch {
	case s.emf != nil:
		if err := s.emf.Write(c.now()); err != nil {
			c.log().Warn("the figures for CloudWatch could not be written", "error", err)
		}
	case s.quiet:
	case s.Terminal():
		s.Draw([]string{progress(st, c)})
	case s.every > 0:
		fmt.Fprintln(s.out, figures(st, c))
	}
}

func (s *screen) summary(p *Producer) {
	s.Clear()
	p.WriteSummary(s.out)
}
