package opensearch

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/opensearch-project/opensearch-go/v4/opensearchtransport"
	"github.com/opensearch-project/opensearch-go/v4/signer"
	"github.com/opensearch-project/opensearch-go/v4/signer/awsv2"

	"taxistream/internal/awsconf"
	"taxistream/internal/redact"
)

// Help is what a program's help says of the ways to a server.
const Help = "-opensearch-endpoint may hold user:password@ (basic authentication), a path, and several nodes of one cluster separated by commas. " +
	"For https AWS_CA_BUNDLE names a file with the certificates of further authorities; HTTPS_PROXY, HTTP_PROXY and NO_PROXY say which proxy to go by."

// open makes the stock client's transport: nodes in turn, base paths, passwords,
// signatures, compressed bodies.
//
// All that it would do beside one attempt is off, because what is tried again is
// decided in one place that knows about items and counts (docs/adr/0008): retries,
// discovery, health checks of its own, and the polling of nodes' statistics.
func (c *Client) open(nodes []*url.URL) error {
	to := c.o.Transport
	if to == nil {
		var err error
		if to, err = newHTTP(c.o.Dial, nodes[0].Scheme); err != nil {
			return err
		}
	}
	config := opensearchtransport.Config{
		URLs: nodes, Transport: to, CompressRequestBody: c.o.Compress,
		DisableRetry: true, HealthCheck: opensearchtransport.NoOpHealthCheck, MaxRetryClusterHealth: -1, NodeStatsInterval: -1,
	}
	if c.o.Sign != "" {
		stock, err := awsv2.NewSignerWithService(c.o.AWS, c.o.Sign)
		if err != nil {
			return err
		}
		config.Signer = signs{stock, c}
	}
	transport, err := opensearchtransport.New(config)
	if err != nil {
		return fmt.Errorf("the OpenSearch endpoint %s: %w", c.base, err)
	}
	c.transport = transport
	return nil
}

// signs is the stock signer, whose failure is an *Error of the class fault.Renew:
// credentials that cannot be had.
type signs struct {
	signer.Signer
	c *Client
}

// SignRequest implements signer.Signer.
func (s signs) SignRequest(req *http.Request) error {
	if err := s.Signer.SignRequest(req); err != nil {
		return &Error{Op: "sign a request", Server: s.c.base, Err: err}
	}
	return nil
}

// newHTTP keeps a few connections open to each node. Answers are small
// (filter_path) or local, so their compression would only cost. AWS_CA_BUNDLE is of
// use to https alone, and is not read for anything else. Redirects are not followed:
// a write would be sent with our credentials to whoever asks.
func newHTTP(dial awsconf.DialFunc, scheme string) (*http.Transport, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dial}
	if scheme == "https" {
		var err error
		if t, err = awsconf.Transport(dial); err != nil {
			return nil, err
		}
	}
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 64, 16
	t.IdleConnTimeout, t.TLSHandshakeTimeout = 90*time.Second, 10*time.Second
	t.DisableCompression = true
	return t, nil
}

// nodesOf reads the endpoints of the nodes; shown are they without passwords.
func nodesOf(endpoint string) (nodes []*url.URL, shown string, err error) {
	var bases []string
	for text := range strings.SplitSeq(endpoint, ",") {
		u, err := url.Parse(strings.TrimSpace(text))
		if err != nil {
			// The cause would print the URL, and with it a password.
			return nil, "", errNoURL
		}
		if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, "", fmt.Errorf("the OpenSearch endpoint %q has no scheme or no host; write http://host:port", redact.URL(text))
		}
		if u.RawQuery != "" || u.Fragment != "" {
			return nil, "", fmt.Errorf("the OpenSearch endpoint %q has more than a scheme, a host and a path; write http://host:port/path", redact.URL(text))
		}
		if len(nodes) > 0 && u.Scheme != nodes[0].Scheme {
			return nil, "", fmt.Errorf("the OpenSearch endpoint %q: write http or https for all nodes", redact.URL(text))
		}
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
		nodes = append(nodes, u)
		base := *u
		base.User = nil
		bases = append(bases, base.String())
	}
	return nodes, strings.Join(bases, ","), nil
}
