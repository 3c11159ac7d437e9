package integration

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/localstack/kinesis"
)

// kinesisCases are all conversations, in the order of docs/conformance.md.
func kinesisCases() []kinesisCase {
	var all []kinesisCase
	for _, group := range [][]kinesisCase{streamCases(), settingsCases(), putCases(), iteratorCases(), getCases(), listShardsCases(), reshardCases(), apiCases()} {
		all = append(all, group...)
	}
	return all
}

// Ensure that the embedded Kinesis answers as the service's API reference says, in JSON and
// in CBOR alike.
func TestKinesis_Embedded(t *testing.T)     { embeddedKinesis(t, jsonType) }
func TestKinesis_EmbeddedCBOR(t *testing.T) { embeddedKinesis(t, cborType) }

func embeddedKinesis(t *testing.T, contentType string) {
	// A clock that moves only with the conversations, so that a stream stays in
	// CREATING or UPDATING until a step waits for it.
	clock := &stepClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s, err := kinesis.New(kinesis.Options{Dir: t.TempDir(), Clock: clock.Now, CreateDelay: 100 * time.Millisecond, UpdateDelay: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	url, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	askKinesis(t, embedded, url, contentType, clock, kinesisCases())
}

// stepClock is the embedded server's clock.
type stepClock struct {
	mu  sync.Mutex
	now time.Time
}

// Now moves on by a millisecond, as a busy server's clock does between requests.
func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *stepClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const jsonType = "application/x-amz-json-1.1"

// askKinesis holds conversations with one server and gives how many requests that
// took. The clock is nil where it is not ours.
func askKinesis(t *testing.T, server, url, contentType string, clock *stepClock, cases []kinesisCase) (requests int) {
	for i, c := range cases {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			for try := 0; ; try++ {
				k := conversation{t: t, server: server, url: url, contentType: contentType, clock: clock, vars: map[string]string{"s": fmt.Sprintf("conformance-%d-%02d-%d", os.Getpid(), i, try)}}
				func() {
					defer k.clean()
					k.hold(c)
				}()
				requests += k.requests
				if !k.late {
					return
				}
				if try == 9 {
					t.Fatal("ten times the server was done with a change before it was asked about it")
				}
			}
		})
	}
	return requests
}

// A conversation is one case on one server.
type conversation struct {
	t           *testing.T
	server, url string
	contentType string
	clock       *stepClock
	vars        map[string]string
	requests    int
	changed     time.Time // when the last change of a stream was asked for
	late        bool      // a step came after the change that it asks about
}

func (k *conversation) hold(c kinesisCase) {
	if c.shards > 0 {
		k.must("CreateStream", fmt.Sprintf(`{"StreamName":"${s}","ShardCount":%d}`, c.shards))
		k.settle("${s}")
	}
	for i, s := range c.steps {
		switch s.op {
		case "settle":
			k.settle(cmp.Or(s.in, "${s}"))
		case "gone":
			k.wait(s.in, func(status int, body string) bool { return strings.Contains(body, notFound) })
		case "later":
			k.pause(20 * time.Millisecond)
		case "second":
			k.pause(1020 * time.Millisecond)
		case "five minutes":
			if k.clock != nil {
				k.clock.advance(5*time.Minute + time.Second)
			}
		default:
			k.step(i, s)
		}
		if k.late {
			return
		}
	}
}

func (k *conversation) step(i int, s step) {
	want, asked := s.expectation(k.server)
	if !asked {
		return
	}
	if !s.soon {
		k.changed = time.Now()
	}
	status, body := k.send(s.op, s.in)
	k.requests++
	if wrong := k.judge(want, status, body); len(wrong) > 0 {
		if s.soon && k.clock == nil && time.Since(k.changed) > shortestChange {
			k.late = true
			return
		}
		k.t.Errorf("step %d, %s %.200s:\n  %s\n  answer %d %.600s", i, s.op, k.expand(s.in), strings.Join(wrong, "\n  "), status, body)
	}
}

// shortestChange is less than what a real server takes to make or change a
// stream: LocalStack half a second.
const shortestChange = 300 * time.Millisecond

