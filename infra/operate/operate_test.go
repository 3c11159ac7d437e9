package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taxistream/internal/flags"
	"taxistream/internal/opensearch"
)

// account is a deployment as the AWS CLI shows it: its stream takes steps of at most double
// or half, as Kinesis does.
type account struct {
	shards   int
	mode     string
	producer string // arn of a task that runs
	fails    string // the beginning of a command

	containers string // of the task
	calls      []string
}

func (a *account) run(_ context.Context, args ...string) ([]byte, error) {
	call := strings.Join(args, " ")
	a.calls = append(a.calls, call)
	if a.fails != "" && strings.HasPrefix(call, a.fails) {
		return nil, errors.New("aws: refused")
	}
	switch args[1] {
	case "describe-stacks":
		return []byte(`[{"OutputKey":"ClusterName","OutputValue":"C"},{"OutputKey":"ServiceName","OutputValue":"S"},{"OutputKey":"StreamName","OutputValue":"T"},{"OutputKey":"Shards","OutputValue":"6"}]`), nil
	case "list-tasks":
		if a.producer != "" {
			return []byte(`["` + a.producer + `"]`), nil
		}
		return []byte(`[]`), nil
	case "describe-tasks":
		return []byte(a.containers), nil
	case "describe-stream-summary":
		return fmt.Appendf(nil, `{"StreamDescriptionSummary":{"OpenShardCount":%d,"StreamModeDetails":{"StreamMode":"%s"}}}`, a.shards, a.mode), nil
	case "update-shard-count":
		to, _ := strconv.Atoi(args[slices.Index(args, "--target-shard-count")+1])
		if to > 2*a.shards || 2*to < a.shards {
			return nil, errors.New("aws: An error occurred (LimitExceededException)")
		}
		a.shards = to
	}
	return []byte(`{}`), nil
}

func (a *account) deployment(say *bytes.Buffer) *deployment {
	return &deployment{name: "TaxiStream", call: a.run, say: say}
}

// What was stopped costs no task and one shard, and comes back as it was deployed.
func TestStopAndStart(t *testing.T) {
	var said bytes.Buffer
	a := &account{shards: 6, mode: "PROVISIONED"}
	if err := stop(t.Context(), a.deployment(&said)); err != nil || a.shards != 1 {
		t.Fatalf("%v, %d shards", err, a.shards)
	}
	calls := strings.Join(a.calls, "\n")
	for _, want := range []string{"disable-alarm-actions --alarm-names TaxiStream-processor-down", "update-service --cluster C --service S --desired-count 0", "wait services-stable --cluster C --services S"} {
		if !strings.Contains(calls, want) {
			t.Errorf("stop did not %s:\n%s", want, calls)
		}
	}
	a.calls = nil
	if err := start(t.Context(), a.deployment(&said)); err != nil || a.shards != 6 {
		t.Fatalf("%v, %d shards", err, a.shards)
	}
	calls = strings.Join(a.calls, "\n")
	split, serve := strings.Index(calls, "--target-shard-count 6"), strings.Index(calls, "--desired-count 1")
	if split < 0 || serve < split || !strings.Contains(calls, "enable-alarm-actions") {
		t.Errorf("start:\n%s", calls)
	}
}

func TestStop_OnDemand(t *testing.T) {
	var said bytes.Buffer
	a := &account{shards: 4, mode: "ON_DEMAND"}
	if err := stop(t.Context(), a.deployment(&said)); err != nil || a.shards != 4 {
		t.Errorf("%v, %d shards", err, a.shards)
	}
}

// A producer that runs would write to what nobody reads; and what AWS refuses is told.
func TestStop_Refuses(t *testing.T) {
	for _, test := range []struct {
		a    account
		want string
	}{
		{account{shards: 8, producer: "arn:task"}, "a producer runs already"},
		{account{shards: 8, fails: "ecs update-service"}, "set the number of tasks: aws: refused"},
		{account{shards: 8, fails: "ecs wait"}, "wait for the processor"},
		{account{shards: 8, fails: "kinesis update"}, "change 8 shards to 4 (Kinesis takes ten changes in 24 hours"},
	} {
		if err := stop(t.Context(), test.a.deployment(&bytes.Buffer{})); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}

// The control room is forwarded from the container beside the processor that runs.
func TestRoom(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	var said bytes.Buffer
	a := &account{producer: "arn:aws:ecs:us-east-1:123456789012:task/C/0123abcd", containers: `[{"name":"processor","runtimeId":"0123abcd-1"},{"name":"gate","runtimeId":"0123abcd-2"}]`}
	var command string
	attach := func(args ...string) error { command = strings.Join(args, " "); return nil }
	if err := a.deployment(&said).room(t.Context(), 9000, attach); err == nil || !strings.Contains(err.Error(), "Session Manager plugin is not there") {
		t.Errorf("without the plugin: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "session-manager-plugin"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := a.deployment(&said).room(t.Context(), 9000, attach); err != nil {
		t.Fatal(err)
	}
	const want = "ssm start-session --target ecs:C_0123abcd_0123abcd-2 --document-name AWS-StartPortForwardingSession --parameters portNumber=8081,localPortNumber=9000"
	if command != want || said.String() != "control room  http://127.0.0.1:9000/\n" {
		t.Errorf("it ran %s, and said %s", command, &said)
	}
	for _, test := range []struct {
		a    account
		want string
	}{
		{account{}, "no processor runs"},
		{account{producer: "arn/x", containers: `[{"name":"processor","runtimeId":"1"}]`}, "room.forward=true"},
		{account{fails: "ecs list"}, "list the processor's tasks"},
	} {
		if err := test.a.deployment(&said).room(t.Context(), 1, attach); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}

// What is no request is said before anything is called; a refusal says what to look at.
func TestSearch_Refuses(t *testing.T) {
	for _, line := range []string{"", "GET", "GET _cat/allocation", "PATCH /x", "GET /x {} more"} {
		var out, errs bytes.Buffer
		if status := Search(t.Context(), strings.Fields(line), strings.NewReader(""), &out, &errs); status != flags.StatusUsage || !strings.Contains(errs.String(), "METHOD PATH") {
			t.Errorf("%q: status %d, %s", line, status, &errs)
		}
	}
	if err := lettingIn(&opensearch.Error{Status: http.StatusForbidden}); !strings.Contains(err.Error(), "search.operators") {
		t.Errorf("got %v", err)
	}
}
