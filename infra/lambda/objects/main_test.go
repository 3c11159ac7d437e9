package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// lambdaService stands for the three that the function meets: Lambda, which hands
// over one event and takes its end; CloudFormation, which takes the answer; and
// the domain, which knows nothing and so lets deletions succeed.
type lambdaService struct {
	mu         sync.Mutex
	event      []byte
	handed     bool
	signatures []string
	answer     chan map[string]any
	ended      chan string
}

func (l *lambdaService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/invocation/next") && l.handed:
		l.mu.Unlock()
		<-r.Context().Done() // nothing more to do, until the function is ended
		l.mu.Lock()
	case strings.HasSuffix(path, "/invocation/next"):
		l.handed = true
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		_, _ = w.Write(l.event)
	case strings.Contains(path, "/runtime/"):
		w.WriteHeader(http.StatusAccepted)
		l.ended <- path[strings.LastIndex(path, "/")+1:] + " " + string(body)
	case path == "/answer":
		var a map[string]any
		_ = json.Unmarshal(body, &a)
		l.answer <- a
	default:
		l.signatures = append(l.signatures, r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusNotFound)
	}
}

// Ensure the program itself, as Lambda runs it, takes an event, signs what it
// sends to the domain with the credentials of its role, answers and ends the call.
func TestFunction(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bootstrap")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l := &lambdaService{answer: make(chan map[string]any, 1), ended: make(chan string, 1)}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.mu.Lock()
	l.event = fmt.Appendf(nil, `{"RequestType": "Delete", "ResponseURL": %q, "StackId": "s", "RequestId": "r", "ResourceType": "Custom::SearchAccess",
		"LogicalResourceId": "Writes", "PhysicalResourceId": "taxi-trips-writer-P", "ResourceProperties": {
		"ServiceToken": "t", "ServiceTimeout": "720", "Endpoint": %q, "Prefix": "", "Release": "0", "Access": "writer", "Role": "arn:aws:iam::123456789012:role/P"}}`,
		server.URL+"/answer", server.URL)
	l.mu.Unlock()
	function := exec.CommandContext(t.Context(), program)
	function.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=objects",
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token")
	var log strings.Builder
	function.Stdout, function.Stderr = &log, &log
	if err := function.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- function.Wait() }() // ends with the program
	var ended string
	select {
	case ended = <-l.ended:
	case err := <-exited:
		t.Fatalf("the function ended before its call: %v\n%s", err, log.String())
	}
	answer := <-l.answer
	_ = function.Process.Kill() // as Lambda ends an idle one
	<-exited
	server.CloseClientConnections()
	if answer["Status"] != "SUCCESS" || answer["PhysicalResourceId"] != "taxi-trips-writer-P" || !strings.HasPrefix(ended, "response ") {
		t.Errorf("the answer is %v, the call ended with %s\n%s", answer, ended, log.String())
	}
	if len(l.signatures) != 2 {
		t.Errorf("%d requests came to the domain, want those for mapping and role", len(l.signatures))
	}
	for _, s := range l.signatures {
		if !strings.Contains(s, "/eu-west-1/es/aws4_request") || !strings.Contains(s, "x-amz-security-token") {
			t.Errorf("a request to the domain is signed by %q", s)
		}
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "/answer") {
		t.Errorf("the log tells a secret: %s", log.String())
	}
}