// judge compares an answer with what is wanted.
func (k *conversation) judge(want answer, status int, body string) (wrong []string) {
	if status != want.status {
		wrong = append(wrong, fmt.Sprintf("status %d, want %d %s", status, want.status, want.code))
	}
	if want.code != "" {
		if got := errorCode(body); got != want.code {
			wrong = append(wrong, fmt.Sprintf("error %q, want %q", got, want.code))
		}
		return wrong
	}
	if want.pattern == "" || status != want.status {
		return wrong // an answer without a body of interest
	}
	got, err := decodeJSON(body)
	if err != nil {
		return append(wrong, fmt.Sprintf("the body is no JSON: %v", err))
	}
	pattern, err := decodeJSON(k.expand(want.pattern))
	if err != nil {
		k.t.Fatalf("the pattern %s is no JSON: %v", k.expand(want.pattern), err)
	}
	return append(wrong, match("", got, pattern, k.vars)...)
}

// errorCode reads an error's type as SDKs do: without namespace or address.
func errorCode(body string) string {
	v, _ := decodeJSON(body)
	m, _ := v.(map[string]any)
	code, _ := m["__type"].(string)
	code, _, _ = strings.Cut(code, ":")
	return code[strings.LastIndexByte(code, '#')+1:]
}

// settle waits until a stream is ACTIVE.
func (k *conversation) settle(stream string) {
	k.wait(stream, func(_ int, body string) bool { return activeStatus.MatchString(body) })
}

var activeStatus = regexp.MustCompile(`"StreamStatus":\s*"ACTIVE"`)

func (k *conversation) wait(stream string, done func(status int, body string) bool) {
	k.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; k.pause(50 * time.Millisecond) {
		status, body := k.send("DescribeStreamSummary", `{"StreamName":"`+stream+`"}`)
		if done(status, body) {
			return
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("stream %s: after 30 s still %d %s", k.expand(stream), status, body)
		}
	}
}

func (k *conversation) pause(d time.Duration) {
	if k.clock != nil {
		k.clock.advance(d)
		return
	}
	time.Sleep(d)
}

func (k *conversation) must(op, in string) {
	k.t.Helper()
	if status, body := k.send(op, in); status != http.StatusOK {
		k.t.Fatalf("%s %s: %d %s", op, k.expand(in), status, body)
	}
}

// clean removes the case's streams, so that shard limits hold for all cases.
func (k *conversation) clean() {
	for _, suffix := range []string{"", "-a", "-b"} {
		k.send("DeleteStream", `{"StreamName":"${s}`+suffix+`","EnforceConsumerDeletion":true}`)
	}
}

func (k *conversation) send(op, in string) (status int, body string) {
	k.t.Helper()
	request := []byte(k.expand(in))
	var err error
	if k.contentType == cborType {
		if request, err = toCBOR(string(request)); err != nil {
			k.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(http.MethodPost, k.url, bytes.NewReader(request))
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+op)
	r.Header.Set("Content-Type", k.contentType)
	// Neither server checks signatures; LocalStack reads service and region from this.
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		k.t.Fatalf("%s: %v", op, err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		k.t.Fatalf("%s: read the answer: %v", op, err)
	}
	if k.contentType != cborType {
		return answer.StatusCode, string(b)
	}
	text, err := fromCBOR(b)
	if err != nil {
		k.t.Fatalf("%s: %v", op, err)
	}
	return answer.StatusCode, text
}

// variable is ${name}, or a generator with its argument: ${data:N} N bytes in
// base64, ${key:N} N letters, ${wide:N} N letters of two bytes, ${entries:N}
// and ${entries:NxB} N entries of PutRecords of B bytes of data.
var variable = regexp.MustCompile(`\$\{(\w+)(?::([^}]+))?\}`)

func (k *conversation) expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(v string) string {
		parts := variable.FindStringSubmatch(v)
		count, size, _ := strings.Cut(parts[2], "x")
		n, _ := strconv.Atoi(count)
		switch parts[1] {
		case "data":
			return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{'x'}, n))
		case "key":
			return strings.Repeat("k", n)
		case "wide":
			return strings.Repeat("ü", n)
		case "entries":
			b, _ := strconv.Atoi(size)
			data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{'x'}, b))
			entry := `{"PartitionKey":"k","Data":"` + data + `"}`
			return "[" + strings.TrimSuffix(strings.Repeat(entry+",", n), ",") + "]"
		}
		value, there := k.vars[parts[1]]
		if !there {
			k.t.Fatalf("%s: no earlier answer gave this variable", v)
		}
		return value
	})
}
