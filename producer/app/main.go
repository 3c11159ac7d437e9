package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/kinesis/wire"
	"taxistream/internal/redact"
	"taxistream/internal/telemetry"
)

// Main is the program: it returns the status to exit with. The end of ctx is an
// orderly stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set, c := CommandLine()
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if err := c.Check(); err != nil {
		return set.Usage(stderr, err)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
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
	err = execute(ctx, c, s, signals)
	if err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

// CommandLine is the program's: the flags of RegisterFlags, which a program that
// has a producer inside takes too, and those of the program alone.
func CommandLine() (*flags.Set, *Config) {
	set := flags.New("producer", "replays taxi trips into a Kinesis stream, in event-time order, with watermarks")
	set.Help(wire.Help)
	c := RegisterFlags(set)
	set.StringVar(&c.EMF, "emf", "`namespace` in CloudWatch: once a minute the figures on standard output in its embedded metric format, instead of lines of figures")
	set.StringVar(&c.Listen, "listen", "`address` of /healthz, /readyz and /metrics; port 0 takes a free one; by default none")
	set.StringVar(&c.TokenFile, "listen-token-file", "`file` with a token; needed where -listen is outside loopback")
	return set, c
}

// errAtOnce ends the program after the second signal.
var errAtOnce = errors.New("stopped at once: what was in flight may be lost; one signal lets it arrive")

// execute opens and runs a producer, and shows how it goes on.
func execute(ctx context.Context, c *Config, s *screen, signals <-chan os.Signal) error {
	p, err := openUntil(ctx, c, signals)
	if p == nil || err != nil {
		return err
	}
	if err := s.open(p, c); err != nil {
		return err
	}
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.Run(hard) }() // ends with the last event, or with hard
	c.Logger.Info("sending", append([]any{"stream", c.Stream, "sources", redact.All(c.sources()), "speedup", c.Speedup}, s.http.attrs()...)...)
	tick := time.NewTicker(s.interval())
	defer tick.Stop()
	stop := ctx.Done()
	for stopping := false; ; {
		select {
		case err := <-ended:
			s.end(c)
			if err == nil {
				s.summary(p)
			}
			return err
		case <-tick.C:
			s.show(p.Stats(), c)
			continue
		case <-stop:
			stop = nil
		case <-signals:
			if stopping {
				return errAtOnce
			}
		}
		stopping = true
		c.Logger.Info("stopping: what was read is sent; a second signal ends at once")
		p.Stop()
	}
}

// openUntil is New until a signal comes: nil and no error then, because nothing
// has begun that could be left undone.
func openUntil(ctx context.Context, c *Config, signals <-chan os.Signal) (*Producer, error) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	type opened struct {
		p   *Producer
		err error
	}
	ready := make(chan opened, 1)
	go func() { // ends with New, which ends with waiting
		p, err := New(waiting, c)
		ready <- opened{p, err}
	}()
	select {
	case o := <-ready:
		if o.err != nil && ctx.Err() != nil {
			return nil, nil
		}
		return o.p, o.err
	case <-signals:
		return nil, nil
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
