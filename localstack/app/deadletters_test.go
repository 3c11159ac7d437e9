package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/localstack/search"
)

// Ensure dead letters that OpenSearch cannot take wait in bounded memory: the source stops, no checkpoint is behind
// them, and after kill -9 all of them are written once it takes them again.
func TestDeadLetters_StoreAway(t *testing.T) {
	const records = 20_000
	w := newWorld(t, 2)
	for batch := range records / 500 {
		in := &sdk.PutRecordsInput{StreamName: aws.String(stream)}
		for i := range 500 {
			n := strconv.Itoa(batch*500 + i)
			in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: []byte("no event, number " + n), PartitionKey: aws.String(n)})
		}
		if out, err := w.k.API.PutRecords(context.Background(), in); err != nil || *out.FailedRecordCount > 0 {
			t.Fatal(err)
		}
	}
	w.search.SetFault(onBulk(func(int64, *http.Request) *search.Fault {
		return &search.Fault{Status: http.StatusServiceUnavailable, Type: "cluster_manager_not_discovered_exception", Reason: "away"}
	}))
	processor := func() *process {
		return start(t, "processor", "-endpoint", w.kinesisAt, "-opensearch-endpoint", w.searchAt, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", w.dir, "-checkpoint-interval", "1s", "-log-format", "json")
	}
	p := processor()
	url := p.Address()
	waitFor(t, "the store has refused a few times", func() bool {
		queued, there := metric(url, "taxistream_bulk_documents_queued")
		limit, _ := metric(url, "taxistream_bulk_documents_queued_limit")
		if there && queued > limit {
			t.Fatalf("%.0f documents wait, the limit is %.0f", queued, limit)
		}
		retries, _ := metric(url, "taxistream_bulk_retries_total")
		return queued > 0 && retries >= 3
	})
	read, _ := metric(url, "taxistream_shard_records_total")
	if read == 0 || read >= records {
		t.Errorf("%.0f of %d records were taken in while none could be written", read, records)
	}
	t.Logf("%.0f of %d records were taken in", read, records)
	if n := countRejects(t, w.searchAt, "malformed"); n != 0 {
		t.Fatalf("%d rejects are written", n)
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.WaitExit(10 * time.Second)
	w.search.SetFault(nil)
	next := processor()
	waitFor(t, "all rejects", func() bool { return countRejects(t, w.searchAt, "malformed") == records })
	if next.Ended() {
		t.Error(next.Errors())
	}
	seen := map[string]bool{}
	for _, r := range w.rejects() {
		seen[string(r.Record)] = true
	}
	for n := range records {
		if text := fmt.Sprintf("no event, number %d", n); !seen[text] {
			t.Fatalf("%s is lost", text)
		}
	}
}
