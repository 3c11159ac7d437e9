package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// badServer has a certificate that no client may take, and counts who asks it all the same.
type badServer struct {
	url   string
	asked atomic.Int64
}

// newBadServer makes one whose certificate is for a host and lasts until a time, and gives it as PEM.
func newBadServer(t *testing.T, host string, until time.Time) (*badServer, []byte) {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	b := &badServer{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { b.asked.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	b.url = server.URL
	return b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Ensure that on no connection of the programs a server with a wrong certificate hears a request: each
// program ends at once, with status 1 and a line that says what is wrong.
func TestTLS_WrongCertificate(t *testing.T) {
	kinesisURL, searchURL := serving(t, "-shards", "1")
	source := generatedDay(t, 10)
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		host    string
		until   time.Time
		trusted bool
		says    string
	}{
		"UnknownAuthority": {"127.0.0.1", time.Now().Add(day), false, "AWS_CA_BUNDLE"},
		"AnotherHost":      {"other.test", time.Now().Add(day), true, "write the host as the certificate names it"},
		"Expired":          {"127.0.0.1", time.Now().Add(-day), true, "renew the server's certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			bad, authority := newBadServer(t, c.host, c.until)
			if c.trusted {
				bundle := filepath.Join(t.TempDir(), "ca.pem")
				if err := os.WriteFile(bundle, authority, 0o600); err != nil {
					t.Fatal(err)
				}
				t.Setenv("AWS_CA_BUNDLE", bundle)
			}
			t.Setenv("AWS_ENDPOINT_URL_S3", bad.url)
			processor := []string{"processor", "-quiet", "-listen", "127.0.0.1:0"}
			producer := []string{"producer", "-quiet"}
			for what, args := range map[string][]string{
				"processor, Kinesis":    append(processor, "-endpoint", bad.url, "-opensearch-endpoint", searchURL, "-checkpoint-dir", t.TempDir()),
				"processor, OpenSearch": append(processor, "-endpoint", kinesisURL, "-opensearch-endpoint", bad.url, "-checkpoint-dir", t.TempDir()),
				"processor, S3":         append(processor, "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-checkpoint-dir", "s3://bucket/checkpoints"),
				"processor, savepoint":  append(processor, "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-checkpoint-dir", t.TempDir(), "-from-savepoint", "s3://bucket/savepoint"),
				"processor, -also":      append(processor, "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-checkpoint-dir", t.TempDir(), "-also", "s3://bucket/also"),
				"processor rejects":     {"processor", "rejects", "-opensearch-endpoint", bad.url},
				"processor backfill":    {"processor", "backfill", "-quiet", "-source", source, "-opensearch-endpoint", bad.url},
				"producer, Kinesis":     append(producer, "-endpoint", bad.url, "-source", source),
				"producer, S3":          append(producer, "-endpoint", kinesisURL, "-source", "s3://bucket/trips"),
				"producer, https":       append(producer, "-endpoint", kinesisURL, "-source", bad.url+"/trips.csv"),
				"localstack export":     {"localstack", "export", "-opensearch-endpoint", bad.url, "-export", filepath.Join(t.TempDir(), "export")},
				"localstack tail":       {"localstack", "tail", "-endpoint", bad.url},
			} {
				p := start(t, args[0], args[1:]...)
				code, said := p.WaitExit(time.Minute), p.Errors()
				last := said[strings.LastIndex(strings.TrimSuffix(said, "\n"), "\n")+1:]
				if code != 1 || !strings.HasPrefix(last, args[0]) || !strings.Contains(last, c.says) {
					t.Errorf("%s: status %d: %s", what, code, said)
				}
			}
			if n := bad.asked.Load(); n > 0 {
				t.Errorf("the server heard %d requests", n)
			}
		})
	}
}
