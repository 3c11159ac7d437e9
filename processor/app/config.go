package app

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/names"
	"taxistream/internal/results"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/also"
	"taxistream/processor/job"
	"taxistream/processor/source"
)

// Config is what the command line says.
type Config struct {
	// Again is the command line that continues with another checkpoint folder; nil: there is none to name.
	Again func(checkpointDir string) string

	Stream, Region, Endpoint string
	KinesisOnly              bool             // Endpoint is an embedded server and has no S3: checkpoints in a bucket are AWS's
	StartWait                time.Duration    // for a service that cannot be reached at the start; 0: 5 minutes
	Dial                     awsconf.DialFunc // how Kinesis, S3 and OpenSearch are reached; nil: by the network

	OpenSearchEndpoint string
	OpenSearchCompress bool
	Sign               string
	IndexPrefix        string
	FlushInterval      time.Duration

	CheckpointDir      string
	CheckpointInterval time.Duration
	FromSavepoint      string // folder or s3://bucket/prefix to start from; empty: the newest checkpoint
	TakeOver           bool   // from a running processor; S3 only
	AllowExpired       bool   // though records that the stream no longer keeps went unread
	AllowFreshStart    bool   // though checkpoints are there, if none of them is whole
	MaxStateEntries    int    // of keyed state in an operator's subtask; 0: no limit

	Also also.Target // a second place for documents

	Parallelism int
	Position    source.Position
	Consumer    string // name of the consumer to read as, by enhanced fan-out; empty: shards are polled
	EventTime   job.EventTime
	IdleTimeout time.Duration

	Rules             trip.Rules
	HotspotResolution int
	AirportResolution int
	HotspotMin        int

	Listen    string
	Listener  net.Listener // in place of Listen; nil: the port is taken
	TokenFile string
	Log       telemetry.LogOptions
	Feed      func() Feed // how a producer in the same process keeps to its pace; nil: nothing is known of it
	EMF       string      // namespace of the figures in CloudWatch's format, which Main writes; empty: none
}

// defaults are the rules that an index set and a checkpoint have which do not name them.
var defaults = Config{Rules: trip.DefaultRules, HotspotResolution: 9, AirportResolution: 8, HotspotMin: 2}

