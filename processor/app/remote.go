package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"taxistream/internal/flags"
)

// remote is a running processor, as the verbs reach it: by its -listen.
type remote struct {
	address string
	token   string
	client  *http.Client
}

func newRemote(address string) *remote {
	// A proxy is for the way out, and a connection is not kept by who ends with its answer.
	return &remote{address: address, client: &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}}
}

// CaughtUpAt waits for a processor of another process as Processor.CaughtUp does.
func CaughtUpAt(ctx context.Context, address string) (c CaughtUp, err error) {
	return c, newRemote(address).call(ctx, http.MethodPost, "/caughtup", nil, &c)
}

// remoteFlags adds the flags of a verb that asks a running processor.
func remoteFlags(set *flags.Set) func() (*remote, error) {
	address := set.String("address", "127.0.0.1:8081", "`host:port` of the processor, its -listen")
	file := set.String("listen-token-file", "", "`file` with the Bearer token, as the processor's")
	return func() (*remote, error) {
		r := newRemote(*address)
		if _, _, err := net.SplitHostPort(*address); err != nil {
			return nil, fmt.Errorf("-address %s: write host:port", *address)
		}
		if *file == "" {
			return r, nil
		}
		token, err := os.ReadFile(*file)
		if err != nil {
			return nil, fmt.Errorf("-listen-token-file: %w", err)
		}
		r.token = strings.TrimSpace(string(token))
		return r, nil
	}
}

// answerLimit is more than any answer has that a verb reads.
const answerLimit = 16 << 20

// call makes a request and decodes its JSON answer into out; nil: it is of no interest.
func (r *remote) call(ctx context.Context, method, path string, in, out any) error {
	data, err := r.ask(ctx, method, path, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("read the answer of %s: %w; is it a processor?", r.url(path), err)
	}
	return nil
}

func (r *remote) url(path string) string { return "http://" + r.address + path }

// ask makes a request and returns the answer, which is an error unless its status is 2xx.
func (r *remote) ask(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, r.url(path), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("-address %s: write host:port", r.address)
	}
	request.Header.Set("Content-Type", "application/json")
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("no processor answers: %w; is it running with -listen %s?", err, r.address)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.url(path), err)
	}
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s answers %s: %s", r.url(path), response.Status, errorText(data))
	}
	return data, nil
}

// errorText is what an answer says, in Flink's shape of errors or in plain text.
func errorText(data []byte) string {
	var e struct{ Errors []string }
	if json.Unmarshal(data, &e) == nil && len(e.Errors) > 0 {
		return strings.Join(e.Errors, "; ")
	}
	return strings.TrimSpace(string(data))
}

// jobLine is a job as /jobs/overview has it.
type jobLine struct {
	ID        string `json:"jid"`
	Name      string `json:"name"`
	State     string `json:"state"`
	StartTime int64  `json:"start-time"`
	Tasks     struct{ Total int }
}

func (r *remote) jobs(ctx context.Context) ([]jobLine, error) {
	var answer struct{ Jobs []jobLine }
	err := r.call(ctx, http.MethodGet, "/jobs/overview", nil, &answer)
	if err == nil && len(answer.Jobs) == 0 {
		err = fmt.Errorf("%s has no job: is it a processor?", r.address)
	}
	return answer.Jobs, err
}

// path is that of the processor's job.
func (r *remote) path(ctx context.Context) (string, error) {
	jobs, err := r.jobs(ctx)
	if err != nil {
		return "", err
	}
	return "/jobs/" + jobs[0].ID, nil
}

// outcome is what became of a request that was begun.
type outcome struct {
	Status    struct{ ID string }
	Operation struct {
		Location string
		Cause    struct {
			Text string `json:"stack-trace"`
		} `json:"failure-cause"`
	}
}

// askEvery is the time between two questions what became of a request.
const askEvery = 100 * time.Millisecond

// begin makes a request whose end is waited for, and returns where its result is; kind is the
// part of the path at which its end is asked for.
func (r *remote) begin(ctx context.Context, method, path, kind string, in any) (location string, err error) {
	job, err := r.path(ctx)
	if err != nil {
		return "", err
	}
	var begun struct {
		ID string `json:"request-id"`
	}
	if err := r.call(ctx, method, job+path, in, &begun); err != nil {
		return "", err
	}
	for {
		var o outcome
		if err := r.call(ctx, http.MethodGet, job+"/"+kind+"/"+begun.ID, nil, &o); err != nil {
			return "", r.lost(err)
		}
		switch {
		case o.Status.ID != "COMPLETED":
		case o.Operation.Cause.Text != "":
			return "", errors.New(o.Operation.Cause.Text)
		default:
			return o.Operation.Location, nil
		}
		select {
		case <-time.After(askEvery):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// lost explains a processor that went away before it told what became of a request.
func (r *remote) lost(err error) error {
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return fmt.Errorf("the processor at %s ended before it told what became of the request; its log says", r.address)
	}
	return err
}
