package kinesis

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// apiError is an answer other than success, as the service spells it:
// {"__type": code, "message": message}.
type apiError struct {
	code    string
	status  int
	message string
}

// Error makes apiError an error for the Go methods of Server.
func (e *apiError) Error() string { return e.code + ": " + e.message }

func (e *apiError) appendJSON(dst []byte) []byte {
	body, err := json.Marshal(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{e.code, e.message})
	if err != nil {
		panic("embedded kinesis: two strings do not marshal: " + err.Error())
	}
	return append(dst, body...)
}

func clientError(code, format string, args ...any) *apiError {
	return &apiError{code, http.StatusBadRequest, fmt.Sprintf(format, args...)}
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

// validation is the answer to a member out of its declared bounds.
func validation(member, constraint string) *apiError {
	return clientError("ValidationException",
		"1 validation error detected: Value at '%s' failed to satisfy constraint: %s", member, constraint)
}

func serialization(format string, args ...any) *apiError {
	return clientError("SerializationException", format, args...)
}

func internalFailure(format string, args ...any) *apiError {
	return &apiError{codeInternal, http.StatusInternalServerError, fmt.Sprintf(format, args...)}
}

func unavailable(format string, args ...any) *apiError {
	return &apiError{"ServiceUnavailable", http.StatusServiceUnavailable, fmt.Sprintf(format, args...)}
}

// Codes that PutRecords also gives for single entries.
const (
	codeThrottled = "ProvisionedThroughputExceededException"
	codeInternal  = "InternalFailure"
)
