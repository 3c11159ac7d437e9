package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

func export(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack export", "writes pickup_count and trip_duration of any server as sorted NDJSON")
	endpoint := set.String("opensearch-endpoint", "", "`URL` of OpenSearch or of an embedded results store")
	set.Need("opensearch-endpoint")
	file := set.String("export", "", "`file` to write; - is standard output")
	set.Need("export")
	prefix := set.String("index-prefix", "", "`text` before every index name")
	sign := set.String("sign", "", "sign requests for the AWS service `es` or aoss; by default by the endpoint's name")
	region := set.String("region", "", "AWS `region`, to sign for")
	address := set.String("address", "", "`host:port` of a processor, its -listen: wait until it has read all that is on its stream and OpenSearch has confirmed the documents")
	set.Help("Without -address the export is what the server holds at this moment.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
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
	lines, err := exportTo(ctx, client, *prefix, *file, stdout)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintf(stderr, "localstack export: stopped; %s was not written\n", *file)
		return 0
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	if *file != "-" {
		fmt.Fprintf(stdout, "%d documents in %s\n", lines, *file)
	}
	return 0
}

// exportTo writes the export, to a file in one step: under another name first.
func exportTo(ctx context.Context, client *opensearch.Client, prefix, name string, stdout io.Writer) (lines int64, err error) {
	if name == "-" {
		return exportSome(ctx, client, prefix, stdout)
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
	lines, err = exportSome(ctx, client, prefix, w)
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
func exportSome(ctx context.Context, client *opensearch.Client, prefix string, w io.Writer) (lines int64, err error) {
	lines, err = results.Export(ctx, client, prefix, w)
	if err == nil && lines == 0 {
		err = fmt.Errorf("%s and %s on %s hold no document: has a processor written there, under this -index-prefix?",
			prefix+names.PickupCount, prefix+names.TripDuration, client.Endpoint())
	}
	return lines, err
}
