package opensearch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Scan is a search whose hits are read page by page.
type Scan struct {
	Index string
	Query json.RawMessage // nil: all
	// Sort must tell any two documents apart, because a page begins after the
	// last one's values.
	Sort     []SortKey
	Fields   []string // of the documents; nil: all
	PageSize int      // 0: 1,000; at most 10,000. The answer must fit into Options.MaxResponse
}

// All are the hits of a scan, in its order; one page is held in memory. An error
// is the last of them. What is written meanwhile may be missed.
func (c *Client) All(ctx context.Context, s Scan) iter.Seq2[Hit, error] {
	return func(yield func(Hit, error) bool) {
		page := SearchRequest{Index: s.Index, Query: s.Query, Sort: s.Sort, Size: cmp.Or(s.PageSize, 1000), Fields: s.Fields}
		for {
			hits, err := c.Search(ctx, page)
			if err != nil {
				yield(Hit{}, err)
				return
			}
			for _, h := range hits {
				if page.After = h.Sort; len(h.Sort) != len(s.Sort) {
					yield(Hit{}, fmt.Errorf("search %s: the server gave no sort values to go on from", s.Index))
					return
				}
				if !yield(h, nil) {
					return
				}
			}
			if len(hits) < page.Size {
				return
			}
		}
	}
}
