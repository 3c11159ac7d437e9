package awsconf

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"taxistream/internal/fault"
)

// retryer is the SDK's, but for what it repeats: that is the table's to say. It is
// asked after every failed attempt, the last one included, and has the credentials
// renewed that a service refuses, so that the next attempt, or the next call, has
// others. It has no quota of retries: who calls bounds them.
type retryer struct {
	aws.RetryerV2
	credentials *renewing
}

func (r *renewing) retryer() aws.Retryer {
	return &retryer{retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.None }), r}
}

// IsErrorRetryable implements aws.Retryer.
func (r *retryer) IsErrorRetryable(err error) bool {
	switch fault.Classify(err) {
	case fault.Temporary, fault.Throttled:
		return true
	case fault.Renew:
		r.credentials.renew()
		// Credentials that cannot be had took seconds to find out.
		return !errors.As(err, new(*fault.CredentialsError))
	}
	return false
}
