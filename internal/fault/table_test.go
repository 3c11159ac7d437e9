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
	"net/url"
	"os"
	"syscall"
	"testing"
)

// answer is an error as the SDK's and the OpenSearch client's are.
type answer struct {
	status        int
	code, message string
}

func (a answer) Error() string        { return fmt.Sprintf("status %d %s %s", a.status, a.code, a.message) }
func (a answer) HTTPStatusCode() int  { return a.status }
func (a answer) ErrorCode() string    { return a.code }
func (a answer) ErrorMessage() string { return a.message }

type flag bool

func (flag) Error() string          { return "flag" }
func (f flag) RetryableError() bool { return bool(f) }

type sent bool

func (sent) Error() string           { return "sent" }
func (s sent) ConnectionError() bool { return bool(s) }

// get is the error of a request, as net/http wraps it.
func get(err error) error {
	return &url.Error{Op: "Get", URL: "https://user:secret@host/?X-Amz-Signature=secret", Err: err}
}

// cases give each row of the table its errors, and the errors for which no row holds.
var cases = map[string][]error{
	"the call was ended":                  {context.Canceled, get(context.Canceled)},
	"no credentials":                      {&CredentialsError{"none", answer{400, "AccessDenied", ""}}, get(&CredentialsError{Words: "none"})},
	"certificate of an unknown authority": {get(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}})},
	"certificate of another host":         {get(&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}})},
	"certificate that is not valid":       {get(x509.CertificateInvalidError{Reason: x509.Expired}), get(&tls.CertificateVerificationError{Err: errors.New("odd")}), get(x509.SystemRootsError{})},
	"no TLS there":                        {get(http.ErrSchemeMismatch), get(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"})},
	"no such protocol":                    {get(errors.New("unsupported protocol scheme \"ftp\""))},
	"TLS refused":                         {get(&net.OpError{Op: "remote error", Err: tls.AlertError(42)}), get(tls.AlertError(116))},
	"proxy refuses":                       {get(&ProxyError{"p:1", 407}), get(&ProxyError{"p:1", 403})},
	"proxy fails":                         {get(&ProxyError{"p:1", 502}), get(&ProxyError{"p:1", 429})},
	"throttled":                           {answer{400, "ProvisionedThroughputExceededException", ""}, answer{400, "KMSThrottlingException", ""}, answer{503, "SlowDown", ""}},
	"index blocked":                       {answer{403, "cluster_block_exception", ""}, answer{429, "cluster_block_exception", ""}},
	"failed by itself":                    {answer{500, "InternalFailure", ""}, answer{400, "RequestTimeout", ""}},
	"credentials expired":                 {answer{400, "ExpiredTokenException", ""}, answer{403, "ExpiredToken", ""}},
	"credentials unknown":                 {answer{400, "UnrecognizedClientException", ""}, answer{403, "InvalidClientTokenId", ""}, answer{403, "InvalidAccessKeyId", ""}},
	"signature too old":                   {answer{403, "RequestTimeTooSkewed", ""}, answer{403, "", "Signature expired: 20261127T000000Z is now earlier than 20261127T001000Z"}, flag(true)},
	"security token not taken":            {answer{403, "", "The security token included in the request is expired"}},
	"answer cut off": {
		errors.Join(answer{400, "", ""}, io.ErrUnexpectedEOF), errors.Join(answer{403, "", ""}, &net.OpError{Op: "read", Err: syscall.ECONNRESET}),
	},
	"too many requests":      {answer{429, "", ""}, errors.Join(answer{429, "", ""}, io.ErrUnexpectedEOF)},
	"not implemented":        {answer{501, "", ""}},
	"server fails":           {answer{500, "", ""}, answer{502, "", ""}, answer{503, "", ""}, answer{504, "", ""}, answer{408, "", ""}},
	"answer cannot be read":  {answer{200, "", "cut"}},
	"not allowed":            {answer{400, "AccessDeniedException", ""}, answer{401, "", ""}, answer{403, "security_exception", ""}, answer{403, "", "The security token"}},
	"refused":                {answer{400, "InvalidArgumentException", ""}, answer{404, "", ""}, answer{301, "", ""}, answer{407, "", ""}},
	"a file of this machine": {&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}},
	"no answer": {
		get(&net.OpError{Op: "dial", Err: &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}}), get(errors.New("http: server closed idle connection")),
		&net.DNSError{Err: "no such host", IsNotFound: true}, io.ErrUnexpectedEOF, get(io.EOF), context.DeadlineExceeded, sent(true), syscall.ECONNRESET, get(tls.AlertError(80)),
	},
	"": {errors.New("it has more than 5 bytes"), flag(false), sent(false)},
}

// Ensure each row of the table holds for its own errors and for no other's, each
// row and each class has one, and wrapping changes nothing.
func TestClassify(t *testing.T) {
	classes := map[Class]bool{}
	for name, all := range cases {
		for _, err := range all {
			r := find(fmt.Errorf("wrapped: %w", err))
			if r == nil && name != "" || r != nil && r.name != name {
				t.Errorf("%v: row %+v, want %q", err, r, name)
			}
			if r == nil {
				r = &row{}
			}
			if got := Classify(err); got != r.class {
				t.Errorf("%v: class %v, want %v", err, got, r.class)
			}
			classes[r.class] = true
		}
	}
	for _, r := range table {
		if len(cases[r.name]) == 0 {
			t.Errorf("row %q has no case", r.name)
		}
	}
	for c := Final; c <= Stopped; c++ {
		if !classes[c] {
			t.Errorf("class %v has no case", c)
		}
	}
}
