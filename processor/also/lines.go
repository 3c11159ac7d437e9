package also

import (
	"strconv"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/jsonscan"
	"taxistream/internal/opensearch"
)

// ndjson is the form of an export with the version in it: one line a document,
// {"_index": the alias, "_id", "_version", "_source"}.
func ndjson(alias string) files.Format[opensearch.Document] {
	head := append(jsonscan.AppendString([]byte(`{"_index":`), alias), `,"_id":`...)
	return files.Lines(".ndjson", func(b []byte, e *engine.Element[opensearch.Document]) ([]byte, error) {
		b = append(b, head...)
		b = jsonscan.AppendString(b, e.Value.ID)
		b = append(b, `,"_version":`...)
		b = strconv.AppendInt(b, e.Value.Version, 10)
		b = append(b, `,"_source":`...)
		b = append(b, e.Value.Source...)
		return append(b, '}'), nil
	})
}
