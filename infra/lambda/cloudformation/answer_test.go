package cloudformation_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/infra/lambda/cloudformation"
)

// mailbox stands for the presigned address. It fails as often as it is told.
type mailbox struct {
	failures int
	hangUp   bool

	mu      sync.Mutex // a connection hung up on may not have ended when the next one asks
	answers []cloudformation.Answer
	sizes   []int
	asked   int
	header  http.Header
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	if m.asked <= m.failures {
		if m.hangUp {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var a cloudformation.Answer
	if err := json.Unmarshal(body, &a); err != nil || r.Method != http.MethodPut {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m.answers, m.sizes, m.header = append(m.answers, a), append(m.sizes, len(body)), r.Header
}

// now is when the tests take place.
var now = time.Now()

func serve(ctx context.Context, t *testing.T, m *mailbox, handle cloudformation.Handler) (cloudformation.Answer, error) {
	t.Helper()
	server := httptest.NewServer(m)
	defer server.Close()
	var log strings.Builder
	a := cloudformation.Answerer{
		HTTP: server.Client(), Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: func() time.Time { return now },
		Wait: func(context.Context, time.Duration) {},
	}
	err := a.Serve(ctx, cloudformation.Event{
		RequestType: cloudformation.Update, ResponseURL: server.URL + "/?Signature=secret", StackID: "stack", RequestID: "request",
		LogicalResourceID: "Dashboard", ResourceType: "Custom::X", PhysicalResourceID: "before",
	}, handle)
	var got cloudformation.Answer
	if len(m.answers) == 1 {
		got = m.answers[0]
	} else if err == nil {
		t.Errorf("%d answers arrived, want one", len(m.answers))
	}
	if strings.Contains(log.String(), "secret") || err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the presigned address is told: %s, %v", log.String(), err)
	}
	return got, err
}

// Ensure each end of a handler is one answer that CloudFormation understands.
func TestServe(t *testing.T) {
	for _, c := range []struct {
		name   string
		handle cloudformation.Handler
		want   cloudformation.Answer
	}{
		{"Success", func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
			return cloudformation.Result{PhysicalID: "id", Data: map[string]string{"Address": "https://x"}}, nil
		}, cloudformation.Answer{Status: "SUCCESS", PhysicalResourceID: "id", Data: map[string]string{"Address": "https://x"}}},
		{"NoID", func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
			return cloudformation.Result{}, nil
		}, cloudformation.Answer{Status: "SUCCESS", PhysicalResourceID: "before"}},
		{"Failure", func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
			return cloudformation.Result{PhysicalID: "id", Data: map[string]string{"Address": "x"}}, errors.New("put role r at https://d:\nstatus 400; look")
		}, cloudformation.Answer{Status: "FAILED", Reason: "put role r at https://d: status 400; look", PhysicalResourceID: "id"}},
		{"Panic", func(context.Context, cloudformation.Event) (cloudformation.Result, error) { panic("oh") }, cloudformation.Answer{
			Status: "FAILED", Reason: "Update Dashboard: panic: oh: see the function's log", PhysicalResourceID: "before",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &mailbox{}
			got, err := serve(t.Context(), t, m, c.handle)
			if err != nil {
				t.Fatal(err)
			}
			c.want.StackID, c.want.RequestID, c.want.LogicalResourceID = "stack", "request", "Dashboard"
			g, _ := json.Marshal(got)
			w, _ := json.Marshal(c.want)
			if string(g) != string(w) {
				t.Errorf("got %s, want %s", g, w)
			}
			// S3 would refuse a signature that was made without it.
			if kind := m.header.Get("Content-Type"); kind != "" {
				t.Errorf("Content-Type %q", kind)
			}
		})
	}
}

// Ensure the handler ends, with an answer, before the function's time does.
func TestServe_Deadline(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(time.Minute))
	defer cancel()
	got, err := serve(ctx, t, &mailbox{}, func(ctx context.Context, _ cloudformation.Event) (cloudformation.Result, error) {
		end, ok := ctx.Deadline()
		if left := now.Add(time.Minute).Sub(end); !ok || left < 10*time.Second {
			t.Errorf("the handler's time ends %v before the function's", left)
		}
		return cloudformation.Result{}, context.DeadlineExceeded
	})
	if err != nil || got.Status != cloudformation.Failed || !strings.Contains(got.Reason, "see its log") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Ensure an answer that is lost is sent again, and one that never arrives is an
// error, after which Lambda runs the function again.
func TestServe_Lost(t *testing.T) {
	fine := func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
		return cloudformation.Result{PhysicalID: "id"}, nil
	}
	for _, c := range []struct {
		name     string
		failures int
		hangUp   bool
		want     string
	}{
		{"Once", 1, false, ""},
		{"HangsUp", 2, true, ""},
		{"Never", 100, false, "answer CloudFormation, attempt 4: status 503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := serve(t.Context(), t, &mailbox{failures: c.failures, hangUp: c.hangUp}, fine)
			if c.want == "" && (err != nil || got.Status != cloudformation.Success) || c.want != "" && (err == nil || err.Error() != c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Ensure the longest answer is one that CloudFormation takes: 4,096 bytes.
func TestServe_Long(t *testing.T) {
	m := &mailbox{}
	got, err := serve(t.Context(), t, m, func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
		return cloudformation.Result{PhysicalID: strings.Repeat("i", 300)}, errors.New(strings.Repeat(`é"`, 3000))
	})
	if err != nil || m.sizes[0] > 4096 || !strings.HasSuffix(got.Reason, "…") {
		t.Errorf("%d bytes, %v, %q", m.sizes[0], err, got.Reason)
	}
}

// Ensure an event without a usable address fails without telling it.
func TestServe_NoURL(t *testing.T) {
	a := cloudformation.Answerer{HTTP: http.DefaultClient, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }, Wait: func(context.Context, time.Duration) {}}
	err := a.Serve(t.Context(), cloudformation.Event{ResponseURL: "http://x\x7f/secret"}, func(context.Context, cloudformation.Event) (cloudformation.Result, error) {
		return cloudformation.Result{}, nil
	})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
