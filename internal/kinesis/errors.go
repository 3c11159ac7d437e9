package kinesis

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Class says what to do about an error of a call.
type Class uint8

// The classes of errors.
const (
	Fatal    Class = iota // no waiting mends it: the request or the stream is wrong
	Retry                 // the service was not reached, or failed by itself
	Throttle              // a limit was passed: go on more slowly
	Expired               // the iterator is too old: get another one
	Gone                  // the context ended
)

// Classify tells the class of an error that the SDK returned after its own retries.
func Classify(err error) Class {
	var (
		expired  *types.ExpiredIteratorException
		limit    *types.LimitExceededException
		through  *types.ProvisionedThroughputExceededException
		kms      *types.KMSThrottlingException
		missing  *types.ResourceNotFoundException
		argument *types.InvalidArgumentException
		response *smithyhttp.ResponseError
	)
	switch {
	case errors.As(err, &expired):
		return Expired
	case errors.As(err, &limit), errors.As(err, &through), errors.As(err, &kms):
		return Throttle
	case errors.As(err, &missing), errors.As(err, &argument):
		return Fatal
	case errors.Is(err, context.Canceled):
		return Gone
	case errors.As(err, &response):
		if code := response.HTTPStatusCode(); code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code < 300 {
			return Retry
		}
		return Fatal
	}
	return Retry
}
