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
	"sync/atomic"
	"testing"
	"time"
)

// surroundings are the three that the function meets: Lambda, which hands over one event and
// takes its end; CloudFormation, which takes the answer; and the managed service, which has
// no application any more.
type surroundings struct {
	event  []byte
	handed atomic.Bool
	signed chan string // the signature of the one request
	answer chan map[string]any
	ended  chan string
}

func (s *surroundings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/invocation/next"):
		if s.handed.Swap(true) {
			<-r.Context().Done() // nothing more to do, until the function is ended
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()))
		_, _ = w.Write(s.event)
	case strings.Contains(path, "/runtime/"):
		w.WriteHeader(http.StatusAccepted)
		s.ended <- path[strings.LastIndex(path, "/")+1:]
	case path == "/answer":
		var a map[string]any
		_ = json.Unmarshal(body, &a)
		s.answer <- a
	default:
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type": "ResourceNotFoundException", "message": "no such application"}`)
		s.signed <- r.Header.Get("X-Amz-Target") + " " + r.Header.Get("Authorization")
	}
}

// Ensure the program itself, as Lambda runs it, takes an event, asks the service with the
// credentials of its role, answers and ends the call.
func TestFunction(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := &surroundings{signed: make(chan string, 9), answer: make(chan map[string]any, 9), ended: make(chan string, 9)}
	server := httptest.NewUnstartedServer(s)
	s.event = fmt.Appendf(nil, `{"RequestType": "Delete", "ResponseURL": "http://%s/answer", "StackId": "s", "RequestId": "r", "ResourceType": "Custom::FlinkRun",
		"LogicalResourceId": "Run", "PhysicalResourceId": "TaxiStream-flink", "ResourceProperties": {"ServiceToken": "t", "ServiceTimeout": "1020",
		"Application": "TaxiStream-flink", "Code": "x.jar", "Flags": {"stream": "trips"}, "Release": "0", "Settings": "2"}}`, server.Listener.Addr())
	server.Start()
	t.Cleanup(server.Close)
	function := exec.CommandContext(t.Context(), program)
	function.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+server.Listener.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=flink", "AWS_ENDPOINT_URL="+server.URL,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_PROFILE=")
	var log strings.Builder
	function.Stdout, function.Stderr = &log, &log
	if err := function.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- function.Wait() }() // ends with the program
	var ended string
	select {
	case ended = <-s.ended:
	case err := <-exited:
		t.Fatalf("the function ended before its call: %v\n%s", err, log.String())
	}
	answer, signed := <-s.answer, <-s.signed
	_ = function.Process.Kill() // as Lambda ends an idle one
	<-exited
	server.CloseClientConnections()
	if ended != "response" || answer["Status"] != "SUCCESS" || answer["PhysicalResourceId"] != "TaxiStream-flink" {
		t.Errorf("the call ended with %s, the answer is %v\n%s", ended, answer, log.String())
	}
	if !strings.HasPrefix(signed, "KinesisAnalytics_20180523.DescribeApplication ") || !strings.Contains(signed, "/eu-west-1/kinesisanalytics/aws4_request") {
		t.Errorf("the service was asked by %q", signed)
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "/answer") {
		t.Errorf("the log tells a secret: %s", log.String())
	}
}