// RegisterFlags adds the processor's flags to a command line; cpus is the
// default of -parallelism. The function that it returns is called after the
// parse: it gives the configuration, or an error of wrong usage.
func RegisterFlags(s *flags.Set, cpus int) func() (Config, error) {
	c := defaults
	c.Stream, c.FlushInterval, c.CheckpointDir, c.CheckpointInterval = names.Stream, 200*time.Millisecond, "./checkpoints", 5*time.Second
	c.MaxStateEntries, c.Parallelism, c.Listen = 1<<24, cpus, "127.0.0.1:8081"
	c.Again = func(dir string) string { return s.Again("checkpoint-dir", dir) }
	s.Group("How it reads")
	s.StringVar(&c.Stream, "stream", "`name` of the Kinesis stream, or its ARN")
	s.StringVar(&c.Region, "region", "AWS `region`; by default the AWS configuration's")
	s.StringVar(&c.Endpoint, "endpoint", "`URL` of Kinesis, for a server that is not AWS")

	s.Group("Where it writes")
	c.outputFlags(s)
	s.Need("opensearch-endpoint")
	s.DurationVar(&c.FlushInterval, "flush-interval", "a document waits at most this `time` for its batch")

	s.Group("Checkpoints")
	s.StringVar(&c.CheckpointDir, "checkpoint-dir", "`folder` of the checkpoints, or s3://bucket/prefix; for one processor at a time")
	s.Alias("checkpoint", "checkpoint-dir")
	s.DurationVar(&c.CheckpointInterval, "checkpoint-interval", "`time` between checkpoints")
	s.StringVar(&c.FromSavepoint, "from-savepoint", "`folder` or s3://bucket/prefix of a savepoint to start from, instead of the newest checkpoint")
	s.BoolVar(&c.AllowFreshStart, "allow-fresh-start", "checkpoints are there but none is whole: start anew instead of failing")

	s.Group("Where it writes")
	second := s.String("also", "", alsoUsage)
	s.Group("Checkpoints")
	s.BoolVar(&c.TakeOver, "takeover", "take the job over at once from a running processor, which then ends with status 1; with checkpoints in S3. Take it off a command line that a supervisor starts again")

	s.Group("How it reads")
	s.IntVar(&c.Parallelism, "parallelism", "`number` of parallel subtasks; by default the number of CPUs")
	s.Alias("p", "parallelism")
	position := s.String("position", "TRIM_HORIZON", "`where` to start without a checkpoint: TRIM_HORIZON, LATEST or AT_TIMESTAMP=time")
	consumer := s.String("consumer", "polling", "`how` to read: polling, or fan-out (enhanced fan-out: a reading capacity of its own, which costs)")
	consumerName := s.String("consumer-name", "processor", "`name` of the consumer of -consumer fan-out; one that is there is used and stays, one that is not is registered, and removed at an orderly end")
	eventTime := s.String("event-time", "producer", "`source` of event time: producer (watermark records), arrival, bounded=10s or none")
	noEventTime := s.Bool("noeventtime", false, "the same as -event-time none")
	s.BoolVar(&c.AllowExpired, "allow-expired", "records went unread because the stream's retention ran out: go on with what is kept instead of failing")
	s.DurationVar(&c.IdleTimeout, "idle-timeout", "a shard at its tip counts as idle after this `time` while another moves; 0: never")

	s.Group("Rules and windows (one set of results has one set of rules)")
	s.IntVar(&c.MaxStateEntries, "max-state-entries", "fail above this `number` of entries of keyed state in an operator's subtask; 0: no limit")
	c.ruleFlags(s)

	s.Group("What it shows")
	s.StringVar(&c.Listen, "listen", "`address` of /healthz, /readyz and /metrics; port 0 takes a free one")
	s.StringVar(&c.TokenFile, "listen-token-file", "`file` with a Bearer token; needed for -listen outside loopback")
	c.logFlags(s)

	return func() (_ Config, err error) {
		if *noEventTime {
			*eventTime = "none"
		}
		if c.EventTime, err = job.ParseEventTime(*eventTime); err != nil {
			return c, fmt.Errorf("-event-time %s: %w", *eventTime, err)
		}
		if c.Position, err = source.ParsePosition(*position); err != nil {
			return c, fmt.Errorf("-position %s: %w", *position, err)
		}
		if c.Consumer, err = kinesis.ParseConsumer(*consumer, *consumerName); err != nil {
			return c, err
		}
		if c.Also, err = parseAlso(*second); err != nil {
			return c, err
		}
		return c, c.check()
	}
}

// outputFlags say where documents go.
func (c *Config) outputFlags(s *flags.Set) {
	s.StringVar(&c.OpenSearchEndpoint, "opensearch-endpoint", "`URL` of OpenSearch, where results go")
	s.Alias("es-endpoint", "opensearch-endpoint")
	s.BoolVar(&c.OpenSearchCompress, "opensearch-compress", "compress what is sent to OpenSearch, for a network that costs")
	s.StringVar(&c.Sign, "sign", "sign requests to OpenSearch for the AWS service `es` or aoss; by default by the endpoint's name")
	s.StringVar(&c.IndexPrefix, "index-prefix", "`text` before every index name, so that several processors work side by side")
	s.Alias("es-index", "index-prefix")
}

