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
	groups, _, err := c.top(ctx, index, by, topRequest{sum: sum, n: n})
	return groups, err
}

// TopWhere is Top of the documents that a query finds. It counts, too, how many different
// values those have of another field: exact for some thousands.
func (c *Client) TopWhere(ctx context.Context, index string, query json.RawMessage, by, sum string, n int, count string) (groups []Group, distinct int64, err error) {
	return c.top(ctx, index, by, topRequest{query, sum, count, n})
}

type topRequest struct {
	query json.RawMessage
	sum   string // empty: documents are counted
	count string // field whose values are counted; empty: none
	n     int
}

func (c *Client) top(ctx context.Context, index, by string, r topRequest) ([]Group, int64, error) {
	terms := map[string]any{"field": by, "size": r.n}
	groups := map[string]any{"terms": terms} // the most documents first, if nothing else is said
	aggs := map[string]any{"groups": groups}
	op := "groups of " + index + " by " + by
	if r.sum != "" {
		op = "greatest " + r.sum + " of " + index
		terms["order"] = []map[string]string{{"sum": "desc"}, {"_key": "asc"}}
		groups["aggs"] = map[string]any{"sum": map[string]any{"sum": map[string]string{"field": r.sum}}}
	}
	if r.count != "" {
		aggs["distinct"] = map[string]any{"cardinality": map[string]string{"field": r.count}}
	}
	body, err := json.Marshal(struct {
		Size  int             `json:"size"`
		Query json.RawMessage `json:"query,omitempty"`
		Aggs  map[string]any  `json:"aggs"`
	}{0, r.query, aggs})
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", op, err)
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
			Distinct struct{ Value int64 }
		}
	}
	if err := c.ask(ctx, searchOf(op, index, body), &found); err != nil {
		return nil, 0, err
	}
	all := make([]Group, 0, len(found.Aggregations.Groups.Buckets))
	for _, b := range found.Aggregations.Groups.Buckets {
		all = append(all, Group{b.Key, b.Count, b.Sum.Value})
	}
	return all, found.Aggregations.Distinct.Value, nil
}
