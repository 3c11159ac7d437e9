// Package app is the producer: it replays taxi trips into a Kinesis stream.
//
// Main is the program. New, Run, Stop and Stats are for a program that has a
// producer inside: New checks everything that can be wrong before the first
// event, Run sends the events, Stop ends Run in good order, Stats may be called
// by any goroutine at any time. Memory is bounded by -max-outstanding and by the
// limits of data/sort.
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/kinesis"
	"taxistream/internal/names"
	"taxistream/internal/s3"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/producer/replay"
)

// Config is everything a producer is told; its flags are the contract's.
type Config struct {
	Stream, Region, Endpoint string
	KinesisOnly              bool // Endpoint is an embedded server and has no S3: s3:// sources are AWS's
	Sources                  []string
	Bucket, Prefix           string // one more source, s3://Bucket/Prefix
	Speedup                  float64
	Seek, Until              int64 // ms; replay.NoSeek, replay.NoUntil
	AdaptTime                string
	Aggregate, NoWatermark   bool
	WatermarkInterval        time.Duration
	EndWatermark             time.Duration // 0: none
	StatisticsInterval       time.Duration // 0: none
	MaxGap                   time.Duration // 0: gaps are nothing special
	Loop                     int           // 0: for ever
	MaxOutstanding           int
	Resume                   string // file with the progress; empty: none is kept
	Log                      telemetry.LogOptions
	EMF                      string // namespace of the figures in CloudWatch's format, which Main writes; empty: none
	Listen, TokenFile        string // where Main shows health and metrics; empty: nowhere

	Logger *slog.Logger     // nil: none
	Now    func() time.Time // nil: time.Now
	Dial   awsconf.DialFunc // how Kinesis is reached; nil: by the network

	StartWait time.Duration // for a service that cannot be reached at the start; 0: 5 minutes

	PutTime *telemetry.Histogram // of PutRecords calls; nil: none
}

// watermarkEvents is the greatest number of events between two watermarks.
const watermarkEvents = 100000

// DefaultConfig has the defaults of the flags.
func DefaultConfig() *Config {
	return &Config{
		Stream: names.Stream, Speedup: 1440, Seek: replay.NoSeek, Until: replay.NoUntil, AdaptTime: string(replay.Original),
		Aggregate: true, WatermarkInterval: 200 * time.Millisecond, EndWatermark: time.Hour, StatisticsInterval: time.Minute,
		MaxGap: 24 * time.Hour, Loop: 1, MaxOutstanding: 50000,
	}
}

