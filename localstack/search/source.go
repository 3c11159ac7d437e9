package search

import (
	"encoding/json"
	"slices"

	"taxistream/internal/jsonscan"
)

// sourceFilter says which top-level fields of a document an answer shows.
type sourceFilter struct {
	none               bool
	includes, excludes []string
}

// parseSourceFilter reads _source: a boolean, a name, a list, or includes and excludes.
func parseSourceFilter(raw json.RawMessage) (sourceFilter, *apiError) {
	var f sourceFilter
	if len(raw) == 0 {
		return f, nil
	}
	switch raw[0] {
	case 't':
		return f, nil
	case 'f':
		return sourceFilter{none: true}, nil
	case '{':
		var body struct {
			Includes []string `json:"includes"`
			Excludes []string `json:"excludes"`
		}
		if err := strictUnmarshal(raw, &body); err != nil {
			return f, err
		}
		f.includes, f.excludes = body.Includes, body.Excludes
	case '"':
		f.includes = []string{plain(raw)}
	default:
		if err := json.Unmarshal(raw, &f.includes); err != nil {
			return f, parsingf("_source: %v", err)
		}
	}
	for _, name := range slices.Concat(f.includes, f.excludes) {
		if slices.Contains([]byte(name), '.') {
			return f, unsupportedf("_source filters on parts of a field (%s)", name)
		}
	}
	return f, nil
}

func (f *sourceFilter) shows(name string) bool {
	matches := func(pattern string) bool { return matchName(pattern, name) }
	return (len(f.includes) == 0 || slices.ContainsFunc(f.includes, matches)) && !slices.ContainsFunc(f.excludes, matches)
}

// append appends ,"_source":… as far as it is shown: without a filter the very
// bytes that were written.
func (f *sourceFilter) append(b []byte, source string) []byte {
	if f.none {
		return b
	}
	b = append(b, `,"_source":`...)
	if len(f.includes) == 0 && len(f.excludes) == 0 {
		return append(b, source...)
	}
	raw := unsafeBytes(source)
	separator := byte('{')
	_ = jsonscan.Object(raw, func(key []byte, from, to int) error {
		if f.shows(jsonscan.Unescape(key)) {
			b = append(b, separator, '"')
			b = append(b, key...)
			b = append(b, '"', ':')
			b = append(b, raw[from:to]...)
			separator = ','
		}
		return nil
	})
	if separator == '{' {
		b = append(b, '{')
	}
	return append(b, '}')
}
