//go:build flink

package flink

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"taxistream/localstack/localtest"
)

// domain is an OpenSearch domain that takes requests signed with its key alone, before a results store.
type domain struct {
	key      atomic.Value // string: of access, whose secret it begins
	good     atomic.Int64 // requests
	expired  atomic.Int64
	forged   atomic.Value // string: of the last bad signature
	upstream *httputil.ReverseProxy
}

const secretPart = "-secret"

func (d *domain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	credential, rest, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), "/")
	if credential != d.key.Load() {
		d.expired.Add(1)
		http.Error(w, `{"message":"The security token included in the request is expired"}`, http.StatusForbidden)
		return
	}
	if want := d.signature(r, body, credential, rest); r.Header.Get("Authorization") != want {
		d.forged.Store(r.Header.Get("Authorization") + "\n" + want)
		http.Error(w, `{"message":"The request signature we calculated does not match the signature you provided"}`, http.StatusForbidden)
		return
	}
	d.good.Add(1)
	r.Body = io.NopCloser(bytes.NewReader(body))
	d.upstream.ServeHTTP(w, r)
}

// signature is the header that AWS's own signer for Go gives the request, over the same headers.
func (d *domain) signature(r *http.Request, body []byte, key, rest string) string {
	_, signed, _ := strings.Cut(rest, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	again.ContentLength = -1
	for _, name := range strings.Split(signed, ";") {
		if name != "host" {
			again.Header.Set(name, r.Header.Get(name))
		}
		if name == "content-length" {
			again.ContentLength = int64(len(body))
		}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: key, SecretAccessKey: key + secretPart}, again, hex.EncodeToString(sum[:]), "es", "eu-west-1", at)
	if err != nil {
		return err.Error()
	}
	return again.Header.Get("Authorization")
}

// Ensure that requests are signed as AWS wants it, and that new credentials in the file are used once the old ones have
// expired, without a restart.
func TestSignedWithRenewedCredentials(t *testing.T) {
	w := newWorld(t, 2)
	upstream, err := url.Parse(w.store.url)
	if err != nil {
		t.Fatal(err)
	}
	d := &domain{upstream: httputil.NewSingleHostReverseProxy(upstream)}
	d.key.Store("FIRST")
	server := httptest.NewServer(d)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "credentials")
	write := func(key string) {
		next := file + ".next"
		if err := os.WriteFile(next, []byte("[default]\naws_access_key_id = "+key+"\naws_secret_access_key = "+key+secretPart+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, file); err != nil {
			t.Fatal(err)
		}
	}
	write("FIRST")
	for name, value := range map[string]string{
		"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": os.DevNull, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "default",
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	source := localtest.GeneratedDay(t, 3_000)
	if p := w.producer(source, "-speedup", "0"); p.WaitExit(inTime) != 0 {
		t.Fatal(p.Errors())
	}
	export, rejects := w.reference(lastWatermark(t, source))
	job := w.job("-opensearch-endpoint", server.URL, "-sign", "es", "-region", "eu-west-1")
	localtest.WaitFor(t, "the templates are there", func() bool { return d.good.Load() >= 6 || d.forged.Load() != nil })
	d.key.Store("SECOND") // the templates are put with the first key, the documents with the second
	localtest.WaitFor(t, "the old key is refused", func() bool { return d.expired.Load() > 0 })
	write("SECOND")
	w.await(job, export, rejects)
	if bad := d.forged.Load(); bad != nil {
		t.Fatal(bad)
	}
	w.stop(job)
}
