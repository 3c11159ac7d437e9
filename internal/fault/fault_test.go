package fault_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"taxistream/internal/fault"
)

// Ensure an error is told without the address that was asked for and without the
// SDK's account, says what to do, and is still found by its type.
func TestExplain(t *testing.T) {
	secret := &url.Error{Op: "Get", URL: "https://user:secret@host/x?X-Amz-Signature=secret", Err: x509.UnknownAuthorityError{}}
	call := func(err error) error {
		return &smithy.OperationError{ServiceID: "Kinesis", OperationName: "PutRecords", Err: fmt.Errorf("exceeded maximum number of attempts, 3, %w", err)}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("read x: %w", secret), "read x: x509: certificate signed by unknown authority: name a file with the certificate of the authority that signed it in AWS_CA_BUNDLE"},
		{fmt.Errorf("put: %w", call(secret)), "put: Kinesis PutRecords: x509: certificate signed by unknown authority: name a file with the certificate of the authority that signed it in AWS_CA_BUNDLE"},
		{call(&smithy.GenericAPIError{Code: "ExpiredTokenException", Message: "too old"}), "Kinesis PutRecords: ExpiredTokenException: too old: renew the AWS credentials"},
		{call(&smithy.GenericAPIError{Code: "InternalFailure"}), "Kinesis PutRecords: InternalFailure"},
		{call(&fault.CredentialsError{Words: "no AWS credentials"}), "Kinesis PutRecords: no AWS credentials"},
		{&url.Error{Op: "Get", URL: "http://host", Err: io.EOF}, "the connection was closed"},
		{errors.New("plain"), "plain"},
	} {
		got := fault.Explain(c.err)
		if got.Error() != c.want || !errors.Is(got, c.err) && errors.Unwrap(got) == nil {
			t.Errorf("got  %v\nwant %s", got, c.want)
		}
		if fault.Classify(got) != fault.Classify(c.err) {
			t.Errorf("%v has another class than %v", got, c.err)
		}
	}
}

// Ensure tries go on for as long as it takes, but not beyond a bound where it is the
// credentials that are refused, and not at all after a final error.
func TestTries(t *testing.T) {
	temporary, renew := io.ErrUnexpectedEOF, &smithy.GenericAPIError{Code: "ExpiredToken"}
	tries := fault.Tries{Max: time.Second}
	for range 1000 {
		if wait, err := tries.Failed(temporary); err != nil || wait < 100*time.Millisecond || wait > time.Second {
			t.Fatalf("wait %v, %v", wait, err)
		}
	}
	if tries.Count() != 1000 {
		t.Errorf("%d tries", tries.Count())
	}
	for round := range 2 {
		for range fault.Renewals {
			if _, err := tries.Failed(renew); err != nil {
				t.Fatal(err)
			}
		}
		if round == 0 {
			tries.Done() // one success, and it begins anew
		}
	}
	if _, err := tries.Failed(renew); !errors.Is(err, renew) || !strings.Contains(err.Error(), "renewed the credentials 12 times in vain") {
		t.Errorf("got %v", err)
	}
	for _, final := range []error{errors.New("no such stream"), context.Canceled} {
		if _, err := new(fault.Tries).Failed(final); !errors.Is(err, final) {
			t.Errorf("%v: got %v", final, err)
		}
	}
}

// Ensure delays double from the shortest to the longest, half of each at random.
func TestDelay(t *testing.T) {
	for failures, most := range map[int]time.Duration{0: 200, 1: 200, 2: 400, 5: 3200, 6: 5000, 1 << 20: 5000} {
		most *= time.Millisecond
		for range 100 {
			if d := fault.Delay(failures, 200*time.Millisecond, 5*time.Second); d < most/2 || d > most {
				t.Fatalf("%d failures: %v, want %v to %v", failures, d, most/2, most)
			}
		}
	}
}

// Ensure a start that lasts too long ends with its last failure, and a stop with the stop.
func TestStart(t *testing.T) {
	last := errors.New("connection refused")
	ctx, cancel := fault.Start(t.Context(), time.Nanosecond)
	defer cancel()
	if err := fault.Sleep(ctx, time.Hour); err == nil {
		t.Fatal("slept on")
	}
	if got := fault.GaveUp(ctx, last); !errors.Is(got, last) || got.Error() != "connection refused; gave up after 1ns" {
		t.Errorf("got %v", got)
	}
	stopped, stop := context.WithCancel(t.Context())
	ctx, cancel = fault.Start(stopped, 0)
	defer cancel()
	stop()
	if got := fault.GaveUp(ctx, last); !errors.Is(got, context.Canceled) {
		t.Errorf("got %v", got)
	}
}
