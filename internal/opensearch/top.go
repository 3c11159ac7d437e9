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

// Top finds the n groups with the greatest sums, or with the most documents where
// sum is empty; equal ones in the order of their keys. by is a keyword field, sum a
// number. Over more than one shard an index OpenSearch looks only at each shard's
// own greatest groups.
func (c *Client) Top(ctx context.Context, index, by, sum string, n int) ([]Group, error) {
	terms := map[string]any{"field": by, "size": n}
	groups := map[string]any{"terms": terms} // the most documents first, if nothing else is said
	op := "groups of " + index + " by " + by
	if sum != "" {
		op = "greatest " + sum + " of " + index
		terms["order"] = []map[string]string{{"sum": "desc"}, {"_key": "asc"}}
		groups["aggs"] = map[string]any{"sum": map[string]any{"sum": map[string]string{"field": sum}}}
	}
	body, err := json.Marshal(map[string]any{"size": 0, "aggs": map[string]any{"groups": groups}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
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
	if err := c.ask(ctx, searchOf(op, index, body), &found); err != nil {
		return nil, err
	}
	all := make([]Group, 0, n)
	for _, b := range found.Aggregations.Groups.Buckets {
		all = append(all, Group{b.Key, b.Count, b.Sum.Value})
	}
	return all, nil
}
