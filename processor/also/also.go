// Package also is the processor's second place for documents (-also): rolling files of
// pickup_count and trip_duration in a folder or in S3, exactly once (package engine/files).
// A file lies at <alias>/<window_start>/part-… and holds documents of that window, as lines
// of JSON or as Parquet.
package also

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"path"
	"strings"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/opensearch"
	"taxistream/internal/redact"
	"taxistream/internal/results/document"
	"taxistream/internal/s3"
	"taxistream/internal/trip"
)

// Target is what -also names; the zero Target is none.
type Target struct {
	Folder  string      // on the disk; empty: a place in S3
	Bucket  s3.Location // in S3
	Parquet bool        // else NDJSON
}

// folderScheme begins the address of a folder; what follows is its path as it stands,
// absolute or not.
const folderScheme = "file://"

// Usage is how -also is written.
const Usage = folderScheme + "DIR or " + s3.Scheme + "bucket/prefix, with ?format=ndjson (default) or ?format=parquet"

// None tells whether there is no second place.
func (t Target) None() bool { return t == Target{} }

// InBucket tells whether it is in S3.
func (t Target) InBucket() bool { return t.Bucket.Bucket != "" }

// Parse reads an address; an empty one is none. An error begins with the address, less what may be secret.
func Parse(address string) (t Target, err error) {
	if address == "" {
		return t, nil
	}
	wrong := func(format string, args ...any) (Target, error) {
		return Target{}, fmt.Errorf("%s: "+format, append([]any{redact.URL(address)}, args...)...)
	}
	place, options, _ := strings.Cut(address, "?")
	switch folder, isFolder := strings.CutPrefix(place, folderScheme); {
	case isFolder && folder != "":
		t.Folder = folder
	case strings.HasPrefix(place, s3.Scheme):
		if t.Bucket, err = s3.Parse(place); err != nil {
			return Target{}, err
		}
	default:
		return wrong("write %s", Usage)
	}
	values, err := url.ParseQuery(options)
	if err != nil {
		return wrong("write %s", Usage)
	}
	for key, value := range values {
		switch {
		case key != "format" || len(value) > 1:
			return wrong("?%s is no option: write %s", key, Usage)
		case value[0] == "parquet":
			t.Parquet = true
		case value[0] != "ndjson":
			return wrong("format %q: choose ndjson or parquet", value[0])
		}
	}
	return t, nil
}

// The limits of one subtask of a sink: it holds so many files in memory where the place is in S3.
const (
	fileBytes = 8 << 20
	openFiles = 4
)

// Sink writes the documents of an alias into files of the alias with the prefix. checkpoints is where
// those of the processor are: two that run at once have two such places, and so tell their pending files apart.
func (t Target) Sink(place files.Place, prefix, alias, checkpoints string) *files.Sink[opensearch.Document] {
	name, sum := prefix+alias, sha256.Sum256([]byte(checkpoints))
	s := &files.Sink[opensearch.Document]{
		Place: place, Owner: fmt.Sprintf("%s-%x", name, sum[:4]), FileBytes: fileBytes, OpenFiles: openFiles, Format: ndjson(name),
		Bucket: func(e *engine.Element[opensearch.Document]) string {
			return path.Join(name, string(trip.AppendTime(nil, windowStart(e.Value.Value))))
		},
	}
	if t.Parquet {
		s.Format = newParquet(alias)
	}
	return s
}

// SpanSink is the sink of one span of a backfill. Its files are named after the plan and the span: one that is
// computed again, over a kill, puts the same files into the place of the first.
func (t Target) SpanSink(place files.Place, prefix, alias, plan string, span int64) *files.Sink[opensearch.Document] {
	name := fmt.Sprintf("backfill-%s-%d", plan, span)
	s := t.Sink(place, prefix, alias, name)
	s.ID = func() string { return name }
	return s
}

// windowStart is that of what a document was made of.
func windowStart(value any) int64 {
	switch r := value.(type) {
	case document.Hotspot:
		return r.Start
	case document.AirportTrips:
		return r.Start
	}
	panic(fmt.Sprintf("also: a document of %T has no window", value))
}
