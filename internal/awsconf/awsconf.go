// Package awsconf finds the AWS configuration of a program: region, credentials,
// endpoint and an HTTP client that suits a stream. What goes wrong with it is
// told in one line (docs/adr/0018).
package awsconf

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"taxistream/internal/names"
)

// The SDK's ids of the services whose endpoints the AWS configuration may name.
const (
	Kinesis = "Kinesis"
	S3      = "S3"
)

// Options are what a command line says of a service of AWS; all may be empty.
type Options struct {
	Region   string   // -region
	Endpoint string   // -endpoint: before all that the configuration says
	Service  string   // Kinesis or S3: the one whose endpoint the configuration may name; empty: it names none
	Default  string   // an endpoint for a service of which the configuration says nothing by name
	Embedded bool     // Endpoint is a server of this process: nothing of this machine's configuration is read
	Dial     DialFunc // nil: the network
}

var ( // variables for tests
	// reportWithin bounds the wait for credentials: who has none hears of it in 10 s.
	reportWithin = 8 * time.Second
	// dummyWithin is how long a server that is not AWS waits for credentials before dummy ones serve.
	dummyWithin = 3 * time.Second
)

// Load reads the SDK's usual sources, and AWS_CA_BUNDLE, HTTPS_PROXY and NO_PROXY.
//
// Against AWS it is an error if there is no region, or if no credentials can be
// had within 8 s. With an endpoint elsewhere, by the options or by
// AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE> and their like in the configuration's
// file, us-east-1 and dummy credentials serve where there is no region, or no
// credentials that can be used; payloads are then not signed.
//
// The credentials are read again once a service has refused them. That and what
// is tried again within a call follows the table of package fault.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	if err := checkEndpoint("-endpoint", o.Endpoint); err != nil {
		return aws.Config{}, err
	}
	if o.Embedded {
		return o.dummy(tuned(nil, o.Dial), ""), nil
	}
	roots, err := caBundle()
	if err != nil {
		return aws.Config{}, err
	}
	load := o.loader(roots)
	cfg, fault := load(ctx)
	endpoint, err := o.endpoint(ctx, cfg)
	if err != nil {
		return aws.Config{}, err
	}
	local := endpoint != "" && !onAWS(endpoint)
	o.Endpoint = endpoint
	switch {
	case fault != nil && local:
		return o.dummy(tuned(roots, o.Dial), ""), nil
	case fault != nil:
		return aws.Config{}, explainConfig(fault)
	case cfg.Region == "" && endpoint == "":
		return aws.Config{}, errors.New("no AWS region: give -region, or set AWS_REGION")
	}
	limit := reportWithin
	if local {
		limit = dummyWithin
	}
	r := newRenewing(load, cfg, limit)
	if _, err := r.Retrieve(ctx); err != nil && ctx.Err() == nil && local {
		return o.dummy(cfg.HTTPClient, cfg.Region), nil
	} else if err != nil {
		return aws.Config{}, err
	}
	cfg.Credentials, cfg.Retryer = r, r.retryer
	if endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
		cfg.Region = firstOf(cfg.Region, names.Region)
	}
	return cfg, nil
}

// loader reads the SDK's sources, as often as it is called.
func (o *Options) loader(roots *x509.CertPool) func(context.Context) (aws.Config, error) {
	load := []func(*config.LoadOptions) error{
		// The SDK would write lines of its own form among the program's logs; what fails is an error, too.
		config.WithLogger(logging.Nop{}),
		config.WithProcessCredentialOptions(func(p *processcreds.Options) { p.Timeout = reportWithin }), // it is killed then
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	likely := firstOf(o.Endpoint, o.Default)
	if o.Service != "" {
		likely = firstOf(o.Endpoint, os.Getenv(variable(o.Service)), o.Default, os.Getenv(variable("")))
	}
	if likely != "" && !onAWS(likely) {
		// A machine of AWS's has its own service for this; elsewhere nobody answers for seconds.
		load = append(load, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	}
	dial := o.Dial
	return func(ctx context.Context) (aws.Config, error) {
		var own *x509.CertPool // the SDK adds to it
		if roots != nil {
			own = roots.Clone()
		}
		return config.LoadDefaultConfig(ctx, append(load[:len(load):len(load)], config.WithHTTPClient(tuned(own, dial)))...)
	}
}

// dummy is the configuration for a server that asks for none. A signature with
// dummy credentials protects nothing: the body is not hashed for it.
func (o *Options) dummy(client aws.HTTPClient, region string) aws.Config {
	if !o.Embedded {
		region = firstOf(region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	}
	r := &renewing{chain: credentials.NewStaticCredentialsProvider("local", "local", ""), limit: dummyWithin}
	return aws.Config{
		Region: firstOf(o.Region, region, names.Region), BaseEndpoint: aws.String(o.Endpoint), HTTPClient: client, Logger: logging.Nop{},
		Credentials: r, Retryer: r.retryer,
		APIOptions: []func(*middleware.Stack) error{v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware},
	}
}

// explainConfig says what to do about a configuration that the SDK cannot read.
func explainConfig(err error) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Errorf("AWS profile %q is not there: `aws configure list-profiles` lists those that are; set AWS_PROFILE to one", missing.Profile)
	}
	return fmt.Errorf("read the AWS configuration: %w: mend the file, or name another in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE", err)
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
