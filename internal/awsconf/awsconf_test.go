package awsconf_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
)

// unconfigured takes away all that a machine may have set up, and the cloud.
func unconfigured(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	// The SDK settles these when the program starts.
	files, keys := config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles
	t.Cleanup(func() { config.DefaultSharedConfigFiles, config.DefaultSharedCredentialsFiles = files, keys })
	config.DefaultSharedConfigFiles = []string{filepath.Join(home, ".aws", "config")}
	config.DefaultSharedCredentialsFiles = []string{filepath.Join(home, ".aws", "credentials")}
	return home
}

// profile writes a file of the SDK's into the home folder.
func profile(t *testing.T, home, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, o awsconf.Options) aws.Config {
	t.Helper()
	cfg, err := awsconf.Load(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

const local = "http://127.0.0.1:4566"

// Ensure the region is the flag's, else the configuration's, else us-east-1 where
// an endpoint makes it a matter of form.
func TestLoad_Region(t *testing.T) {
	for name, c := range map[string]struct {
		options awsconf.Options
		env     string
		file    string
		want    string
	}{
		"Flag":       {awsconf.Options{Region: "eu-west-1"}, "eu-west-2", "eu-west-3", "eu-west-1"},
		"Env":        {awsconf.Options{}, "eu-west-2", "eu-west-3", "eu-west-2"},
		"File":       {awsconf.Options{}, "", "eu-west-3", "eu-west-3"},
		"Endpoint":   {awsconf.Options{Endpoint: local}, "", "", "us-east-1"},
		"Both":       {awsconf.Options{Endpoint: local, Region: "eu-west-1"}, "", "", "eu-west-1"},
		"EndpointOf": {awsconf.Options{Endpoint: local}, "eu-west-2", "", "eu-west-2"},
	} {
		t.Run(name, func(t *testing.T) {
			home := unconfigured(t)
			t.Setenv("AWS_REGION", c.env)
			if c.file != "" {
				profile(t, home, "config", "[default]\nregion = "+c.file+"\n")
			}
			t.Setenv("AWS_ACCESS_KEY_ID", "id")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
			cfg := load(t, c.options)
			if cfg.Region != c.want {
				t.Errorf("got %s, want %s", cfg.Region, c.want)
			}
			if got := aws.ToString(cfg.BaseEndpoint); got != c.options.Endpoint {
				t.Errorf("endpoint %q, want %q", got, c.options.Endpoint)
			}
		})
	}
}

// Ensure a missing region and an endpoint that is none are one line that says what to do.
func TestLoad_Fails(t *testing.T) {
	unconfigured(t)
	for endpoint, want := range map[string]string{
		"":                 "-region",
		"127.0.0.1:4566":   "write http://host:port",
		"localhost":        "write http://host:port",
		"ftp://host":       "write http://host:port",
		"http://":          "write http://host:port",
		"http://a b":       "write http://host:port",
		"http://[::1:4566": "write http://host:port",
	} {
		_, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: endpoint})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want one line with %q", endpoint, err, want)
		}
	}
}

// Ensure dummy credentials serve an endpoint elsewhere exactly where there are none
// that can be used, whatever files are there, and never AWS itself.
func TestLoad_Credentials(t *testing.T) {
	keys := func(id string) string { return "aws_access_key_id = " + id + "\naws_secret_access_key = secret\n" }
	for name, c := range map[string]struct {
		endpoint string
		env      map[string]string
		config   string
		file     string // credentials
		want     string // key id
		region   string
	}{
		"Nothing":     {endpoint: local, want: "local"},
		"Env":         {endpoint: local, env: map[string]string{"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret"}, want: "mine"},
		"HalfAnEnv":   {endpoint: local, env: map[string]string{"AWS_ACCESS_KEY_ID": "mine"}, want: "local"},
		"File":        {endpoint: local, file: "[default]\n" + keys("filed"), want: "filed"},
		"EmptyFiles":  {endpoint: local, config: "\n", file: "\n", want: "local"},
		"OnlyRegion":  {endpoint: local, config: "[default]\nregion = eu-west-3\n", want: "local", region: "eu-west-3"},
		"OtherOne":    {endpoint: local, file: "[other]\n" + keys("other"), want: "local"},
		"NoProfile":   {endpoint: local, env: map[string]string{"AWS_PROFILE": "gone", "AWS_REGION": "eu-west-2"}, file: "[default]\n" + keys("filed"), want: "local", region: "eu-west-2"},
		"SSO":         {endpoint: local, config: "[default]\nregion = eu-west-3\n" + sso, want: "local", region: "eu-west-3"},
		"Process":     {endpoint: local, config: "[default]\ncredential_process = false\n", want: "local"},
		"Damaged":     {endpoint: local, config: "[default\nregion", want: "local"},
		"Role":        {endpoint: local, config: "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = gone\n", want: "local"},
		"ByEnv":       {env: map[string]string{"AWS_ENDPOINT_URL": local}, want: "local"},
		"ByEnvOfOne":  {env: map[string]string{"AWS_ENDPOINT_URL_KINESIS": local}, want: "local"},
		"AWSItself":   {env: map[string]string{"AWS_REGION": "eu-west-2"}, region: "eu-west-2"},
		"AWSEndpoint": {endpoint: "https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com", env: map[string]string{"AWS_REGION": "eu-west-2"}},
		"Ignored":     {env: map[string]string{"AWS_ENDPOINT_URL": local, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_REGION": "eu-west-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			home := unconfigured(t)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if c.config != "" {
				profile(t, home, "config", c.config)
			}
			if c.file != "" {
				profile(t, home, "credentials", c.file)
			}
			cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: c.endpoint, Service: awsconf.Kinesis})
			if c.want == "" {
				if err == nil || fault.Classify(err) != fault.Renew || !strings.Contains(err.Error(), `profile "default"`) || !strings.Contains(err.Error(), "aws sso login") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := cfg.Credentials.Retrieve(t.Context())
			if err != nil || got.AccessKeyID != c.want {
				t.Errorf("got key %q, %v, want %q", got.AccessKeyID, err, c.want)
			}
			if c.region != "" && cfg.Region != c.region {
				t.Errorf("region %s, want %s", cfg.Region, c.region)
			}
			if dummy := c.want == "local"; (len(cfg.APIOptions) > 0) != dummy {
				t.Errorf("%d options of the API: payloads are unsigned with dummy credentials only", len(cfg.APIOptions))
			}
		})
	}
}

