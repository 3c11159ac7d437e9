package fault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
)

// Class says what is to be done about an error.
type Class uint8

// The classes.
const (
	Final     Class = iota // no waiting mends it: somebody must act
	Temporary              // the service was not reached, or failed by itself: try again
	Throttled              // a limit was passed: try again, more slowly
	Renew                  // the credentials are not there or not taken: renew them and try again, within a bound
	Stopped                // the caller ended the call
)

func (c Class) String() string {
	return [...]string{"final", "temporary", "throttled", "renew", "stopped"}[c]
}

// CredentialsError says that no AWS credentials can be had: which ones are meant,
// why, and what to do, in words that hold no secret.
type CredentialsError struct {
	Words string
	Err   error // the cause, which is not shown
}

// Error implements error.
func (e *CredentialsError) Error() string { return e.Words }

// Unwrap gives the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

// ProxyError is a proxy's refusal to open a connection.
type ProxyError struct {
	Proxy  string // host:port
	Status int
}

// Error implements error.
func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s answers %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
}

// AnswerError is an answer that is not the one asked for, of a server that no SDK
// speaks to.
type AnswerError struct {
	Status int
	Words  string
}

// Error implements error.
func (e *AnswerError) Error() string { return e.Words }

// HTTPStatusCode is the status, which the table asks for.
func (e *AnswerError) HTTPStatusCode() int { return e.Status }

// facts are what is known of an error.
type facts struct {
	err     error
	status  int    // of an answer; 0: there was none
	code    string // the service's word for it, such as ExpiredTokenException
	message string
}

// row is a line of the table.
type row struct {
	name   string
	class  Class
	holds  func(*facts) bool
	advice string // what to do; may be empty
}

// table is read from above: the first row that holds counts. An error for which
// none holds is final: it is one of our own.
var table = []row{
	{"the call was ended", Stopped, is(context.Canceled), ""},
	{"no credentials", Renew, as[*CredentialsError], ""},
	{"certificate of an unknown authority", Final, as[x509.UnknownAuthorityError], "name a file with the certificate of the authority that signed it in AWS_CA_BUNDLE"},
	{"certificate of another host", Final, as[x509.HostnameError], "write the host as the certificate names it"},
	{"certificate that is not valid", Final, badCertificate, "renew the server's certificate, or check this machine's clock"},
	{"no TLS there", Final, either(is(http.ErrSchemeMismatch), as[tls.RecordHeaderError]), "write http:// in place of https://"},
	{"no such protocol", Final, func(f *facts) bool { return strings.Contains(f.err.Error(), "unsupported protocol scheme") }, "write http:// or https://"}, // net/http gives it no type
	{"TLS refused", Final, tlsRefused, "check what the server asks of its clients"},
	{"proxy refuses", Final, proxyRefuses, "check HTTPS_PROXY and NO_PROXY, and the proxy's user and password"},
	{"proxy fails", Temporary, as[*ProxyError], ""},

	{"throttled", Throttled, code(
		"ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException", "Throttling", "ThrottlingException",
		"ThrottledException", "TooManyRequestsException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded",
		"BandwidthLimitExceeded", "SlowDown"), ""},
	{"index blocked", Temporary, code("cluster_block_exception"), "free disk space, or take the block off the index"},
	{"failed by itself", Temporary, code("InternalFailure", "InternalServerError", "InternalError", "ServiceUnavailable",
		"ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException"), ""},
	{"credentials expired", Renew, code("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"), credentialsAdvice},
	{"credentials unknown", Renew, code("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken"), credentialsAdvice},
	{"signature too old", Renew, either(code("RequestTimeTooSkewed", "RequestInTheFuture"), says("Signature expired", "Signature not yet current"), skewed), "check this machine's clock"},
	{"security token not taken", Renew, says("security token included in the request is expired", "security token included in the request is invalid"), credentialsAdvice},

	{"too many requests", Throttled, status(http.StatusTooManyRequests), ""},
	{"not implemented", Final, status(http.StatusNotImplemented), ""},
	{"server fails", Temporary, func(f *facts) bool { return f.status >= 500 || f.status == http.StatusRequestTimeout }, ""},
	{"answer cannot be read", Temporary, func(f *facts) bool { return f.status > 0 && f.status < 300 }, ""},
	{"answer cut off", Temporary, cutOff, ""},
	{"not allowed", Final, either(status(http.StatusUnauthorized, http.StatusForbidden), code("AccessDeniedException", "AccessDenied")), "give these credentials the rights, or use others"},
	{"refused", Final, func(f *facts) bool { return f.status >= 300 }, ""},
	{"a file of this machine", Final, as[*fs.PathError], ""}, // its cause would pass for the network's
	{"no answer", Temporary, noAnswer, ""},
}

const credentialsAdvice = "renew the AWS credentials"

func is(target error) func(*facts) bool {
	return func(f *facts) bool { return errors.Is(f.err, target) }
}

func as[E error](f *facts) bool { var e E; return errors.As(f.err, &e) }

func either(all ...func(*facts) bool) func(*facts) bool {
	return func(f *facts) bool {
		return slices.ContainsFunc(all, func(holds func(*facts) bool) bool { return holds(f) })
	}
}

func code(codes ...string) func(*facts) bool {
	return func(f *facts) bool { return slices.Contains(codes, f.code) }
}

func status(all ...int) func(*facts) bool {
	return func(f *facts) bool { return slices.Contains(all, f.status) }
}

// says looks for words in the message of a refusal, for services and proxies that
// give no code.
func says(words ...string) func(*facts) bool {
	return func(f *facts) bool {
		return f.status >= 400 && f.status < 500 &&
			slices.ContainsFunc(words, func(w string) bool { return strings.Contains(f.message, w) })
	}
}

func badCertificate(f *facts) bool {
	return either(as[*tls.CertificateVerificationError], as[x509.CertificateInvalidError], as[x509.SystemRootsError])(f)
}

// tlsRefused tells what the server said to a handshake that no repetition mends:
// its alerts of RFC 8446, section 6.2, but for those of its own failures.
func tlsRefused(f *facts) bool {
	const internal, closed = tls.AlertError(80), tls.AlertError(0)
	var alert tls.AlertError
	return errors.As(f.err, &alert) && alert != internal && alert != closed
}

func proxyRefuses(f *facts) bool {
	var e *ProxyError
	return errors.As(f.err, &e) && e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout
}

// skewed holds for the SDK's note that it has corrected its clock.
func skewed(f *facts) bool {
	var e interface{ RetryableError() bool }
	return errors.As(f.err, &e) && e.RetryableError()
}

// cutOff holds for a refusal whose body, which says why, did not come whole.
func cutOff(f *facts) bool {
	var network net.Error
	return f.status >= 300 && f.code == "" && (errors.Is(f.err, io.ErrUnexpectedEOF) || errors.As(f.err, &network))
}

// noAnswer holds for what goes wrong between two machines.
func noAnswer(f *facts) bool {
	var (
		network    net.Error // *url.Error, *net.OpError and all timeouts
		connection interface{ ConnectionError() bool }
	)
	return errors.As(f.err, &network) || errors.As(f.err, &connection) && connection.ConnectionError() ||
		errors.Is(f.err, io.EOF) || errors.Is(f.err, io.ErrUnexpectedEOF) || errors.Is(f.err, context.DeadlineExceeded)
}
