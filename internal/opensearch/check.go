package opensearch

import (
	"context"
	"net/http"

	"taxistream/internal/fault"
)

// CheckWrite finds out at the start of a writer whether it may write at all: it
// sends a bulk request without a document. What else may be wrong is waited for
// where documents are written.
func (c *Client) CheckWrite(ctx context.Context) error {
	r := request{op: "write to indexes", method: http.MethodPost, body: []byte("\n"), of: c.bulk}
	a, err := c.once(ctx, &r)
	if err != nil || a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
		return nil
	}
	if refused := c.refused(r.op, a.status, parseException(a.body)); fault.Classify(refused) == fault.Final {
		return refused
	}
	return nil
}
