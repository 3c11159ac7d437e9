package awsconf_test

import (
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
)

// Ensure missing credentials are one line that names the profile and what to do, and
// nothing of what a process printed.
func TestLoad_NoCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		want   []string
	}{
		"SSO":       {"[profile p]\n" + sso, []string{`profile "p"`, "aws sso login --profile p"}},
		"OldSSO":    {"[profile p]\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://x\n", []string{"aws sso login --profile p"}},
		"Process":   {"[profile p]\ncredential_process = false\n", []string{`profile "p"`, "credential_process failed: it ended with status 1"}},
		"Printed":   {"[profile p]\ncredential_process = echo hidden\n", []string{"credential_process failed: it printed no credentials"}},
		"Missing":   {"[profile q]\n", []string{`profile "p" is not there`, "aws configure list-profiles"}},
		"Nothing":   {"[profile p]\noutput = json\n", []string{`profile "p"`, "aws configure"}},
		"RoleOfSSO": {"[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = s\n[profile s]\n" + sso, []string{"arn:aws:iam::1:role/r", "aws sso login --profile s"}},
	} {
		t.Run(name, func(t *testing.T) {
			home := unconfigured(t)
			profile(t, home, "config", c.config)
			t.Setenv("AWS_PROFILE", "p")
			_, err := awsconf.Load(t.Context(), awsconf.Options{Region: "eu-west-1"})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %s", err, want)
				}
			}
			if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "hidden") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Ensure a credential_process that does not end is not waited for.
func TestLoad_HangingProcess(t *testing.T) {
	home := unconfigured(t)
	profile(t, home, "config", "[default]\ncredential_process = exec sleep 1000\n")
	awsconf.Within(t, 50*time.Millisecond)
	if _, err := awsconf.Load(t.Context(), awsconf.Options{Region: "eu-west-1"}); err == nil || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v", err)
	}
	if got, err := load(t, awsconf.Options{Endpoint: local}).Credentials.Retrieve(t.Context()); err != nil || got.AccessKeyID != "local" {
		t.Errorf("got %q, %v", got.AccessKeyID, err)
	}
}

// Ensure credentials that were refused are read again from what is then configured.
func TestRenew(t *testing.T) {
	home := unconfigured(t)
	write := func(id string) {
		profile(t, home, "credentials", "[default]\naws_access_key_id = "+id+"\naws_secret_access_key = secret\n")
	}
	write("old")
	cfg := load(t, awsconf.Options{Region: "eu-west-1"})
	key := func() string {
		got, err := cfg.Credentials.Retrieve(t.Context())
		if err != nil {
			return err.Error()
		}
		return got.AccessKeyID
	}
	write("new")
	if got := key(); got != "old" {
		t.Errorf("before they were refused: %s", got)
	}
	awsconf.Renew(cfg.Credentials)
	if got := key(); got != "new" {
		t.Errorf("after: %s", got)
	}
	profile(t, home, "credentials", "")
	awsconf.Renew(cfg.Credentials)
	if got := key(); !strings.Contains(got, "no AWS credentials") {
		t.Errorf("without: %s", got)
	}
	write("late")
	if got := key(); got != "late" {
		t.Errorf("once they are there again: %s", got)
	}
	retryer := cfg.Retryer()
	for err, want := range map[error]bool{
		io.ErrUnexpectedEOF: true, errors.New("ours"): false, x509.UnknownAuthorityError{}: false, &fault.CredentialsError{}: false,
		&smithy.GenericAPIError{Code: "ExpiredToken"}: true, &smithy.GenericAPIError{Code: "SlowDown"}: true,
	} {
		if retryer.IsErrorRetryable(err) != want {
			t.Errorf("%v: is tried again: %v", err, !want)
		}
	}
	awsconf.Renew(aws.AnonymousCredentials{}) // is nobody's to renew
}
