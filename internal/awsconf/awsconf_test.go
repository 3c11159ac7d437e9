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

// Ensure dummy credentials serve with an endpoint alone, never in front of ones that
// are configured and never for AWS itself.
func TestLoad_Credentials(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint string
		setUp    func(t *testing.T, home string)
		want     string // key id; empty: none can be had
	}{
		"Endpoint": {local, func(*testing.T, string) {}, "local"},
		"AWS":      {"", func(*testing.T, string) {}, ""},
		"Env": {local, func(t *testing.T, _ string) {
			t.Helper()
			t.Setenv("AWS_ACCESS_KEY_ID", "mine")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		}, "mine"},
		"File": {local, func(t *testing.T, home string) {
			t.Helper()
			profile(t, home, "credentials", "[default]\naws_access_key_id = filed\naws_secret_access_key = secret\n")
		}, "filed"},
		"OtherFile": {local, func(t *testing.T, home string) {
			t.Helper()
			profile(t, home, "elsewhere", "[default]\naws_access_key_id = moved\naws_secret_access_key = secret\n")
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(home, ".aws", "elsewhere"))
		}, "moved"},
	} {
		t.Run(name, func(t *testing.T) {
			c.setUp(t, unconfigured(t))
			cfg := load(t, awsconf.Options{Region: "us-east-1", Endpoint: c.endpoint})
			got, err := cfg.Credentials.Retrieve(context.Background())
			if got.AccessKeyID != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got key %q, %v, want %q", got.AccessKeyID, err, c.want)
			}
			if dummy := c.want == "local"; (len(cfg.APIOptions) > 0) != dummy {
				t.Errorf("%d options of the API: payloads are unsigned with dummy credentials only", len(cfg.APIOptions))
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
	if _, err := ask(); err == nil || !strings.Contains(err.Error(), "certificate") {
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
