//go:build integration

package integration

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	"taxistream/localstack/localtest"
)

// Ensure a second processor on the same checkpoints in S3 is refused, and a
// half-written checkpoint that a killed one left, newer than all, is never taken
// for whole: the documents are the oracle's, in the index and in the files of -also in S3.
func TestPipeline_HalfWritten(t *testing.T) {
	ls, search := StartLocalStack(t), StartOpenSearch(t, OpenSearchOptions{})
	stream := newStream(t, ls.URL, "half-written", 2)
	r := newReplay(t, ls.URL, search.URL)
	newBucket(t, ls.URL, "half-written", r.source)
	at := s3.Location{Bucket: "half-written", Prefix: "checkpoints/"}
	r.flags = []string{"-stream", stream.Stream, "-checkpoint-dir", at.String(), "-also", "s3://half-written/files"}
	url := r.process()
	r.produce("3000", "-stream", stream.Stream, "-watermark-interval", "500ms")
	r.reads(url, 0.2)

	second := localtest.Start(t, "processor", "-endpoint", ls.URL, "-opensearch-endpoint", search.URL, "-index-prefix", r.prefix,
		"-listen", "127.0.0.1:0", "-stream", stream.Stream, "-checkpoint-dir", at.String())
	if code := second.WaitExit(time.Minute); code != 1 || !strings.Contains(second.Errors(), "checkpoints in "+at.String()+" are in use by process ") {
		t.Errorf("a second processor: status %d, %s", code, second.Errors())
	}
	if err := r.processor.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.processor.WaitExit(10 * time.Second)
	halve(t, at, ls.URL)
	url = r.process()
	r.check(r.finish(url))
	written, hidden := localtest.Also(t, objectsBelow(t, s3.Location{Bucket: "half-written", Prefix: "files/"}, ls.URL))
	written = bytes.ReplaceAll(written, []byte(`{"_index":"`+r.prefix), []byte(`{"_index":"`))
	if diff := localtest.Diff(written, r.want); diff != "" || len(hidden) > 0 {
		t.Errorf("of -also are hidden %v; %s", hidden, diff)
	}
	if out := r.processor.Errors(); !strings.Contains(out, "going on from a checkpoint") || strings.Contains(out, "damaged") {
		t.Errorf("the restarted processor: %s", out)
	}
	Note("%s: a second processor refused, a kill, a half-written checkpoint passed over", t.Name())
}

// objectsBelow are those below a place, as a file system.
func objectsBelow(t *testing.T, at s3.Location, endpoint string) fstest.MapFS {
	t.Helper()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	client, fsys := s3.New(cfg), fstest.MapFS{}
	err = client.List(t.Context(), at, func(o s3.Object) error {
		data, _, err := client.Get(t.Context(), at, o.Key, o.Size)
		fsys[strings.TrimPrefix(o.Key, at.Prefix)] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// halve puts a checkpoint newer than all but for its manifest, as a processor
// leaves it that dies in the middle.
func halve(t *testing.T, at s3.Location, endpoint string) {
	t.Helper()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	client := s3.New(cfg)
	put := 0
	err = client.List(t.Context(), s3.Location{Bucket: at.Bucket, Prefix: at.Prefix + "chk-"}, func(o s3.Object) error {
		folder, file, _ := strings.Cut(strings.TrimPrefix(o.Key, at.Prefix), "/")
		if file == checkpoint.ManifestName {
			return nil
		}
		_, epoch, _ := strings.Cut(strings.TrimPrefix(folder, "chk-"), "-")
		put++
		_, err := client.Put(t.Context(), at, at.Prefix+"chk-0000009999-"+epoch+"/"+file, bytes.Repeat([]byte("half"), 100))
		return err
	})
	if err != nil || put == 0 {
		t.Fatalf("%d files of a half-written checkpoint: %v", put, err)
	}
}
