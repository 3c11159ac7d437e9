package kinesis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"taxistream/localstack/kinesis"
)

// Ensure that each fault does to a call what it says.
func TestFaults(t *testing.T) {
	tg, s, _ := clocked(t, 1, kinesis.Options{})
	put := func() error {
		_, err := tg.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: &tg.stream, PartitionKey: aws.String("k"), Data: []byte("x")}, once)
		return err
	}
	set := func(f kinesis.Faults) { must(t, s.SetFaults(f)) }

	set(kinesis.Faults{Fail: 1})
	wantCode(t, "fail", put(), "InternalFailure")
	set(kinesis.Faults{Unavailable: 1})
	wantCode(t, "unavailable", put(), "ServiceUnavailable")
	equal(t, "nothing stored", s.Stats().PutRecords, 0)

	set(kinesis.Faults{Drop: 1})
	err := put()
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		t.Errorf("dropped connection: got %v, want an error of the connection", err)
	}
	equal(t, "a dropped call has had its effect", s.Stats().PutRecords, 1)

	set(kinesis.Faults{Delay: 1, MaxDelay: time.Millisecond})
	must(t, put())
	set(kinesis.Faults{Hook: func(operation string) kinesis.Fault {
		if operation == "ListShards" {
			return kinesis.Fault{Status: 503}
		}
		return kinesis.Fault{}
	}})
	must(t, put())
	_, err = tg.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: &tg.stream}, once)
	wantCode(t, "hook", err, "ServiceUnavailable")
	if err := s.SetFaults(kinesis.Faults{Drop: 2}); err == nil {
		t.Error("a rate of 2 was taken")
	}
}

// Ensure that a share of the entries of a put fails, that these and only these are not
// stored, and that the same seed chooses the same.
func TestFaults_Entries(t *testing.T) {
	var runs [2]string
	for run := range runs {
		tg, s, _ := clocked(t, 1, kinesis.Options{Faults: kinesis.Faults{Seed: 7, FailEntries: 0.3}})
		var entries []types.PutRecordsRequestEntry
		for i := range 200 {
			entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), Data: []byte(fmt.Sprint(i))})
		}
		out, err := tg.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: &tg.stream, Records: entries}, once)
		must(t, err)
		var want []string
		for i, r := range out.Records {
			if r.ErrorCode == nil {
				want = append(want, string(entries[i].Data))
			} else {
				equal(t, "code", *r.ErrorCode, "InternalFailure")
			}
		}
		equal(t, "count", int(*out.FailedRecordCount), 200-len(want))
		if len(want) < 100 || len(want) > 180 {
			t.Errorf("%d of 200 stored with a share of 0.3 failing", len(want))
		}
		must(t, s.SetFaults(kinesis.Faults{}))
		records, _ := tg.read(tg.iterator(shardName(0), types.ShardIteratorTypeTrimHorizon), 1000)
		runs[run] = texts(records)
		equal(t, "stored", runs[run], strings.Join(want, " "))
	}
	equal(t, "same seed", runs[0], runs[1])
}

// Ensure that Close does not wait for delayed calls, and refuses later ones.
func TestClose(t *testing.T) {
	entered := make(chan struct{})
	s := mustServer(t, kinesis.Options{Faults: kinesis.Faults{Hook: func(string) kinesis.Fault {
		close(entered)
		return kinesis.Fault{Delay: time.Hour}
	}}})
	client := newClient(start(t, s))
	done := make(chan error)
	go func() { // ends with the call, which Close cuts
		_, err := client.ListStreams(t.Context(), &sdk.ListStreamsInput{}, once)
		done <- err
	}()
	<-entered
	must(t, s.Close())
	if err := <-done; err == nil {
		t.Error("the delayed call succeeded")
	}
	must(t, s.Close())
}

// Ensure that a port in use is an error that names it.
func TestStart_BusyPort(t *testing.T) {
	url := start(t, mustServer(t, kinesis.Options{}))
	address := strings.TrimPrefix(url, "http://")
	_, err := mustServer(t, kinesis.Options{}).Start(address)
	if err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("got %v, want an error that names %s", err, address)
	}
}
