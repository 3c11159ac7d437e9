package wire_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/awsconf"
	"taxistream/internal/kinesis/wire"
)

// Ensure the request for PutRecords is the SDK's, byte for byte.
func TestPutRecordsBody(t *testing.T) {
	var body []byte
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		target = r.Header.Get("X-Amz-Target") + " " + r.Header.Get("Content-Type")
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}`)
	}))
	defer server.Close()
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	stock, ours := sdk.NewFromConfig(cfg), sdk.NewFromConfig(cfg, wire.Use)
	record := func(data, key string, hash *string) types.PutRecordsRequestEntry {
		return types.PutRecordsRequestEntry{Data: []byte(data), PartitionKey: &key, ExplicitHashKey: hash}
	}
	for name, in := range map[string]*sdk.PutRecordsInput{
		"One":       {StreamName: aws.String("stream"), Records: []types.PutRecordsRequestEntry{record("hello", "k", nil)}},
		"Two":       {StreamName: aws.String("stream"), Records: []types.PutRecordsRequestEntry{record("a", "k", aws.String("0")), record("", "ключ", nil)}},
		"OddText":   {StreamName: aws.String(`s"<>&`), Records: []types.PutRecordsRequestEntry{record("\x00\xff", "\n\\\u2028\x7f", nil)}},
		"ByARN":     {StreamARN: aws.String("arn:aws:kinesis:us-east-1:000000000000:stream/x"), Records: []types.PutRecordsRequestEntry{record("a", "k", nil)}},
		"NoRecords": {StreamName: aws.String("stream"), Records: []types.PutRecordsRequestEntry{}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := stock.PutRecords(context.Background(), in); err != nil {
				t.Fatal(err)
			}
			want, wantTarget := body, target
			if _, err := ours.PutRecords(context.Background(), in); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(body, want) || target != wantTarget {
				t.Errorf("got  %s %s\nwant %s %s", target, body, wantTarget, want)
			}
		})
	}
}

// Ensure the switch leaves both operations to the SDK: no memory of ours is used for
// a body, and an answer that only the SDK reads is read the same.
func TestUse_Switch(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}`)
	}))
	defer server.Close()
	cfg, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	for stock, want := range map[string]bool{"": true, "1": false} {
		t.Setenv(wire.Switch, stock)
		ctx, body := wire.WithBody(t.Context())
		_, err := sdk.NewFromConfig(cfg, wire.Use).PutRecords(ctx, &sdk.PutRecordsInput{
			StreamName: aws.String("s"), Records: []types.PutRecordsRequestEntry{{Data: []byte("a"), PartitionKey: aws.String("k")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if used := body.Len() > 0; used != want {
			t.Errorf("%s=%q: our body was used: %v, want %v", wire.Switch, stock, used, want)
		}
	}
}
