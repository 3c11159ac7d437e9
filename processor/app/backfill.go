package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/redact"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
	"taxistream/processor/backfill"
)

// backfiller is the verb that computes documents from files. Its processor has
// neither stream nor checkpoints.
type backfiller struct {
	*Processor
	sources     []string
	seek, until int64 // ms
	export      string
	place       string // of -also
	progress    *backfill.Progress
	output      *backfill.Output
	told        *telemetry.Progress
}

func backfillMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("processor backfill", "computes the documents of trips in files, or in the archive, without a stream: as the processor would if all came in order")
	c := defaults
	c.Parallelism, c.Stream, c.FlushInterval = runtime.GOMAXPROCS(0), names.Stream, 200*time.Millisecond
	b := &backfiller{Processor: &Processor{now: time.Now}, seek: math.MinInt64, until: math.MaxInt64}
	set.StringsVar(&b.sources, "source", "file, folder with all below it, glob, s3://bucket/prefix, http(s)://… or generate:DATE[/DAYS]; may be repeated")
	set.Need("source")
	set.Func("seek", "first event `time` to count, in the data's own times: RFC 3339 or New York wall clock", trip.InstantVar(&b.seek))
	set.Func("until", "last event `time` to count, in the same way", trip.InstantVar(&b.until))
	c.outputFlags(set)
	set.StringVar(&b.export, "export", "`file` of sorted NDJSON to write in place of OpenSearch")
	set.StringVar(&b.place, "also", alsoUsage)
	file := set.String("progress", "", "`file` in which the progress is noted, and from which a start after a stop or a crash goes on with the same flags")
	set.IntVar(&c.Parallelism, "parallelism", "`number` of stretches of time that are computed side by side; by default the number of CPUs")
	set.Alias("p", "parallelism")
	c.ruleFlags(set)
	set.StringVar(&c.Region, "region", "AWS `region`, of s3:// and to sign for; by default the AWS configuration's")
	c.logFlags(set)
	set.Help(opensearch.Help)
	set.Help("AWS_ENDPOINT_URL_S3 names another place of s3:// than AWS.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	var err error
	c.Also, err = parseAlso(b.place)
	if err := cmp.Or(err, c.checkResults(), b.check(c, *file)); err != nil {
		return set.Usage(stderr, err)
	}
	if !c.Log.Quiet {
		b.told = telemetry.StartProgress(stderr, time.Now)
		defer b.told.End()
	}
	stderr = b.told.Logs(stderr)
	log, err := telemetry.NewLogger(stderr, c.Log)
	if err != nil {
		return set.Usage(stderr, err)
	}
	b.c, b.log = c, log
	b.life, b.stop = context.WithCancelCause(ctx)
	defer b.stop(nil)
	if err := b.run(*file, b.told.Logs(stdout)); err != nil {
		if ctx.Err() == nil {
			return set.Fail(stderr, err)
		}
		fmt.Fprintln(stderr, "processor backfill: stopped; "+b.left(*file))
	}
	return 0
}

func (b *backfiller) check(c Config, progress string) error {
	switch {
	case b.export == "" && c.OpenSearchEndpoint == "":
		return errors.New("name where the documents go: -opensearch-endpoint or -export")
	case b.export != "" && c.OpenSearchEndpoint != "":
		return errors.New("-export is in place of -opensearch-endpoint: name one of them")
	case b.export == "-":
		return errors.New("-export -: name a file")
	case b.export != "" && progress != "" && filepath.Clean(b.export) == filepath.Clean(progress):
		return errors.New("-export and -progress name the same file")
	case b.seek > b.until:
		return errors.New("-seek lies after -until: no trip would be counted")
	}
	return nil
}

// left is what a stop leaves.
func (b *backfiller) left(file string) string {
	switch {
	case file != "":
		return "the same flags go on from " + file
	case b.export != "":
		return b.export + " was not written"
	}
	return "what was computed is written; with -progress it could go on"
}

// plan are the flags that a later start must repeat.
func (b *backfiller) plan() map[string]string {
	plan := b.c.meta()
	for key, value := range plan {
		delete(plan, key)
		plan[strings.ReplaceAll(key, "_", "-")] = value
	}
	plan["source"], plan["index-prefix"] = strings.Join(redact.All(b.sources), " "), b.c.IndexPrefix
	plan["seek"], plan["until"] = strconv.FormatInt(b.seek, 10), strconv.FormatInt(b.until, 10)
	plan["also"] = redact.URL(b.place)
	plan["opensearch-endpoint"], plan["export"] = redact.URL(b.c.OpenSearchEndpoint), b.export
	return plan
}
