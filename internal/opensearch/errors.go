package opensearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrClosed is returned by a Writer's methods after Close.
var ErrClosed = errors.New("the bulk writer is closed")

// Error is an answer of the server that trying again would not mend.
type Error struct {
	Op     string // what was asked for: "bulk", "put template pickup_count"
	Server string // the endpoint, without credentials
	Status int    // the HTTP status, 0 where there was no answer
	Type   string // the server's exception, such as security_exception; may be empty
	Reason string // its words
	Hint   string // what to do; may be empty
	Err    error  // the cause where there was no answer
}

// Error is one line: what, where, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at %s:", e.Op, e.Server)
	if e.Err != nil {
		fmt.Fprintf(&b, " %v", e.Err)
	} else {
		fmt.Fprintf(&b, " status %d", e.Status)
	}
	if e.Type != "" {
		fmt.Fprintf(&b, " %s", e.Type)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, " (%s)", oneLine(e.Reason))
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause where there was no answer.
func (e *Error) Unwrap() error { return e.Err }

// HTTPStatusCode is the answer's; package fault judges by it, ErrorCode and ErrorMessage.
func (e *Error) HTTPStatusCode() int { return e.Status }

// ErrorCode is the server's exception.
func (e *Error) ErrorCode() string { return e.Type }

// ErrorMessage is the server's words.
func (e *Error) ErrorMessage() string { return e.Reason }

// Status is that of the server's answer which err is, 0 if it is none.
func Status(err error) int {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// NotFound tells whether err is the server's answer that an index, a document
// or a template does not exist.
func NotFound(err error) bool { return Status(err) == http.StatusNotFound }

// Refusal is why the server does not take a document, now or ever.
type Refusal struct {
	Status int    // the item's status; the request's where it was refused as a whole
	Type   string // mapper_parsing_exception, strict_dynamic_mapping_exception …
	Reason string
}

// String is one line for a reject's detail.
func (r Refusal) String() string {
	return oneLine(strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Status, r.Type, r.Reason)))
}

const maxReason = 500

// oneLine makes a server's words fit for a log line or an error.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "") + "…"
	}
	return s
}

// exception is the error of an answer or of a bulk item. Proxies in front of a
// server (AWS among them) answer with a bare string or a message instead.
type exception struct {
	Type     string     `json:"type"`
	Reason   string     `json:"reason"`
	CausedBy *exception `json:"caused_by"`
}

func (e *exception) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.Reason)
	}
	type plain exception
	return json.Unmarshal(b, (*plain)(e))
}

// words joins the reason with its cause, which is where a mapping error names
// what it did not like.
func (e *exception) words() string {
	s := e.Reason
	if e.CausedBy != nil && e.CausedBy.Reason != "" {
		s += ": " + e.CausedBy.Reason
	}
	return s
}

// parseException reads the body of an answer that is not a success, whoever
// wrote it: OpenSearch's error object, AWS's or Dashboards' message, or any text.
func parseException(body []byte) exception {
	var whole struct {
		Error   exception `json:"error"`
		Message string    `json:"message"`
		Upper   string    `json:"Message"`
	}
	if json.Unmarshal(body, &whole) != nil {
		return exception{Reason: oneLine(string(body[:min(len(body), maxReason)]))}
	}
	// OpenSearch Dashboards' error is the status in words; what is wrong is its message.
	if words := whole.Message + whole.Upper; words != "" && whole.Error.Type == "" {
		whole.Error.Reason = words
	}
	return whole.Error
}
