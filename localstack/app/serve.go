package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"taxistream/internal/durable"
	"taxistream/internal/flags"
	client "taxistream/internal/kinesis"
	"taxistream/internal/names"
	"taxistream/localstack/datadir"
	"taxistream/localstack/kinesis"
	"taxistream/localstack/search"
)

// servers are the embedded servers that a run started.
type servers struct {
	kinesis *kinesis.Server
	search  *search.Server
	folder  *durable.Lock    // of a data folder, if there is one
	options kinesis.Options  // of Kinesis, but for its memory
	clock   func() time.Time // of the results store; nil: the machine's
	results string           // where the results store keeps documents; empty: nothing outlives the process

	KinesisURL, SearchURL string
}

// streamMemory is what the embedded stream keeps in memory; the rest is on disk.
const streamMemory = 16 << 20

// lock takes a data folder for this process, and has the servers keep their data there. As
// in the service, records go when their retention is over.
func (s *servers) lock(dir string, notify func(string)) (err error) {
	s.folder, err = datadir.Lock(dir)
	s.results = filepath.Join(dir, "results")
	s.options = kinesis.Options{Data: filepath.Join(dir, "streams"), TrimByAge: true, Notify: notify}
	return err
}

// startKinesis serves a stream that is there before the port answers.
func (s *servers) startKinesis(addr, stream string, shards int) error {
	s.options.MemoryLimit = streamMemory
	server, err := kinesis.New(s.options)
	if err != nil {
		return err
	}
	s.kinesis = server
	name := client.StreamName(stream)
	if _, err := server.Shards(name); err != nil { // else the data folder has it
		if err := server.CreateStream(name, shards); err != nil {
			return err
		}
	}
	s.KinesisURL, err = server.Start(addr)
	return err
}

// openShards is what a stream has of them: one that was kept may have been resharded.
func (s *servers) openShards(stream string) (open int) {
	all, err := s.kinesis.Shards(client.StreamName(stream))
	if err != nil {
		return 0
	}
	for _, shard := range all {
		if shard.Open {
			open++
		}
	}
	return open
}

func (s *servers) startSearch(addr string) error {
	server, err := search.New(search.Options{Dir: s.results, Clock: s.clock})
	if err != nil {
		return err
	}
	s.search = server
	s.SearchURL, err = server.Start(addr)
	return err
}

// dial reaches an embedded server without the network, and all others by it.
func (s *servers) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	switch "http://" + addr {
	case s.KinesisURL:
		return s.kinesis.Dial(ctx)
	case s.SearchURL:
		return s.search.Dial(ctx)
	}
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}

func (s *servers) close() error {
	var errs []error
	if s.kinesis != nil {
		errs = append(errs, s.kinesis.Close())
	}
	if s.search != nil {
		errs = append(errs, s.search.Close())
	}
	if s.folder != nil {
		errs = append(errs, s.folder.Release())
	}
	return errors.Join(errs...)
}

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack serve", "serves an embedded Kinesis and an embedded results store")
	set.Example("localstack serve -data .localstack -shards 4")
	kinesisAddr := set.String("kinesis-listen", "127.0.0.1:4566", "`address` of Kinesis")
	searchAddr := set.String("opensearch-listen", "127.0.0.1:9200", "`address` of the results store")
	stream := set.String("stream", names.Stream, "`name` of the stream that is there from the start")
	shards := set.Int("shards", 8, "`number` of its shards")
	data := set.String("data", "", "`folder` that keeps streams and results over a restart or a kill -9; records go when their stream's retention (24 h) is over (default: nothing is kept)")
	clockFile := set.String("clock", "", "`file` with a time, as 2h or -90m, by which the servers' clock is ahead of the machine's; what is written there while they serve makes it jump (default: the machine's clock)")
	var switches kinesisFlags
	switches.register(set)
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if err := client.CheckStream(*stream, ""); err != nil {
		return set.Usage(stderr, err)
	}
	var s servers
	clock, err := openClock(*clockFile)
	if err == nil && *data != "" {
		err = s.lock(*data, func(text string) { fmt.Fprintln(stderr, "localstack serve: "+text) })
	}
	if err == nil {
		err = switches.apply(&s.options, *kinesisAddr, time.Now())
	}
	s.options.Clock, s.clock = clock.now, clock.now
	if err == nil {
		err = s.startKinesis(*kinesisAddr, *stream, *shards)
	}
	if err == nil {
		err = switches.writeAuthority()
	}
	if err == nil {
		err = s.startSearch(*searchAddr)
	}
	if err != nil {
		return set.Fail(stderr, errors.Join(err, s.close()))
	}
	fmt.Fprintf(stdout, "kinesis     %s   stream %s, %d shards\nopensearch  %s\n", s.KinesisURL, client.StreamName(*stream), s.openShards(*stream), s.SearchURL)
	go clock.follow(ctx,
		func(ahead time.Duration) { fmt.Fprintf(stdout, "clock       %v ahead\n", ahead) },
		func(err error) { fmt.Fprintf(stderr, "localstack serve: %v\n", err) })
	<-ctx.Done()
	if err := s.close(); err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}
