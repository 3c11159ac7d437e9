package awsconf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"taxistream/internal/fault"
)

// renewing gives the credentials of the SDK's chain. Once they were refused it
// reads the configuration again, so that keys that somebody put into a file, a
// new login and a new answer of a credential_process count from then on.
// It is safe for many goroutines.
type renewing struct {
	load  func(context.Context) (aws.Config, error) // nil: there is nothing to read again
	limit time.Duration                             // for one retrieval

	mu      sync.Mutex // guards what follows
	chain   aws.CredentialsProvider
	sources []any // of the chain
	refused bool  // since chain was read
}

func newRenewing(load func(context.Context) (aws.Config, error), cfg aws.Config, limit time.Duration) *renewing {
	return &renewing{load: load, limit: limit, chain: cfg.Credentials, sources: cfg.ConfigSources}
}

// Renew notes that a service has refused credentials, which are read again when
// they are asked for. It does nothing for a provider that is not Load's.
func Renew(p aws.CredentialsProvider) {
	if r, ok := p.(*renewing); ok {
		r.renew()
	}
}

func (r *renewing) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = r.load != nil
}

// Retrieve implements aws.CredentialsProvider. An error is a *fault.CredentialsError,
// or that of ctx. The SDK's own cache answers unless there is something to ask for.
func (r *renewing) Retrieve(ctx context.Context) (aws.Credentials, error) {
	chain, sources, err := r.current(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	creds, err := chain.Retrieve(bounded) // the cache returns when the context ends, whatever a process does
	switch {
	case err == nil:
		return creds, nil
	case ctx.Err() != nil:
		return aws.Credentials{}, ctx.Err()
	case bounded.Err() != nil:
		err = fmt.Errorf("no answer within %v", r.limit)
	}
	r.renew() // the next one may be asked of what is then configured
	return aws.Credentials{}, explainCredentials(sources, err)
}

// current is the chain to ask, read anew if its credentials were refused.
func (r *renewing) current(ctx context.Context) (aws.CredentialsProvider, []any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused {
		cfg, err := r.load(ctx)
		if err != nil {
			return nil, nil, &fault.CredentialsError{Words: explainConfig(err).Error(), Err: err}
		}
		r.chain, r.sources, r.refused = cfg.Credentials, cfg.ConfigSources, false
	}
	return r.chain, r.sources, nil
}

// explainCredentials says whose credentials cannot be had, why, and what to do.
func explainCredentials(sources []any, err error) error {
	profile := firstOf(os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE"), "default")
	var shared config.SharedConfig
	for _, s := range sources {
		if c, ok := s.(config.SharedConfig); ok {
			shared = c
			profile = firstOf(c.Profile, profile)
		}
	}
	words := fmt.Sprintf("no AWS credentials for profile %q: %s", profile, why(&shared, profile, err))
	return &fault.CredentialsError{Words: words, Err: err}
}

func why(c *config.SharedConfig, profile string, err error) string {
	text := fault.Plain(err).Error()
	if strings.Contains(text, "process output") {
		text = "it printed no credentials" // what it printed may be a secret
	}
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		text = fmt.Sprintf("it ended with status %d", exit.ExitCode())
	}
	switch {
	case c.Source != nil && c.RoleARN != "":
		return fmt.Sprintf("role %s cannot be assumed: %s; check the credentials of the profile that it is assumed with", c.RoleARN, why(c.Source, c.Source.Profile, err))
	case c.SSOSessionName != "" || c.SSOStartURL != "":
		return fmt.Sprintf("the login is not there or has expired; run `aws sso login --profile %s`", profile)
	case c.LoginSession != "":
		return fmt.Sprintf("the login is not there or has expired; run `aws login --profile %s`", profile)
	case c.CredentialProcess != "":
		return fmt.Sprintf("its credential_process failed: %s; run it by hand to see why", text)
	case c.WebIdentityTokenFile != "" || os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		return fmt.Sprintf("the web identity was not taken: %s; check the role and the token's file", text)
	case os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "":
		return fmt.Sprintf("the container's role was not given: %s; check the task's role", text)
	}
	return "none are configured, and this machine has no role that gives any; run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
}
