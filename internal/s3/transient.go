package s3

import (
	"errors"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"taxistream/internal/fault"
)

// Transient reports whether an error may pass by itself or with other credentials:
// the service was not reached, failed, or asks to go more slowly. A missing object
// or bucket, a precondition, what is not allowed and the end of a context are not,
// nor is an error that S3 did not cause.
func Transient(err error) bool {
	if err == nil || errors.Is(err, ErrMissing) || errors.Is(err, ErrPrecondition) {
		return false
	}
	c := fault.Classify(err)
	return c == fault.Temporary || c == fault.Throttled
}

// Unreached reports whether a call never got to S3.
func Unreached(err error) bool {
	var (
		call   *smithy.OperationError
		unsent *smithyhttp.RequestSendError
	)
	return errors.As(err, &call) && errors.As(err, &unsent) && Transient(err)
}