const sso = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"

// Ensure an embedded server needs no configuration, however broken it is.
func TestLoad_Embedded(t *testing.T) {
	home := unconfigured(t)
	profile(t, home, "config", "[default\n")
	for name, value := range map[string]string{"AWS_PROFILE": "gone", "AWS_CA_BUNDLE": "/none", "AWS_REGION": "eu-west-2", "AWS_ENDPOINT_URL_KINESIS": "http://127.0.0.1:1"} {
		t.Setenv(name, value)
	}
	cfg := load(t, awsconf.Options{Endpoint: local, Embedded: true, Service: awsconf.Kinesis})
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "local" || cfg.Region != "us-east-1" || *cfg.BaseEndpoint != local {
		t.Errorf("key %q, region %s, endpoint %s, %v", got.AccessKeyID, cfg.Region, *cfg.BaseEndpoint, err)
	}
}

// Ensure the endpoint is the flag's, else the configuration's for the service, else
// the default, else the configuration's for all, and that one which is none is refused by name.
func TestLoad_Endpoint(t *testing.T) {
	flag, one, other, all := "http://flag:1", "http://one:1", "http://default:1", "http://all:1"
	for name, c := range map[string]struct {
		options awsconf.Options
		env     map[string]string
		config  string
		want    string
	}{
		"Flag":      {awsconf.Options{Endpoint: flag, Service: awsconf.S3, Default: other}, map[string]string{"AWS_ENDPOINT_URL_S3": one, "AWS_ENDPOINT_URL": all}, "", flag},
		"One":       {awsconf.Options{Service: awsconf.S3, Default: other}, map[string]string{"AWS_ENDPOINT_URL_S3": one, "AWS_ENDPOINT_URL": all}, "", one},
		"OneInFile": {awsconf.Options{Service: awsconf.S3, Default: other}, nil, "[default]\nservices = x\n[services x]\ns3 =\n  endpoint_url = " + one + "\n", one},
		"Default":   {awsconf.Options{Service: awsconf.Kinesis, Default: other}, map[string]string{"AWS_ENDPOINT_URL_S3": one, "AWS_ENDPOINT_URL": all}, "", other},
		"All":       {awsconf.Options{Service: awsconf.Kinesis}, map[string]string{"AWS_ENDPOINT_URL_S3": one, "AWS_ENDPOINT_URL": all}, "", all},
		"AllInFile": {awsconf.Options{Service: awsconf.Kinesis}, nil, "[default]\nendpoint_url = " + all + "\n", all},
		"NoURL":     {awsconf.Options{Service: awsconf.Kinesis}, map[string]string{"AWS_ENDPOINT_URL_KINESIS": "localhost:1"}, "", "! AWS_ENDPOINT_URL_KINESIS"},
		"Secret":    {awsconf.Options{Endpoint: "http://user:SECRET@host"}, nil, "", "! leave out user and password"},
		"Secrets":   {awsconf.Options{Endpoint: "http://user:SEC%RET@host?X-Amz-Signature=SECRET"}, nil, "", "! is not a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			home := unconfigured(t)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if c.config != "" {
				profile(t, home, "config", c.config)
			}
			cfg, err := awsconf.Load(t.Context(), c.options)
			if want, fails := strings.CutPrefix(c.want, "! "); fails {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SEC") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || *cfg.BaseEndpoint != c.want {
				t.Errorf("got %v, %v, want %s", cfg.BaseEndpoint, err, c.want)
			}
		})
	}
}

// Ensure the SDK writes nothing of its own among a program's logs.
func TestLoad_Silent(t *testing.T) {
	unconfigured(t)
	if cfg := load(t, awsconf.Options{Endpoint: local}); cfg.Logger != (logging.Nop{}) {
		t.Errorf("the SDK logs to %T", cfg.Logger)
	}
}

// Ensure AWS_CA_BUNDLE is taken up by the tuned client, which speaks HTTP/1.1 also
// to a server of HTTP/2.
func TestLoad_CABundle(t *testing.T) {
	unconfigured(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Got", r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	ask := func() (string, error) {
		cfg := load(t, awsconf.Options{Endpoint: server.URL})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := cfg.HTTPClient.Do(r)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		return answer.Header.Get("Got"), nil
	}
	if _, err := ask(); err == nil || fault.Classify(err) != fault.Final || !strings.Contains(fault.Explain(err).Error(), "AWS_CA_BUNDLE") {
		t.Fatalf("a server of an unknown authority: got %v", err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if proto, err := ask(); err != nil || proto != "HTTP/1.1" {
		t.Errorf("got %q, %v", proto, err)
	}
	t.Setenv("AWS_CA_BUNDLE", filepath.Join(t.TempDir(), "none.pem"))
	if _, err := awsconf.Load(context.Background(), awsconf.Options{Endpoint: server.URL}); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("a bundle that is not there: got %v", err)
	}
}
