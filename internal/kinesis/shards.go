package kinesis

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Shard is one shard of a stream.
type Shard struct {
	ID         string
	Parents    []string // none, one (a split) or two (a merge); they may be gone already
	Start, End string   // range of hash keys, decimal, both included
	Open       bool     // takes records
}

// Shards lists all shards, open and closed, that the stream still knows.
func (c *Client) Shards(ctx context.Context) ([]Shard, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var all []Shard
	in := &kinesis.ListShardsInput{StreamName: c.name(), StreamARN: c.arn}
	for {
		out, err := c.API.ListShards(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list shards: %w", c.explain(err))
		}
		for _, s := range out.Shards {
			all = append(all, Shard{
				ID:      aws.ToString(s.ShardId),
				Parents: parents(aws.ToString(s.ParentShardId), aws.ToString(s.AdjacentParentShardId)),
				Start:   aws.ToString(s.HashKeyRange.StartingHashKey),
				End:     aws.ToString(s.HashKeyRange.EndingHashKey),
				Open:    s.SequenceNumberRange == nil || s.SequenceNumberRange.EndingSequenceNumber == nil,
			})
		}
		if out.NextToken == nil {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

func parents(ids ...string) []string {
	var known []string
	for _, id := range ids {
		if id != "" {
			known = append(known, id)
		}
	}
	return known
}

func children(list []types.ChildShard) []Shard {
	out := make([]Shard, 0, len(list))
	for _, c := range list {
		out = append(out, Shard{ID: aws.ToString(c.ShardId), Parents: c.ParentShards, Open: true})
	}
	return out
}
