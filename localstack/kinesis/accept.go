package kinesis

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"taxistream/localstack/kinesis/protocol"
	"taxistream/localstack/listen"
)

// A request passes the checks that all operations share in the service's order:
// method, body, content type, what the body is, operation, signature.
func (s *Server) accept(c *call, w http.ResponseWriter, r *http.Request) *apiError {
	if s.closed {
		return unavailable("The embedded server is closed.")
	}
	if r.Method != http.MethodPost {
		return &apiError{code: "AccessDeniedException", status: http.StatusForbidden, message: noOperation}
	}
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	mediaType = strings.TrimSpace(mediaType)
	spoken := protocol.Of(mediaType)
	c.protocol = spoken
	if apiErr := c.readBody(w, r); apiErr != nil {
		return apiErr
	}
	asked, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	_, known := operations[operation]
	known = known && asked == service
	c.operation = operation
	if len(c.body) == 0 {
		if spoken == nil {
			c.protocol = protocol.CBOR
		}
		if !known {
			return unknownOperation(asked, operation)
		}
		return bodyError("the request has no body")
	}
	if spoken == nil {
		if asked == "" || operation == "" {
			return &apiError{code: "AccessDeniedException", status: http.StatusForbidden, message: noOperation}
		}
		return &apiError{
			code: "UnknownOperationException", status: http.StatusNotFound,
			hint: fmt.Sprintf("The Content-Type %q is neither application/x-amz-json-1.1 nor application/x-amz-cbor-1.1.", mediaType),
		}
	}
	apiErr := signature(r)
	if !known {
		apiErr = unknownOperation(asked, operation)
	}
	if apiErr != nil {
		if bad := requestError(c.protocol.Check(c.body)); bad != nil {
			return bad
		}
	}
	return apiErr
}

const noOperation = "Unable to determine service/operation name to be authorized"

// signature says what a request lacks of one; none is verified.
func signature(r *http.Request) *apiError {
	header := r.Header.Get("Authorization")
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	presigned := query.Has("X-Amz-Algorithm")
	switch {
	case header != "" && presigned:
		return clientError("InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case header == "" && !presigned:
		return clientError("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	text := ""
	if presigned {
		for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
			if query.Get(name) == "" {
				text += "AWS query-string parameters must include '" + name + "'. "
			}
		}
		if text != "" {
			text += "Re-examine the query-string parameters."
		}
	} else {
		for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
			if !strings.Contains(header, " "+name+"=") && !strings.Contains(header, ","+name+"=") {
				text += "Authorization header requires '" + name + "' parameter. "
			}
		}
		if r.Header.Get("X-Amz-Date") == "" && r.Header.Get("Date") == "" {
			text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
		}
		if text != "" {
			text += "Authorization=" + header
		}
	}
	if text == "" {
		return nil
	}
	return clientError("IncompleteSignatureException", "%s", text)
}

// bodyError is the answer to a body that is no request; the service does not say why.
func bodyError(why string) *apiError {
	return &apiError{code: codeSerialization, status: http.StatusBadRequest, hint: why}
}

// readBody reads the whole body; one that is too long by its own account is not read.
func (c *call) readBody(w http.ResponseWriter, r *http.Request) *apiError {
	from, err := listen.Body(w, r, maxBody)
	if err == nil && r.ContentLength >= 0 {
		if int64(cap(c.body)) < r.ContentLength {
			c.body = make([]byte, r.ContentLength)
		}
		c.body = c.body[:r.ContentLength]
		_, err = io.ReadFull(from, c.body)
	} else if err == nil {
		c.body, err = io.ReadAll(from)
	}
	switch {
	case errors.Is(err, listen.ErrTooLarge):
		return tooLarge()
	case err != nil:
		return bodyError("the body ends early: " + err.Error())
	}
	return nil
}
