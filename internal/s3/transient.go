package s3

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Transient reports whether an error may pass by itself: the service was not
// reached, failed, or asks to go more slowly. A missing object or bucket, a
// precondition, what is not allowed and the end of a context are not, nor is an
// error that S3 did not cause.
func Transient(err error) bool {
	var (
		answer  *awshttp.ResponseError
		unsent  *smithyhttp.RequestSendError
		network net.Error
	)
	switch {
	case errors.Is(err, ErrMissing), errors.Is(err, ErrPrecondition), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= 300:
		code := answer.HTTPStatusCode()
		return code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout
	case errors.As(err, &answer): // an answer that could not be read
		return true
	}
	return errors.As(err, &unsent) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Unreached reports whether a call never got to S3.
func Unreached(err error) bool {
	var (
		call   *smithy.OperationError
		unsent *smithyhttp.RequestSendError
	)
	return errors.As(err, &call) && errors.As(err, &unsent) && Transient(err)
}
