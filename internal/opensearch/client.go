package opensearch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/opensearch-project/opensearch-go/v4/opensearchtransport"

	"taxistream/internal/awsconf"
)

var errNoURL = errors.New("the OpenSearch endpoint is not a URL; write http://host:port")

// Options say which server to talk to, and how.
type Options struct {
	// Endpoint is the server's URL, http or https, or those of several nodes of a
	// cluster, separated by commas. A user and a password in it are sent as basic
	// authentication and printed nowhere.
	Endpoint string
	// Sign is "es" for an AWS domain, "aoss" for a serverless collection, ""
	// for neither. Empty is chosen by the endpoint: *.es.amazonaws.com and
	// *.aoss.amazonaws.com are signed for.
	Sign string
	AWS  aws.Config // region and credentials, only for signing; see Open

	Transport      http.RoundTripper // nil: one of its own
	Dial           awsconf.DialFunc  // how that connects; nil: the network
	Compress       bool              // bodies of requests with gzip
	Clock          func() time.Time  // times requests; nil: time.Now
	RequestTimeout time.Duration     // for one attempt; 0: 30 s
	MinBackoff     time.Duration     // before the second attempt; 0: 100 ms
	MaxBackoff     time.Duration     // between attempts; 0: 10 s
	MaxResponse    int64             // bytes of an answer; 0: 256 MiB

	// OnTrouble is told once when the server does not answer or takes nothing,
	// OnRecovered once when it does again. They are called one at a time and
	// must not call the client. Either may be nil.
	OnTrouble, OnRecovered func(message string)
}

// Client talks to one server. It is safe for many goroutines.
type Client struct {
	o         Options
	base      string // the nodes without credentials, without trailing slashes
	transport *opensearchtransport.Client
	troubles  troubles
}

// New checks the options; it does not connect. An error names the endpoint
// without its credentials and says what is wrong with it.
func New(o Options) (*Client, error) {
	nodes, base, err := nodesOf(o.Endpoint)
	if err != nil {
		return nil, err
	}
	c := &Client{o: o, base: base}
	if err := c.chooseSigning(nodes[0]); err != nil {
		return nil, err
	}
	c.o.RequestTimeout = cmp.Or(o.RequestTimeout, 30*time.Second)
	c.o.MinBackoff = cmp.Or(o.MinBackoff, 100*time.Millisecond)
	c.o.MaxBackoff = max(cmp.Or(o.MaxBackoff, 10*time.Second), c.o.MinBackoff)
	c.o.MaxResponse = cmp.Or(o.MaxResponse, 256<<20)
	if o.Clock == nil {
		c.o.Clock = time.Now //nolint:forbidigo // the one place where an absent clock is the system's
	}
	if err := c.open(nodes); err != nil {
		return nil, err
	}
	c.troubles = troubles{server: c.base, onTrouble: o.OnTrouble, onRecovered: o.OnRecovered}
	return c, nil
}

// Endpoint is the server's URL without credentials, fit for a message.
func (c *Client) Endpoint() string { return c.base }

// Open is New for a program: it reads the AWS configuration where requests are
// signed, and only there. region is the command line's; it may be empty.
func Open(ctx context.Context, o Options, region string) (*Client, error) {
	nodes, base, err := nodesOf(o.Endpoint)
	if err == nil && nodes[0].User == nil && slices.Contains([]string{"es", "aoss"}, serviceOf(o.Sign, nodes[0].Hostname())) {
		if o.AWS, err = awsconf.Load(ctx, awsconf.Options{Region: region}); err != nil {
			return nil, fmt.Errorf("sign requests for %s: %w", base, err)
		}
	}
	return New(o)
}

// serviceOf is what to sign for; empty: for nothing.
func serviceOf(sign, host string) string {
	switch {
	case sign != "":
		return sign
	case strings.HasSuffix(host, ".es.amazonaws.com"):
		return "es"
	case strings.HasSuffix(host, ".aoss.amazonaws.com"):
		return "aoss"
	}
	return ""
}

func (c *Client) chooseSigning(node *url.URL) error {
	c.o.Sign = serviceOf(c.o.Sign, node.Hostname())
	switch service := c.o.Sign; service {
	case "":
		return nil
	case "es", "aoss":
	default:
		return fmt.Errorf("sign %q: choose es or aoss", service)
	}
	if node.User != nil {
		return fmt.Errorf("the OpenSearch endpoint %s: a password and a signature exclude each other; give one", c.base)
	}
	if c.o.AWS.Credentials == nil || c.o.AWS.Region == "" {
		return fmt.Errorf("sign requests for %s: no AWS region or credentials; configure them", c.base)
	}
	return nil
}

// Close drops idle connections. Requests under way are not touched.
func (c *Client) Close() { _ = c.transport.Close() }
