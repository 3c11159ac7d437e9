package shards

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Tag is the stream's tag that holds the times of its last changes, oldest
// first. Ten times of 20 characters fit into a tag's 256.
const Tag = "shards-changed"

// history reads the tag. What is no time in it is left out: somebody may have edited it.
func (s *Scaler) history(ctx context.Context) ([]time.Time, error) {
	in := &kinesis.ListTagsForStreamInput{StreamName: &s.settings.Stream}
	for {
		page, err := s.kinesis.ListTagsForStream(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("read the tags of stream %s: %w", s.settings.Stream, err)
		}
		for _, tag := range page.Tags {
			if *tag.Key == Tag && tag.Value != nil {
				return parseTimes(*tag.Value), nil
			}
		}
		if page.HasMoreTags == nil || !*page.HasMoreTags || len(page.Tags) == 0 {
			return nil, nil
		}
		in.ExclusiveStartTagKey = page.Tags[len(page.Tags)-1].Key
	}
}

func parseTimes(text string) []time.Time {
	var times []time.Time
	for word := range strings.FieldsSeq(text) {
		if at, err := time.Parse(time.RFC3339, word); err == nil {
			times = append(times, at)
		}
	}
	return times
}

// note writes the last PerDay times.
func (s *Scaler) note(ctx context.Context, times []time.Time) error {
	times = times[max(0, len(times)-PerDay):]
	words := make([]string, len(times))
	for i, at := range times {
		words[i] = at.UTC().Format(time.RFC3339)
	}
	_, err := s.kinesis.AddTagsToStream(ctx, &kinesis.AddTagsToStreamInput{
		StreamName: &s.settings.Stream, Tags: map[string]string{Tag: strings.Join(words, " ")},
	})
	if err != nil {
		return fmt.Errorf("tag stream %s: %w", s.settings.Stream, err)
	}
	return nil
}
