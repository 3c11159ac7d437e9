package opensearch

import (
	"context"
	"encoding/json"
	"fmt"
)

// Group is the documents that share a keyword, and the sum of one of their numbers.
type Group struct {
	Key       string
	Documents int64
	Sum       float64
}

// Top finds the n groups with the greatest sums, equal ones in the order of
// their keys. by is a keyword field, sum a number. Over more than one shard an
// index OpenSearch looks only at each shard's own greatest groups.
func (c *Client) Top(ctx context.Context, index, by, sum string, n int) ([]Group, error) {
	body, err := json.Marshal(map[string]any{
		"size": 0,
		"aggs": map[string]any{"groups": map[string]any{
			"terms": map[string]any{"field": by, "size": n, "order": []map[string]string{{"sum": "desc"}, {"_key": "asc"}}},
			"aggs":  map[string]any{"sum": map[string]any{"sum": map[string]string{"field": sum}}},
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("greatest %s of %s: %w", sum, index, err)
	}
	var found struct {
		Aggregations struct {
			Groups struct {
				Buckets []struct {
					Key   string
					Count int64 `json:"doc_count"`
					Sum   struct{ Value float64 }
				}
			}
		}
	}
	if err := c.ask(ctx, searchOf("greatest "+sum+" of "+index, index, body), &found); err != nil {
		return nil, err
	}
	groups := make([]Group, 0, n)
	for _, b := range found.Aggregations.Groups.Buckets {
		groups = append(groups, Group{b.Key, b.Count, b.Sum.Value})
	}
	return groups, nil
}