// RegisterFlags adds the producer's flags; the Config holds their values after
// s.Parse.
func RegisterFlags(s *flags.Set) *Config {
	c := DefaultConfig()
	s.Group("Where it writes")
	s.StringVar(&c.Stream, "stream", "`name` of the Kinesis stream, or its ARN")
	s.StringVar(&c.Region, "region", "AWS `region`; else the AWS configuration's")
	s.StringVar(&c.Endpoint, "endpoint", "`URL` of Kinesis, for a server that is not AWS")
	s.Group("What is replayed")
	s.StringsVar(&c.Sources, "source", "`SOURCE`: file, folder with all below it, glob, s3://bucket/prefix, http(s)://… or generate:DATE[/DAYS], all trips that end in those New York days; may be repeated. Of folders, globs and prefixes names that begin with _ or . are left out")
	s.StringVar(&c.Bucket, "bucket", "S3 `bucket` with trips: the same as -source s3://bucket/prefix")
	s.StringVar(&c.Prefix, "prefix", "`text` with which the keys of the -bucket's objects begin")
	s.Alias("objectPrefix", "prefix")
	s.Group("How fast, and when")
	s.FloatVar(&c.Speedup, "speedup", "event time over wall-clock time, as a `factor`; 0: as fast as it goes")
	s.Func("seek", "first event `time` to send, in the data's own times: RFC 3339 or New York wall clock", trip.InstantVar(&c.Seek))
	s.Func("until", "last event `time` to send, in the same way", trip.InstantVar(&c.Until))
	s.ChoiceVar(&c.AdaptTime, "adapt-time", []string{string(replay.Original), string(replay.Invocation), string(replay.Ingestion)},
		"original, invocation (one shift puts the first event at now) or ingestion (each event is stamped at sending)")
	s.Alias("adaptTime", "adapt-time")
	s.Group("Records and watermarks")
	s.BoolVar(&c.Aggregate, "aggregate", "pack trips into KPL aggregates; =false: one trip a record")
	s.BoolVar(&c.NoWatermark, "no-watermark", "send no watermarks")
	s.Alias("noWatermark", "no-watermark")
	s.DurationVar(&c.WatermarkInterval, "watermark-interval", "wall-clock `time` between watermarks; one at least every 100,000 events")
	s.DurationVar(&c.EndWatermark, "end-watermark", "the last watermark is the end of this `period` that holds the last event, less 1 ms; 0: the last event's time less 1 ms")
	s.Group("What it shows")
	s.DurationVar(&c.StatisticsInterval, "statistics-interval", "`time` between lines of figures; 0: none")
	s.Alias("statisticsFrequency", "statistics-interval")
	s.Group("How fast, and when")
	s.DurationVar(&c.MaxGap, "max-gap", "a longer `time` without an event is announced and passed over within a second, with an end watermark before it; 0: gaps are nothing special")
	s.IntVar(&c.Loop, "loop", "`passes` over the input, each shifted by whole days behind the one before; 0: for ever, as far as ten years from now")
	s.IntVar(&c.MaxOutstanding, "max-outstanding", "`trips` in flight; reading stops above it")
	s.StringVar(&c.Resume, "resume", "`file` in which the progress is noted, and from which a start after a stop or a crash goes on with the same flags; none: a first start")
	s.Group("What it shows")
	s.StringVar(&c.Log.Level, "log-level", "`level`: debug, info, warn or error (default info)")
	s.StringVar(&c.Log.Format, "log-format", "`format`: text or json (default text on a terminal, else json)")
	s.BoolVar(&c.Log.Quiet, "quiet", "log only errors, print only the final summary")
	return c
}

// sources are all that the command line names.
func (c *Config) sources() []string {
	if c.Bucket == "" {
		return c.Sources
	}
	at := s3.Location{Bucket: c.Bucket, Prefix: c.Prefix}
	return append(slices.Clone(c.Sources), at.String())
}

// Check finds what is wrong in the values themselves: wrong usage.
func (c *Config) Check() error {
	switch {
	case c.Prefix != "" && c.Bucket == "":
		return errors.New("-prefix is part of -bucket: name the bucket")
	case len(c.sources()) == 0:
		return errors.New("flag -source is needed")
	case c.Speedup < 0:
		return fmt.Errorf("-speedup %g: write 0 or more", c.Speedup)
	case c.Loop < 0:
		return fmt.Errorf("-loop %d: write 0 or more", c.Loop)
	case c.MaxOutstanding < 1:
		return fmt.Errorf("-max-outstanding %d: write 1 or more", c.MaxOutstanding)
	case c.Resume != "" && c.AdaptTime == string(replay.Ingestion):
		return errors.New("-resume does not go with -adapt-time ingestion: a trip that is sent twice would have two times, and count twice")
	case c.Seek > c.Until:
		return errors.New("-seek lies after -until: no event would be sent")
	case c.WatermarkInterval <= 0:
		return errors.New("-watermark-interval 0: write more than 0, or -no-watermark")
	case c.EndWatermark%time.Millisecond != 0:
		return fmt.Errorf("-end-watermark %s: write whole milliseconds", c.EndWatermark)
	case c.MaxGap%time.Millisecond != 0:
		return fmt.Errorf("-max-gap %s: write whole milliseconds", c.MaxGap)
	}
	if c.EMF != "" {
		if err := telemetry.CheckNamespace(c.EMF); err != nil {
			return fmt.Errorf("-emf: %w", err)
		}
	}
	if err := kinesis.CheckStream(c.Stream, c.Region); err != nil {
		return err
	}
	_, err := telemetry.NewLogger(nil, c.Log)
	return err
}
