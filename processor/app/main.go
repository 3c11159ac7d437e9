package app

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/kinesis/wire"
	"taxistream/internal/opensearch"
	"taxistream/internal/stop"
	"taxistream/internal/telemetry"
)

// Main runs the program and returns its exit status. The end of ctx is an orderly
// stop, like the first SIGINT or SIGTERM; a second signal ends at once.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	const atOnce = "without a last checkpoint; the next start goes on from the one before"
	return stop.Run(ctx, stop.Program{Name: "processor", Stderr: stderr, AtOnce: atOnce}, func(told, life context.Context) int {
		args, done, code := flags.Ask("processor", args, stdout, stderr)
		if done {
			return code
		}
		if code, ok := runVerb(told, args, stdout, stderr); ok {
			return code
		}
		return work(told, life, args, stdout, stderr)
	})
}

func work(told, life context.Context, args []string, stdout, stderr io.Writer) int {
	set, config := CommandLine(runtime.GOMAXPROCS(0))
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	c, err := config()
	if err != nil {
		return set.Usage(stderr, err)
	}
	show := &screen{Screen: telemetry.OpenScreen(stdout), out: stdout}
	defer show.Close()
	stderr = show.Logs(stderr)
	log, err := telemetry.NewLogger(stderr, c.Log)
	if err != nil {
		return set.Usage(stderr, err)
	}
	life, end := context.WithCancel(life)
	defer end()
	opened := context.AfterFunc(told, end)
	p, err := New(life, c, log, time.Now)
	if !opened() {
		if err == nil {
			p.close()
		}
		return 0
	}
	if err == nil {
		err = show.watched(p)
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run() }()
	stopped, err := watch(show, ended, told.Done())
	if stopped {
		log.Info("stopping: taking a last checkpoint; once more ends at once")
		go p.StopWithin(stop.Flush) // its error is Run's
		err = <-ended
	}
	show.end()
	if err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

// CommandLine is the program's: the flags of RegisterFlags, which a program that
// has a processor inside takes too, and those of the program alone.
func CommandLine(cpus int) (*flags.Set, func() (Config, error)) {
	set := flags.New("processor", "counts pickups and measures trips to the airports, from a Kinesis stream into OpenSearch")
	set.Example("processor -endpoint http://127.0.0.1:4566 -opensearch-endpoint http://127.0.0.1:9200             # localstack serve's servers")
	set.Example("processor -stream my-stream -region us-east-1 -opensearch-endpoint https://my-domain.us-east-1.es.amazonaws.com -checkpoint-dir s3://my-bucket/checkpoints")
	set.Example("processor top -address 127.0.0.1:8081                                                        # what a running one does")
	set.Help(opensearch.Help)
	set.Help(wire.Help)
	var names []string
	for _, v := range verbs {
		set.Help(strings.TrimSpace("processor "+v.name+" "+v.argument()) + " " + v.synopsis + ".")
		names = append(names, v.name)
	}
	set.Help("processor rejects [-reason R] lists and counts what was rejected, from OpenSearch; processor rejects replay writes refused documents again.")
	set.Help("processor backfill -source … computes the documents of trips in files or the archive, without a stream.")
	set.Help("processor help VERB lists a verb's flags; processor completion bash|zsh|fish prints what completes them.")
	set.Verbs(append(names, "rejects", "backfill")...)
	config := RegisterFlags(set, cpus)
	emf := set.String("emf", "", "`namespace` in CloudWatch: once a minute the figures on standard output in its embedded metric format, instead of the status")
	return set, func() (Config, error) {
		c, err := config()
		if c.EMF = *emf; err == nil && c.EMF != "" {
			if err = telemetry.CheckNamespace(c.EMF); err != nil {
				err = fmt.Errorf("-emf: %w", err)
			}
		}
		return c, err
	}
}

// watch shows the status until the processor ends (with what) or is told to stop.
func watch(show *screen, ended <-chan error, stop <-chan struct{}) (stopped bool, err error) {
	tick := time.NewTicker(show.interval())
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return false, err
		case <-stop:
			return true, nil
		case <-tick.C:
			show.draw()
		}
	}
}
