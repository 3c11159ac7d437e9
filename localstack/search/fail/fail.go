// Package fail has the results store's errors, in the shape of OpenSearch's.
package fail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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

// Disk is the answer where the store's disk fails; nil is no failure.
func Disk(err error) *Error {
	if err == nil {
		return nil
	}
	return Newf(http.StatusInternalServerError, "exception", "the results store's disk: %v", err)
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

// body is the error object as OpenSearch writes it.
type body struct {
	Root         []*body `json:"root_cause,omitempty"`
	Type         string  `json:"type"`
	Reason       string  `json:"reason"`
	Index        string  `json:"index,omitempty"`
	ResourceID   string  `json:"resource.id,omitempty"`
	ResourceType string  `json:"resource.type,omitempty"`
	UUID         string  `json:"index_uuid,omitempty"`
	Cause        *body   `json:"caused_by,omitempty"`
}

// body is the error object; with the root of the trouble where it is that of a whole request.
func (e *Error) body(withRoot bool) *body {
	if e == nil {
		return nil
	}
	b := &body{Type: e.Kind, Reason: e.Reason, Index: e.Index, Cause: e.Cause.body(false)}
	if e.Index != "" && e.Kind == "index_not_found_exception" {
		b.ResourceID, b.ResourceType, b.UUID = e.Index, "index_or_alias", "_na_"
	}
	switch {
	case withRoot && e.Kind == "search_phase_execution_exception":
		b.Root = []*body{b.Cause}
	case withRoot:
		b.Root = []*body{e.body(false)}
	}
	return b
}

// AppendBody appends the error object.
func (e *Error) AppendBody(b []byte, withRoot bool) []byte { return appendJSON(b, e.body(withRoot)) }

// AppendAnswer appends what a request is answered that failed.
func (e *Error) AppendAnswer(b []byte) []byte {
	whole := struct {
		Error  any `json:"error"`
		Status int `json:"status"`
	}{e.body(true), e.Status}
	if e.Kind == "" { // what is refused before it is understood
		whole.Error = e.Reason
	}
	return appendJSON(b, whole)
}

func appendJSON(b []byte, v any) []byte {
	text := bytes.NewBuffer(b)
	to := json.NewEncoder(text)
	to.SetEscapeHTML(false)
	_ = to.Encode(v) // structs of texts and numbers can be written
	return text.Bytes()[:text.Len()-1]
}
