package search

import (
	"fmt"
	"net/http"
	"strconv"

	"taxistream/internal/jsonscan"
)

// apiError is an answer that is no success, in OpenSearch's shape.
type apiError struct {
	status       int
	kind, reason string
	index        string    // the index it is about, if any
	cause        *apiError // caused_by; its status means nothing
}

func (e *apiError) Error() string { return e.kind + ": " + e.reason }

func failf(status int, kind, format string, args ...any) *apiError {
	return &apiError{status: status, kind: kind, reason: fmt.Sprintf(format, args...)}
}

func illegalf(format string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "illegal_argument_exception", format, args...)
}

// unsupportedf is the answer to what a real OpenSearch would do and this store does not.
func unsupportedf(format string, args ...any) *apiError {
	return failf(http.StatusNotImplemented, "not_supported_by_the_embedded_store",
		"the embedded results store does not support %s; docs/results-store.md lists what it does", fmt.Sprintf(format, args...))
}

func noSuchIndex(name string) *apiError {
	e := failf(http.StatusNotFound, "index_not_found_exception", "no such index [%s]", name)
	e.index = name
	return e
}

// shardsFailed is what a search answers that every shard refuses.
func shardsFailed(kind, format string, args ...any) *apiError {
	e := failf(http.StatusBadRequest, "search_phase_execution_exception", "all shards failed")
	e.cause = failf(0, kind, format, args...)
	return e
}

// appendBody appends the error object: {"type":…,"reason":…}.
func (e *apiError) appendBody(b []byte, withRoot bool) []byte {
	b = append(b, '{')
	if withRoot {
		b = append(b, `"root_cause":[`...)
		root := e
		if e.kind == "search_phase_execution_exception" {
			root = e.cause
		}
		b = root.appendBody(b, false)
		b = append(b, `],`...)
	}
	b = append(b, `"type":`...)
	b = jsonscan.AppendString(b, e.kind)
	b = append(b, `,"reason":`...)
	b = jsonscan.AppendString(b, e.reason)
	if e.index != "" {
		b = append(b, `,"index":`...)
		b = jsonscan.AppendString(b, e.index)
		if e.kind == "index_not_found_exception" {
			b = append(b, `,"resource.id":`...)
			b = jsonscan.AppendString(b, e.index)
			b = append(b, `,"resource.type":"index_or_alias","index_uuid":"_na_"`...)
		}
	}
	if e.cause != nil {
		b = append(b, `,"caused_by":`...)
		b = e.cause.appendBody(b, false)
	}
	return append(b, '}')
}

func answerError(e *apiError) answer {
	b := append([]byte(nil), `{"error":`...)
	b = e.appendBody(b, true)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(e.status), 10)
	return answer{status: e.status, body: append(b, '}')}
}
