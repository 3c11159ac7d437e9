package integration

import (
	"fmt"
	"strings"
)

// A resultsCase is a stretch of one long conversation with a results store that
// was empty at its beginning.
type resultsCase struct {
	name      string
	exchanges []exchange
}

// exchange is one request and what OpenSearch answered to it, but for what is
// its own: times, identifiers, shards, sequence numbers, its wording.
type exchange struct {
	Method, Path, Body string
	Gzip               bool    `json:",omitempty"`
	Type               *string `json:",omitempty"` // of the content; nil: application/json, empty: none is said
	Status             int
	Answer             any
	differs            *difference // of the embedded store
}

// request is an exchange whose answer is recorded; instead is the embedded
// store's, where it is another on purpose.
func request(method, path, body string, instead ...difference) exchange {
	e := exchange{Method: method, Path: path, Body: body}
	if len(instead) > 0 {
		e.differs = &instead[0]
	}
	return e
}

func bulk(lines ...string) exchange {
	return request("POST", "/_bulk?refresh=true", strings.Join(lines, ""))
}

func find(body string) exchange { return request("POST", "/pickup_count/_search", body) }

// unsupported declares that the embedded store answers 501.
func unsupported(reason string) difference {
	return on(embedded, answer{status: 501, code: "not_supported_by_the_embedded_store"}, reason)
}

// template has one field of each mapping type.
const template = `{"index_patterns":["pickup_count-*"],"priority":100,"_meta":{"rules":"1"},"template":{
	"settings":{"index":{"number_of_shards":1}},"aliases":{"pickup_count":{}},
	"mappings":{"dynamic":"strict","_meta":{"rules":"1"},"properties":{
		"cell":{"type":"keyword"},"resolution":{"type":"byte"},"location":{"type":"geo_point"},
		"boundary":{"type":"object","enabled":false},"pickup_count":{"type":"long"},"average":{"type":"double"},
		"detail":{"type":"text"},"record":{"type":"binary"},"hot":{"type":"boolean"},
		"window_start":{"type":"date"},"timestamp":{"type":"date"}}}}}`

// bulkLines are the two lines of a document as the processor writes it.
func bulkLines(id string, version int64, source string) string {
	return fmt.Sprintf(`{"index":{"_index":"pickup_count-2016.01","_id":%q,"version":%d,"version_type":"external_gte"}}`+"\n%s\n", id, version, source)
}
