package opensearch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"
)

// Hit is one document that was found.
type Hit struct {
	Index   string            `json:"_index"`
	ID      string            `json:"_id"`
	Version int64             `json:"_version"`
	Source  json.RawMessage   `json:"_source"`
	Sort    []json.RawMessage `json:"sort"`
}

// SearchRequest is one page of a search.
type SearchRequest struct {
	Index string          // index, alias or pattern; one that does not exist yet finds nothing
	Query json.RawMessage // nil: all
	Sort  []SortKey
	Size  int
	// Fields of the documents to return; nil: all.
	Fields []string
	After  []json.RawMessage // the Sort of the last hit before this page; nil: the first page
}

// SortKey is one field to sort by.
type SortKey struct {
	Field string
	Desc  bool
}

// MarshalJSON writes {"field":{"order":"asc"}}.
func (k SortKey) MarshalJSON() ([]byte, error) {
	order := "asc"
	if k.Desc {
		order = "desc"
	}
	return json.Marshal(map[string]any{k.Field: map[string]string{"order": order}})
}

// lenient makes an alias without indexes empty instead of an error: a replay
// that has written nothing yet is not at fault.
var lenient = true

// Refresh makes what was written before visible to searches. Serverless
// collections refuse it (404): they refresh by themselves.
func (c *Client) Refresh(ctx context.Context, index string) error {
	_, err := c.call(ctx, &request{op: "refresh " + index, method: http.MethodPost, of: bodiless(opensearchapi.IndicesRefreshReq{
		Index: []string{index}, Params: opensearchapi.IndicesRefreshParams{IgnoreUnavailable: &lenient, AllowNoIndices: &lenient},
	})})
	return err
}

// Count counts what a query finds; nil counts all.
func (c *Client) Count(ctx context.Context, index string, query json.RawMessage) (int64, error) {
	body := []byte("{}")
	if query != nil {
		body = fmt.Appendf(nil, `{"query":%s}`, query)
	}
	var found struct {
		Count int64 `json:"count"`
	}
	err := c.ask(ctx, &request{op: "count " + index, method: http.MethodPost, body: body, of: func(b io.Reader) stock {
		return opensearchapi.IndicesCountReq{Indices: []string{index}, Body: b, Params: opensearchapi.IndicesCountParams{IgnoreUnavailable: &lenient, AllowNoIndices: &lenient}}
	}}, &found)
	return found.Count, err
}

// Search reads one page.
func (c *Client) Search(ctx context.Context, q SearchRequest) ([]Hit, error) {
	wire := struct {
		Query   json.RawMessage   `json:"query,omitempty"`
		Sort    []SortKey         `json:"sort,omitempty"`
		Size    int               `json:"size"`
		Version bool              `json:"version"`
		Track   bool              `json:"track_total_hits"` // nobody asks how many there are
		After   []json.RawMessage `json:"search_after,omitempty"`
		Fields  []string          `json:"_source,omitempty"`
	}{q.Query, q.Sort, q.Size, true, false, q.After, q.Fields}
	body, err := json.Marshal(wire)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", q.Index, err)
	}
	var found struct {
		Hits struct {
			Hits []Hit
		}
		TimedOut bool `json:"timed_out"`
		Shards   struct{ Failed int }
	}
	if err := c.ask(ctx, searchOf("search "+q.Index, q.Index, body), &found); err != nil {
		return nil, err
	}
	return found.Hits.Hits, nil
}

// searchOf is a search of an index that fails where a shard does not answer.
func searchOf(op, index string, body []byte) *request {
	partial := false
	return &request{op: op, method: http.MethodPost, body: body, of: func(b io.Reader) stock {
		return &opensearchapi.SearchReq{Indices: []string{index}, Body: b, Params: opensearchapi.SearchParams{
			IgnoreUnavailable: &lenient, AllowNoIndices: &lenient, AllowPartialSearchResults: &partial,
		}}
	}}
}

// ask calls and decodes the answer into v. An answer that is cut off or garbled
// is asked for again: a read does no harm.
func (c *Client) ask(ctx context.Context, r *request, v any) error {
	const tries = 3
	for try := 1; ; try++ {
		body, err := c.call(ctx, r)
		if err != nil {
			return err
		}
		if err = json.Unmarshal(body, v); err == nil {
			return nil
		}
		if try == tries {
			return &Error{Op: r.op, Server: c.base, Err: fmt.Errorf("the answer is not what was asked for: %w", err), Hint: "check that the endpoint is an OpenSearch server"}
		}
	}
}
