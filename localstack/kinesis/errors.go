package kinesis

import (
	"cmp"
	"fmt"
	"html"
	"net/http"

	"taxistream/localstack/kinesis/protocol"
)

// apiError is an answer other than success, as the service spells it:
// {"__type": code, "message": message}.
type apiError struct {
	code    string
	status  int
	message string
	hint    string // for the header, where the service has no message
}

// Error makes apiError an error for the Go methods of Server.
func (e *apiError) Error() string { return e.code + ": " + cmp.Or(e.message, e.hint) }

// errorBody spells message with a capital where the decoder speaks, as the service does.
type errorBody struct {
	Type    string `json:"__type"`
	Message string `json:"message,omitempty"`
	Decoder string `json:"Message,omitempty"`
}

// append writes the error's body. Without a protocol it is XML, as the service has
// it for what it cannot tell an operation of.
func (e *apiError) append(dst []byte, p *protocol.Protocol) []byte {
	if p == nil && e.message == "" {
		return fmt.Appendf(dst, "<%s/>\n", e.code)
	}
	if p == nil {
		return fmt.Appendf(dst, "<%s>\n  <Message>%s</Message>\n</%s>\n", e.code, html.EscapeString(e.message), e.code)
	}
	body := errorBody{Type: e.code, Message: e.message}
	if e.code == codeSerialization {
		body.Message, body.Decoder = "", e.message
	}
	out, err := p.Append(dst, body)
	if err != nil {
		panic("embedded kinesis: two strings do not encode: " + err.Error())
	}
	return out
}

// headerText is the message as a header can hold it.
func (e *apiError) headerText() string {
	text := []byte(cmp.Or(e.message, e.hint))
	text = text[:min(len(text), 1024)]
	for i, c := range text {
		if c < ' ' || c > '~' {
			text[i] = '?'
		}
	}
	return string(text)
}

// requestError is the answer to a request that protocol.Decode refused.
func requestError(err error) *apiError {
	switch err := err.(type) { //nolint:errorlint // Decode's own, never wrapped
	case nil:
		return nil
	case *protocol.ValidationError:
		return clientError("ValidationException", "%s", err.Error())
	case *protocol.SerializationError:
		return &apiError{code: codeSerialization, status: http.StatusBadRequest, message: err.Message, hint: err.Error()}
	}
	return internalFailure("%v", err)
}

func clientError(code, format string, args ...any) *apiError {
	return &apiError{code: code, status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *apiError {
	return clientError("ResourceNotFoundException", format, args...)
}

func inUse(format string, args ...any) *apiError {
	return clientError("ResourceInUseException", format, args...)
}

func invalid(format string, args ...any) *apiError {
	return clientError("InvalidArgumentException", format, args...)
}

func limitExceeded(format string, args ...any) *apiError {
	return clientError("LimitExceededException", format, args...)
}

func throttled(format string, args ...any) *apiError {
	return clientError(codeThrottled, format, args...)
}

// validation is the answer to one value that breaks a bound; null has no quotes.
func validation(value, path, constraint string) *apiError {
	if value != "null" {
		value = "'" + value + "'"
	}
	one := protocol.ValidationError{Violations: []string{"Value " + value + " at '" + path + "' failed to satisfy constraint: " + constraint}}
	return clientError("ValidationException", "%s", one.Error())
}

// unknownOperation says in the header what the body, like the service's, does not.
func unknownOperation(asked, operation string) *apiError {
	return &apiError{
		code: "UnknownOperationException", status: http.StatusBadRequest,
		hint: fmt.Sprintf("%s.%s is not supported by the embedded server (docs/kinesis.md lists what is).", asked, operation),
	}
}

func tooLarge() *apiError {
	return &apiError{
		code: "RequestEntityTooLargeException", status: http.StatusRequestEntityTooLarge,
		message: fmt.Sprintf("The request is over %d bytes.", maxBody),
	}
}

func internalFailure(format string, args ...any) *apiError {
	return &apiError{code: codeInternal, status: http.StatusInternalServerError, message: fmt.Sprintf(format, args...)}
}

func unavailable(format string, args ...any) *apiError {
	return &apiError{code: "ServiceUnavailable", status: http.StatusServiceUnavailable, message: fmt.Sprintf(format, args...)}
}

// Codes that PutRecords also gives for single entries.
const (
	codeSerialization = "SerializationException"

	codeThrottled = "ProvisionedThroughputExceededException"
	codeInternal  = "InternalFailure"
)
