package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/telemetry"
)

func export(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack export", "writes pickup_count and trip_duration of any server as sorted NDJSON")
	set.Example("localstack export -opensearch-endpoint http://127.0.0.1:9200 -address 127.0.0.1:8081 -export results.ndjson")
	endpoint := set.String("opensearch-endpoint", "", "`URL` of OpenSearch or of an embedded results store")
	set.Need("opensearch-endpoint")
	file := set.String("export", "", "`file` to write; - is standard output")
	set.Need("export")
	prefix := set.String("index-prefix", "", "`text` before every index name")
	sign := set.String("sign", "", "sign requests for the AWS service `es` or aoss; by default by the endpoint's name")
	region := set.String("region", "", "AWS `region`, to sign for")
	address := set.String("address", "", "`host:port` of a processor, its -listen: wait until it has read all that is on its stream and OpenSearch has confirmed the documents")
	set.Help(opensearch.Help)
	set.Help("Without -address the export is what the server holds at this moment.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	var told *telemetry.Progress
	if *file != "-" || !telemetry.IsTerminal(stdout) { // lines of an export and of its progress do not mix
		told = telemetry.StartProgress(stderr, time.Now)
		defer told.End()
	}
	stderr = told.Logs(stderr)
	o := opensearch.Options{Endpoint: *endpoint, Sign: *sign, OnTrouble: func(m string) { fmt.Fprintln(stderr, "localstack export: "+m) }}
	client, err := opensearch.Open(ctx, o, *region)
	if err != nil {
		return set.Fail(stderr, err)
	}
	defer client.Close()
	if *address != "" {
		if err := caughtUpAt(ctx, *address, stderr); err != nil {
			return set.Fail(stderr, err)
		}
	}
	lines, err := exportTo(ctx, client, *prefix, *file, told.Logs(stdout), told)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintf(stderr, "localstack export: stopped; %s was not written\n", *file)
		return 0
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	if *file != "-" {
		fmt.Fprintf(told.Logs(stdout), "%d documents in %s\n", lines, *file)
	}
	return 0
}

// exportTo writes the export, to a file in one step: under another name first. It
// tells how far it is.
func exportTo(ctx context.Context, client *opensearch.Client, prefix, name string, stdout io.Writer, told *telemetry.Progress) (lines int64, err error) {
	if name == "-" {
		return exportSome(ctx, client, prefix, stdout, told)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	lines, err = exportSome(ctx, client, prefix, w, told)
	err = errors.Join(err, w.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return 0, fmt.Errorf("export to %s: %w", name, err)
	}
	return lines, nil
}

// exportSome fails where there is nothing to export: an empty file would look like a result.
func exportSome(ctx context.Context, client *opensearch.Client, prefix string, w io.Writer, told *telemetry.Progress) (lines int64, err error) {
	told.Step("exporting", "documents")
	lines, err = results.Export(ctx, client, prefix, &lineCounter{w: w, told: told, total: documents(ctx, client, prefix)})
	if err == nil && lines == 0 {
		err = fmt.Errorf("%s and %s on %s hold no document: has a processor written there, under this -index-prefix?",
			prefix+names.PickupCount, prefix+names.TripDuration, client.Endpoint())
	}
	return lines, err
}

// documents is how many there are to export, for the progress alone; 0: not known.
func documents(ctx context.Context, client *opensearch.Client, prefix string) (n int64) {
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		count, err := client.Count(ctx, prefix+alias, nil)
		if err != nil {
			return 0 // the export itself will say what is wrong
		}
		n += count
	}
	return n
}

// lineCounter tells how many lines of how many have been written.
type lineCounter struct {
	w           io.Writer
	told        *telemetry.Progress
	done, total int64
}

// Write implements io.Writer.
func (l *lineCounter) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.done += int64(bytes.Count(p[:n], []byte("\n")))
	part := telemetry.UnknownPart
	if l.total > 0 {
		part = float64(l.done) / float64(l.total)
	}
	l.told.Set(l.done, part)
	return n, err
}
