package awsconf

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"taxistream/internal/redact"
)

// endpoint is where the service is: by the options, by the configuration under
// the service's name, by the options' default, by the configuration for all
// services. Empty is AWS itself. cfg may be one that could not be read wholly.
func (o *Options) endpoint(ctx context.Context, cfg aws.Config) (string, error) {
	switch {
	case o.Endpoint != "":
		return o.Endpoint, nil
	case o.Service == "":
		return o.Default, nil
	}
	sources := cfg.ConfigSources
	if sources == nil {
		if env, err := config.NewEnvConfig(); err == nil {
			sources = []any{env}
			cfg.BaseEndpoint = aws.String(env.BaseEndpoint)
		}
	}
	ignored, found, err := config.GetIgnoreConfiguredEndpoints(ctx, sources)
	if err == nil && found && ignored {
		return o.Default, nil
	}
	for _, s := range sources {
		named, ok := s.(interface {
			GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if endpoint, found, err := named.GetServiceBaseEndpoint(ctx, o.Service); err == nil && found {
			return endpoint, checkEndpoint(variable(o.Service), endpoint)
		}
	}
	if o.Default != "" {
		return o.Default, nil
	}
	all := aws.ToString(cfg.BaseEndpoint)
	return all, checkEndpoint(variable(""), all)
}

// variable names an endpoint in the environment: a service's, or that of all.
func variable(service string) string {
	const all = "AWS_ENDPOINT_URL"
	if service == "" {
		return all
	}
	return all + "_" + strings.ToUpper(service)
}

// checkEndpoint refuses what is no address; name is where it was given.
func checkEndpoint(name, endpoint string) error {
	if endpoint == "" {
		return nil
	}
	if u, err := url.Parse(endpoint); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s %q is not a URL: write http://host:port", name, redact.URL(endpoint))
	} else if u.User != nil {
		return fmt.Errorf("%s %q: leave out user and password; requests are signed with the AWS credentials", name, redact.URL(endpoint))
	}
	return nil
}

// onAWS tells whether an endpoint is one of AWS's own, such as that of a VPC, for
// which dummy credentials would be of no use.
func onAWS(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, domain := range []string{".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
