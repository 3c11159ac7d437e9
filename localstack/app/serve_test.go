package app_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/awsconf"
	"taxistream/localstack/app"
)

// Ensure serve's switches reach the embedded Kinesis: a client that trusts the authority
// that was written, and speaks HTTP/2, sees a stream that is being made and limits.
func TestServe_Switches(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, "localstack", "serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0", "-shards", "2", "-kinesis-tls", authority,
		"-kinesis-create-delay", "1h", "-kinesis-max-streams", "2", "-kinesis-limits", "-kinesis-trim", "-kinesis-faults", "unavailable=0,entries=1,seed=7")
	address := strings.Fields(<-p.Lines())[1]
	text, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}}
	for _, c := range []struct{ operation, body, want string }{
		{"DescribeStreamSummary", `{"StreamName":"taxi-trip-events"}`, `"StreamStatus":"CREATING"`},
		{"CreateStream", `{"StreamName":"other","ShardCount":1}`, ""},
		{"CreateStream", `{"StreamName":"third","ShardCount":1}`, "LimitExceededException"},
	} {
		r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "Kinesis_20131202."+c.operation)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Date", "20260101T000000Z")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=any, SignedHeaders=host, Signature=0")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || !strings.Contains(string(body), c.want) || (c.want == "") != (len(body) == 0) || answer.ProtoMajor != 2 {
			t.Errorf("%s %s: %s %s, %v, want %s by HTTP/2", c.operation, c.body, answer.Proto, body, err, c.want)
		}
	}
}

// Ensure the servers' clock is where the file of -clock has it, from the start and while they serve.
func TestServe_Clock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	move := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".next", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".next", file); err != nil {
			t.Fatal(err)
		}
	}
	move("-48h")
	p := start(t, "localstack", "serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0", "-clock", file)
	kinesisURL := strings.Fields(<-p.Lines())[1]
	<-p.Lines()
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: kinesisURL})
	if err != nil {
		t.Fatal(err)
	}
	api := sdk.NewFromConfig(cfg)
	created := func(name string) time.Duration {
		t.Helper()
		if _, err := api.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		d, err := api.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return time.Until(*d.StreamDescriptionSummary.StreamCreationTimestamp)
	}
	if ahead := created("before"); ahead > -48*time.Hour {
		t.Errorf("at the start the clock is %v ahead, want -48h", ahead)
	}
	move("72h\n")
	if line := <-p.Lines(); line != "clock       72h0m0s ahead" {
		t.Errorf("the servers say %q", line)
	}
	if ahead := created("after"); ahead < 24*time.Hour || ahead > 72*time.Hour {
		t.Errorf("the clock is %v ahead, want 72h", ahead)
	}
	move("later")
	waitFor(t, "what is wrong with the file", func() bool { return strings.Contains(p.Errors(), "write a time") })
	if p.Ended() {
		t.Error("a wrong file ends the servers")
	}
}

// Ensure a switch that cannot be is refused in one line, before anything is served.
func TestServe_WrongSwitches(t *testing.T) {
	word := filepath.Join(t.TempDir(), "clock")
	if err := os.WriteFile(word, []byte("soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag, value string
		status      int
		want        string
	}{
		{"-kinesis-faults", "fail=2", 2, "from 0 to 1"},
		{"-kinesis-faults", "fails=0.1", 2, "the names are"},
		{"-kinesis-faults", "delay=0.1,max-delay=soon", 2, "max-delay=soon"},
		{"-kinesis-create-delay", "-1s", 2, "length of time"},
		{"-kinesis-max-shards", "-1", 1, "negative"},
		{"-clock", filepath.Join(t.TempDir(), "none"), 1, "no such file"},
		{"-clock", word, 1, "write a time"},
		{"-kinesis-tls", filepath.Join(t.TempDir(), "none", "ca.pem"), 1, "no such file"},
	} {
		var out, errs bytes.Buffer
		code := app.Main(t.Context(), []string{"serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0", c.flag, c.value}, &out, &errs)
		if code != c.status || out.Len() > 0 || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s %s: status %d, want %d: %s%s", c.flag, c.value, code, c.status, &out, &errs)
		}
	}
}
