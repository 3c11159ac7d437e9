package door_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taxistream/infra/gate/door"
)

const (
	signer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/room/1"
	host   = "room.example.org"
)

// balancer is a load balancer: it signs, and publishes its key.
type balancer struct {
	key  *ecdsa.PrivateKey
	keys *httptest.Server
	now  time.Time
}

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{key: key, now: time.Unix(1_800_000_000, 0)}
	b.keys = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/k-1" && r.URL.Path != "/0a" {
			http.NotFound(w, r)
			return
		}
		text, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
		_ = pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: text})
	}))
	t.Cleanup(b.keys.Close)
	return b
}

// token is what the load balancer sends, with changes to its head.
func (b *balancer) token(changes map[string]any) string {
	head := map[string]any{"alg": "ES256", "kid": "0a", "signer": signer, "exp": b.now.Unix() + 120}
	for name, value := range changes {
		head[name] = value
	}
	text, _ := json.Marshal(head)
	signed := base64.URLEncoding.EncodeToString(text) + "." + base64.URLEncoding.EncodeToString([]byte(`{"sub":"me"}`))
	sum := sha256.Sum256([]byte(signed))
	r, s, _ := ecdsa.Sign(rand.Reader, b.key, sum[:])
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.URLEncoding.EncodeToString(signature)
}

// room is a control room and the door before it.
func room(t *testing.T, b *balancer, page http.HandlerFunc) *httptest.Server {
	t.Helper()
	inside := httptest.NewServer(page)
	t.Cleanup(inside.Close)
	d, err := door.New(door.Options{To: inside.URL, Host: host, Signer: signer, Key: door.KeysOf(b.keys.URL, b.keys.Client()), Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	outside := httptest.NewServer(d)
	t.Cleanup(outside.Close)
	return outside
}

// Ensure only whom this load balancer has logged in comes in, under the control room's
// name, and changes something only from its own page.
func TestDoor(t *testing.T) {
	b, other := newBalancer(t), newBalancer(t)
	outside := room(t, b, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s %d", r.Method, r.URL.Path, r.Host, len(r.Header.Get("Cookie")+r.Header.Get("X-Amzn-Oidc-Data")+r.Header.Get("Authorization")))
	})
	for _, test := range []struct {
		name, method, path, host, origin, token string
		want                                    int
	}{
		{"Reads", "GET", "/", host, "", b.token(nil), 200},
		{"ReadsFromItsPage", "GET", "/events", host, "https://" + host, b.token(nil), 200},
		{"Changes", "POST", "/jobs/1/stop", host, "https://" + host, b.token(nil), 200},
		{"Health", "GET", "/healthz", "10.0.0.9:8082", "", "", 200},
		{"NotLoggedIn", "GET", "/", host, "", "", 401},
		{"Garbage", "GET", "/", host, "", "a.b.c", 401},
		{"ByAnother", "GET", "/", host, "", other.token(nil), 401},
		{"AnotherSigner", "GET", "/", host, "", b.token(map[string]any{"signer": signer + "2"}), 401},
		{"NoAlgorithm", "GET", "/", host, "", b.token(map[string]any{"alg": "none"}), 401},
		{"Old", "GET", "/", host, "", b.token(map[string]any{"exp": b.now.Unix()}), 401},
		{"NoSuchKey", "GET", "/", host, "", b.token(map[string]any{"kid": "ff"}), 401},
		{"KeyElsewhere", "GET", "/", host, "", b.token(map[string]any{"kid": "../0a"}), 401},
		{"AnotherName", "GET", "/", "evil.example.org", "", b.token(nil), 421},
		{"FromAnotherSite", "POST", "/jobs/1/stop", host, "https://evil.example.org", b.token(nil), 403},
		{"FromNowhere", "PATCH", "/jobs/1", host, "", b.token(nil), 403},
		{"EventsElsewhere", "GET", "/events", host, "https://evil.example.org", b.token(nil), 403},
		{"HealthIsNoWayIn", "POST", "/healthz", host, "", "", 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := http.NewRequestWithContext(t.Context(), test.method, outside.URL+test.path, nil)
			r.Host = test.host
			r.Header.Set("Cookie", "AWSELBAuthSessionCookie-0=secret")
			r.Header.Set("Authorization", "Bearer x")
			for name, value := range map[string]string{"Origin": test.origin, "X-Amzn-Oidc-Data": test.token} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			text, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != test.want {
				t.Errorf("status %d, want %d: %s", answer.StatusCode, test.want, text)
			}
			if test.want == 200 && (!strings.HasPrefix(string(text), test.method+" "+test.path+" 127.0.0.1:") || !strings.HasSuffix(string(text), " 0")) {
				t.Errorf("the control room got %s: want its own name, and nothing of the login", text)
			}
		})
	}
}

// Ensure events pass one by one, not at the end of the answer.
func TestDoor_Events(t *testing.T) {
	b, next := newBalancer(t), make(chan struct{})
	outside := room(t, b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n := range 2 {
			fmt.Fprintf(w, "data: %d\n", n)
			w.(http.Flusher).Flush()
			<-next
		}
	})
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, outside.URL+"/events", nil)
	r.Host = host
	r.Header.Set("X-Amzn-Oidc-Data", b.token(nil))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for n := range 2 {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", n) {
			t.Errorf("event %d: %q", n, lines.Text())
		}
		next <- struct{}{}
	}
}
