package opensearch

import (
	"context"
	"encoding/json"
	"fmt"
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

// ScanAll calls fn with every hit of a scan, in its order, holding one page in
// memory. It ends with fn's first error. What is written meanwhile may be missed.
func (c *Client) ScanAll(ctx context.Context, s Scan, fn func(Hit) error) error {
	p := c.Pages(s)
	for {
		hits, err := p.Next(ctx)
		if err != nil || len(hits) == 0 {
			return err
		}
		for _, h := range hits {
			if err := fn(h); err != nil {
				return err
			}
		}
	}
}

// Pages reads a scan's pages one after the other.
func (c *Client) Pages(s Scan) *Pages { return &Pages{c: c, scan: s} }

// Pages is where a scan stands. It is for one goroutine.
type Pages struct {
	c     *Client
	scan  Scan
	after []json.RawMessage
	end   bool
}

// Next returns the next page; an empty one is the end.
func (p *Pages) Next(ctx context.Context) ([]Hit, error) {
	if p.end {
		return nil, nil
	}
	size := p.scan.PageSize
	if size <= 0 {
		size = 1000
	}
	found, err := p.c.Search(ctx, SearchRequest{Index: p.scan.Index, Query: p.scan.Query, Sort: p.scan.Sort, Size: size, After: p.after, Fields: p.scan.Fields})
	if err != nil {
		return nil, err
	}
	p.end = len(found.Hits) < size
	if n := len(found.Hits); n > 0 {
		p.after = found.Hits[n-1].Sort
		if len(p.after) != len(p.scan.Sort) {
			return nil, fmt.Errorf("search %s: the server gave no sort values to go on from", p.scan.Index)
		}
	}
	return found.Hits, nil
}
