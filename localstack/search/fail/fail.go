// Package fail has the results store's errors, in the shape of OpenSearch's.
package fail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"taxistream/internal/jsonscan"
)

// Error is an answer that is no success.
type Error struct {
	Status       int
	Kind, Reason string
	Index        string // the index it is about, if any
	Cause        *Error // caused_by; its status means nothing
}

func (e *Error) Error() string { return e.Kind + ": " + e.Reason }

// Newf makes an error of any kind.
func Newf(status int, kind, format string, args ...any) *Error {
	return &Error{Status: status, Kind: kind, Reason: fmt.Sprintf(format, args...)}
}

// Illegalf is an argument that OpenSearch does not take.
func Illegalf(format string, args ...any) *Error {
	return Newf(http.StatusBadRequest, "illegal_argument_exception", format, args...)
}

// Unsupportedf is the answer to what a real OpenSearch would do and this store does not.
func Unsupportedf(format string, args ...any) *Error {
	return Newf(http.StatusNotImplemented, "not_supported_by_the_embedded_store",
		"the embedded results store does not support %s; docs/results-store.md lists what it does", fmt.Sprintf(format, args...))
}

// NoSuchIndex is the answer about an index that is not there.
func NoSuchIndex(name string) *Error {
	e := Newf(http.StatusNotFound, "index_not_found_exception", "no such index [%s]", name)
	e.Index = name
	return e
}

// Shardsf is what a search answers that every shard refuses.
func Shardsf(kind, format string, args ...any) *Error {
	e := Newf(http.StatusBadRequest, "search_phase_execution_exception", "all shards failed")
	e.Cause = Newf(0, kind, format, args...)
	return e
}

// AppendBody appends the error object: {"type":…,"reason":…}.
func (e *Error) AppendBody(b []byte, withRoot bool) []byte {
	b = append(b, '{')
	if withRoot {
		b = append(b, `"root_cause":[`...)
		root := e
		if e.Kind == "search_phase_execution_exception" {
			root = e.Cause
		}
		b = root.AppendBody(b, false)
		b = append(b, `],`...)
	}
	b = append(b, `"type":`...)
	b = jsonscan.AppendString(b, e.Kind)
	b = append(b, `,"reason":`...)
	b = jsonscan.AppendString(b, e.Reason)
	if e.Index != "" {
		b = append(b, `,"index":`...)
		b = jsonscan.AppendString(b, e.Index)
		if e.Kind == "index_not_found_exception" {
			b = append(b, `,"resource.id":`...)
			b = jsonscan.AppendString(b, e.Index)
			b = append(b, `,"resource.type":"index_or_alias","index_uuid":"_na_"`...)
		}
	}
	if e.Cause != nil {
		b = append(b, `,"caused_by":`...)
		b = e.Cause.AppendBody(b, false)
	}
	return append(b, '}')
}

// Parsingf is a request that OpenSearch cannot parse.
func Parsingf(format string, args ...any) *Error {
	return Newf(http.StatusBadRequest, "parsing_exception", format, args...)
}

// Strict reads JSON and names a member that it does not know as not supported.
func Strict(raw []byte, v any) *Error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		return nil
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return Unsupportedf("%s in this request", name)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return Newf(http.StatusBadRequest, "json_e_o_f_exception", "Unexpected end-of-input")
	}
	return Newf(http.StatusBadRequest, "json_parse_exception", "failed to parse the request: %v", err)
}

// AppendAnswer appends what a request is answered that failed.
func (e *Error) AppendAnswer(b []byte) []byte {
	b = append(b, `{"error":`...)
	if e.Kind == "" { // what is refused before it is understood
		b = jsonscan.AppendString(b, e.Reason)
	} else {
		b = e.AppendBody(b, true)
	}
	b = append(b, `,"status":`...)
	return append(strconv.AppendInt(b, int64(e.Status), 10), '}')
}
