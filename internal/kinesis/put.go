package kinesis

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis/wire"
)

// Entry is one record to put, in plain types.
type Entry struct {
	Data         []byte
	PartitionKey string
	HashKey      string // decimal explicit hash key; empty: the partition key decides
}

// EntryResult is the service's answer on one entry.
type EntryResult struct {
	Shard   string // that holds the record; empty if it was refused
	Code    string // empty if it was written
	Message string
}

// PutEntries makes one PutRecords call. It answers with one result an entry, in
// order, or with an error for the call as a whole; it retries no refused entry.
// The entries are read only while it runs.
func (c *Client) PutEntries(ctx context.Context, entries []Entry) ([]EntryResult, error) {
	records := make([]types.PutRecordsRequestEntry, len(entries))
	for i := range entries {
		e := &entries[i]
		records[i].Data, records[i].PartitionKey = e.Data, &e.PartitionKey
		if e.HashKey != "" {
			records[i].ExplicitHashKey = &e.HashKey
		}
	}
	ctx, body := wire.WithBody(ctx)
	out, err := c.API.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: c.name(), StreamARN: c.arn, Records: records})
	if err != nil {
		return nil, err
	}
	body.Release(out.ResultMetadata)
	results := make([]EntryResult, len(out.Records))
	for i := range out.Records {
		r := &out.Records[i]
		results[i] = EntryResult{aws.ToString(r.ShardId), aws.ToString(r.ErrorCode), aws.ToString(r.ErrorMessage)}
	}
	return results, nil
}