// ruleFlags say which trips count, and in what windows.
func (c *Config) ruleFlags(s *flags.Set) {
	s.DurationVar(&c.Rules.MaxAhead, "max-ahead", "`time` that a trip or a watermark may be ahead of its record's arrival; use 1h for live data; 0: any")
	s.DurationVar(&c.Rules.MaxDuration, "max-duration", "longest `time` a trip may take")
	s.DurationVar(&c.Rules.AllowedLateness, "allowed-lateness", "`time` that a window still takes trips after its end")
	s.DurationVar(&c.Rules.HotspotWindow, "hotspot-window", "`length` of the windows of the pickup counts")
	s.IntVar(&c.HotspotResolution, "hotspot-resolution", "H3 `resolution` of the pickup counts")
	s.IntVar(&c.HotspotMin, "hotspot-min", "least `count` that is written")
	s.DurationVar(&c.Rules.AirportWindow, "airport-window", "`length` of the windows of the airport trips")
	s.IntVar(&c.AirportResolution, "airport-resolution", "H3 `resolution` of the airport trips")
}

func (c *Config) logFlags(s *flags.Set) {
	s.StringVar(&c.Log.Level, "log-level", "`level`: debug, info, warn or error (default info)")
	s.StringVar(&c.Log.Format, "log-format", "`format`: text or json (default text on a terminal, else json)")
	s.BoolVar(&c.Log.Quiet, "quiet", "log errors only")
}

// region is the one asked for, or that of the stream's ARN.
func (c *Config) region() string { return cmp.Or(c.Region, kinesis.StreamRegion(c.Stream)) }

// check refuses values that no run can use.
func (c *Config) check() error {
	switch {
	case kinesis.CheckStream(c.Stream, c.Region) != nil:
		return kinesis.CheckStream(c.Stream, c.Region)
	case c.MaxStateEntries < 0:
		return fmt.Errorf("-max-state-entries %d: choose 1 or more, or 0 for no limit", c.MaxStateEntries)
	case c.CheckpointInterval < 10*time.Millisecond:
		return fmt.Errorf("-checkpoint-interval %v: choose 10ms or more", c.CheckpointInterval)
	}
	return cmp.Or(c.checkResults(), c.checkCheckpointDir(), c.checkFrom())
}

// checkResults refuses rules, windows and names of which no result can be made.
func (c *Config) checkResults() error {
	switch {
	case c.Parallelism < 1 || c.Parallelism > job.MaxParallelism:
		return fmt.Errorf("-parallelism %d: choose 1 to %d", c.Parallelism, job.MaxParallelism)
	case c.HotspotResolution < 0 || c.HotspotResolution > 15:
		return fmt.Errorf("-hotspot-resolution %d: H3 has 0 to 15", c.HotspotResolution)
	case c.AirportResolution < 0 || c.AirportResolution > 15:
		return fmt.Errorf("-airport-resolution %d: H3 has 0 to 15", c.AirportResolution)
	case c.HotspotMin < 1:
		return fmt.Errorf("-hotspot-min %d: choose 1 or more", c.HotspotMin)
	case c.Rules.HotspotWindow < time.Millisecond:
		return fmt.Errorf("-hotspot-window %v: choose 1ms or more", c.Rules.HotspotWindow)
	case c.Rules.AirportWindow < time.Millisecond:
		return fmt.Errorf("-airport-window %v: choose 1ms or more", c.Rules.AirportWindow)
	}
	if err := results.ValidatePrefix(c.IndexPrefix); err != nil {
		return fmt.Errorf("-index-prefix: %w", err)
	}
	_, err := telemetry.NewLogger(io.Discard, c.Log)
	return err
}

// meta are the rules and windows that an index set and a checkpoint belong to.
func (c *Config) meta() map[string]string {
	return map[string]string{
		"event_time":         c.EventTime.String(),
		"max_ahead":          flags.FormatDuration(c.Rules.MaxAhead),
		"max_duration":       flags.FormatDuration(c.Rules.MaxDuration),
		"allowed_lateness":   flags.FormatDuration(c.Rules.AllowedLateness),
		"hotspot_window":     flags.FormatDuration(c.Rules.HotspotWindow),
		"hotspot_resolution": strconv.Itoa(c.HotspotResolution),
		"hotspot_min":        strconv.Itoa(c.HotspotMin),
		"airport_window":     flags.FormatDuration(c.Rules.AirportWindow),
		"airport_resolution": strconv.Itoa(c.AirportResolution),
	}
}
