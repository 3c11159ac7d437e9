package query

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// SourceFilter says which top-level fields of a document an answer shows.
type SourceFilter struct {
	none               bool
	includes, excludes []string
}

// ParseSource reads _source: a boolean, a name, a list, or includes and excludes.
func ParseSource(raw json.RawMessage) (SourceFilter, *fail.Error) {
	var f SourceFilter
	if len(raw) == 0 {
		return f, nil
	}
	switch raw[0] {
	case 't':
		return f, nil
	case 'f':
		return SourceFilter{none: true}, nil
	case '{':
		var body struct {
			Includes []string `json:"includes"`
			Excludes []string `json:"excludes"`
		}
		if err := fail.Strict(raw, &body); err != nil {
			return f, err
		}
		f.includes, f.excludes = body.Includes, body.Excludes
	case '"':
		f.includes = []string{jsonscan.Scalar(raw)}
	default:
		if err := json.Unmarshal(raw, &f.includes); err != nil {
			return f, fail.Parsingf("_source: %v", err)
		}
	}
	return f, f.check()
}

func (f *SourceFilter) check() *fail.Error {
	for _, name := range slices.Concat(f.includes, f.excludes) {
		if strings.Contains(name, ".") {
			return fail.Unsupportedf("_source filters on parts of a field (%s)", name)
		}
	}
	return nil
}

func (f *SourceFilter) shows(name string) bool {
	matches := func(pattern string) bool { return MatchName(pattern, name) }
	return (len(f.includes) == 0 || slices.ContainsFunc(f.includes, matches)) && !slices.ContainsFunc(f.excludes, matches)
}

// Append appends ,"_source":… as far as it is shown: without a filter the very
// bytes that were written.
func (f *SourceFilter) Append(b []byte, source []byte) []byte {
	if f.none {
		return b
	}
	b = append(b, `,"_source":`...)
	if len(f.includes) == 0 && len(f.excludes) == 0 {
		return append(b, source...)
	}
	raw := source
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

// SourceOf is f, or what a request's address says instead.
func SourceOf(f SourceFilter, parameters url.Values) (SourceFilter, *fail.Error) {
	includes, excludes := parameters.Get("_source_includes"), parameters.Get("_source_excludes")
	switch text := parameters.Get("_source"); text {
	case "":
	case "true":
		f = SourceFilter{}
	case "false":
		f = SourceFilter{none: true}
	default:
		includes = text
	}
	if includes != "" {
		f = SourceFilter{includes: strings.Split(includes, ",")}
	}
	if excludes != "" {
		f.none, f.excludes = false, strings.Split(excludes, ",")
	}
	return f, f.check()
}
