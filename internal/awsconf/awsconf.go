// Package awsconf finds the AWS configuration of a program: region,
// credentials, endpoint and an HTTP client that suits a stream.
package awsconf

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	_ "golang.org/x/crypto/x509roots/fallback" // for a machine, or an image, without CA roots of its own

	"taxistream/internal/names"
)

// Options are the flags -region and -endpoint; both may be empty.
type Options struct {
	Region, Endpoint string
	Dial             DialFunc // nil: the network
}

// DialFunc connects to an address, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// Load reads the SDK's usual sources. With an endpoint and nothing configured,
// region us-east-1 and dummy credentials serve, and payloads are not signed. Without an endpoint a missing
// region is an error.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	if o.Endpoint != "" {
		u, err := url.Parse(o.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return aws.Config{}, fmt.Errorf("-endpoint %q is not a URL: write http://host:port", o.Endpoint)
		}
	}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpClient(o.Dial)),
		// The SDK would write lines of its own form among the program's logs; what fails is an error, too.
		config.WithLogger(logging.Nop{}),
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.Endpoint != "" && !credentialsConfigured() {
		// A signature with dummy credentials protects nothing: the body is not hashed for it.
		load = append(load,
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")),
			config.WithAPIOptions([]func(*middleware.Stack) error{v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware}))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		if o.Endpoint == "" {
			return aws.Config{}, errors.New("no AWS region: give -region, or set AWS_REGION")
		}
		cfg.Region = names.Region
	}
	if o.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(o.Endpoint)
	}
	return cfg, nil
}

// credentialsConfigured keeps a run against a local server from waiting for the
// metadata service of a cloud that is not there.
func credentialsConfigured() bool {
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
	} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	for _, file := range []string{config.DefaultSharedCredentialsFilename(), config.DefaultSharedConfigFilename()} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// httpClient speaks HTTP/1.1: HTTP/2 costs more CPU a record and gains nothing
// for large bodies. It is the SDK's own kind, so that AWS_CA_BUNDLE works.
func httpClient(dial DialFunc) aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		if dial != nil {
			t.DialContext = dial
		}
		t.MaxIdleConns = 512
		t.MaxIdleConnsPerHost = 512
		t.IdleConnTimeout = 60 * time.Second
		t.ResponseHeaderTimeout = 30 * time.Second
		t.ForceAttemptHTTP2 = false
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		// The transport that this one is a copy of has already settled on offering h2.
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	})
}
