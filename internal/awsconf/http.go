package awsconf

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	_ "golang.org/x/crypto/x509roots/fallback" // for a machine, or an image, without CA roots of its own

	"taxistream/internal/fault"
)

// DialFunc connects to an address, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// Transport is one for plain HTTP requests that trusts what AWS_CA_BUNDLE names
// beside the machine's own roots, and goes by the proxies of HTTPS_PROXY,
// HTTP_PROXY and NO_PROXY, as the clients of AWS do.
func Transport(dial DialFunc) (*http.Transport, error) {
	roots, err := caBundle()
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own
	trust(t, roots, dial)
	return t, nil
}

func trust(t *http.Transport, roots *x509.CertPool, dial DialFunc) {
	if dial != nil {
		t.DialContext = dial
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.RootCAs = roots
	t.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return &fault.ProxyError{Proxy: proxy.Host, Status: answer.StatusCode}
		}
		return nil
	}
}

// Client is one for downloads, with the transport of Transport: a server that is
// silent for 10 s is an error, a download may take as long as it takes.
func Client() (*http.Client, error) {
	t, err := Transport(nil)
	if err != nil {
		return nil, err
	}
	t.ResponseHeaderTimeout = answerTimeout
	return &http.Client{Transport: t}, nil
}

// caBundle are the machine's roots and those that AWS_CA_BUNDLE names; nil without it.
func caBundle() (*x509.CertPool, error) {
	const variable = "AWS_CA_BUNDLE"
	name := os.Getenv(variable)
	if name == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: name a file of PEM certificates", variable, err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: %s holds no certificate: name a file of PEM certificates", variable, name)
	}
	return roots, nil
}

// answerTimeout is how long a service that has a whole request may be silent.
const answerTimeout = 10 * time.Second

// tuned speaks HTTP/1.1: HTTP/2 costs more CPU a record and gains nothing for
// large bodies. It is the SDK's own kind, as what it loads expects.
func tuned(roots *x509.CertPool, dial DialFunc) aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		trust(t, roots, dial)
		t.MaxIdleConns = 512
		t.MaxIdleConnsPerHost = 512
		t.IdleConnTimeout = 60 * time.Second
		t.ResponseHeaderTimeout = answerTimeout
		t.ForceAttemptHTTP2 = false
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		// The transport that this one is a copy of has already settled on offering h2.
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	})
}

// Multiplexed is a client as the SDK was given it, for calls that last: over HTTP/2 where
// the service offers it with TLS. One that is not the SDK's own kind stays as it is.
func Multiplexed(client aws.HTTPClient) aws.HTTPClient {
	b, ok := client.(*awshttp.BuildableClient)
	if !ok {
		return client
	}
	return b.WithTransportOptions(func(t *http.Transport) {
		t.ForceAttemptHTTP2 = true
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		t.Protocols.SetHTTP2(true)
		if t.TLSClientConfig != nil {
			t.TLSClientConfig.NextProtos = nil // the transport offers what it speaks
		}
		t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: answerTimeout}
	})
}

// pingAfter is how long a connection with a running call may be silent before it is tried.
const pingAfter = 15 * time.Second
