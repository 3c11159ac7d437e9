package opensearch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"

	"taxistream/internal/fault"
)

var (
	ndjson = http.Header{"Content-Type": {"application/x-ndjson"}}
	// verdictOnly asks for the statuses and errors of the items: 25 bytes an item instead of 250.
	verdictOnly = opensearchapi.BulkParams{FilterPath: []string{"errors", "items.*.status", "items.*.error"}}
)

// shardTimeout is how long OpenSearch may wait for the shards of an index that has none
// to write to (it is red): by itself it waits for a minute, longer than RequestTimeout, and
// nobody would learn which index it is. It waits twice, for the index to be made and for
// the write, and both end before silence is a trouble of its own.
const shardTimeout = fault.Silence - time.Second

// bulk makes the stock client's bulk request. A serverless collection has no shards to wait for.
func (c *Client) bulk(body io.Reader) stock {
	params := verdictOnly
	if c.o.Sign != "aoss" {
		params.Timeout = shardTimeout
	}
	return opensearchapi.BulkReq{Body: body, Header: ndjson, Params: params}
}

// verdict is what a bulk answer says of one item.
type verdict struct {
	Status int       `json:"status"`
	Error  exception `json:"error"`
}

// errNoVerdict is returned for an item without a status.
var errNoVerdict = errors.New("bulk answer: an item has no status")

// parseBulk reads a bulk answer to n items. Whatever is not exactly n verdicts
// is an error: then nothing is known of any item, and all are sent again.
func parseBulk(body []byte, n int) ([]verdict, error) {
	var whole struct {
		Items []map[string]verdict `json:"items"`
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fmt.Errorf("bulk answer: %w", err)
	}
	if len(whole.Items) != n {
		return nil, fmt.Errorf("bulk answer: %d items for %d documents", len(whole.Items), n)
	}
	verdicts := make([]verdict, 0, n)
	for _, it := range whole.Items {
		if len(it) != 1 {
			return nil, errNoVerdict
		}
		for _, v := range it {
			if v.Status == 0 {
				return nil, errNoVerdict
			}
			verdicts = append(verdicts, v)
		}
	}
	return verdicts, nil
}

// allWritten tells whether an answer is, byte for byte, the common one: n items
// of status 200 or 201 and nothing else, in the form that our filter_path gives
// it. It spares the parse; whatever it does not know is no failure, and is parsed.
func allWritten(body []byte, n int) bool {
	const item = `{"index":{"status":20_}}`
	rest, ok := bytes.CutPrefix(body, []byte(`{"errors":false,"items":[`))
	if !ok || len(rest) != n*(len(item)+1)+1 {
		return false
	}
	for range n {
		if string(rest[:len(item)-3]) != item[:len(item)-3] || rest[len(item)-3]&^1 != '0' || string(rest[len(item)-2:len(item)]) != "}}" {
			return false
		}
		if rest = rest[len(item):]; rest[0] == ',' {
			rest = rest[1:]
		}
	}
	return string(rest) == "]}"
}
