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

	flink   string   // an application's status: the edition flink
	becomes []string // its next ones
}

func (a *account) run(_ context.Context, args ...string) ([]byte, error) {
	call := strings.Join(args, " ")
	a.calls = append(a.calls, call)
	if a.fails != "" && strings.HasPrefix(call, a.fails) {
		return nil, errors.New("aws: refused")
	}
	if args[0] == "kinesisanalyticsv2" {
		return a.job(args), nil
	}
	switch args[1] {
	case "describe-stacks":
		if a.flink != "" {
			return []byte(`[{"OutputKey":"ClusterName","OutputValue":"C"},{"OutputKey":"ApplicationName","OutputValue":"F"},{"OutputKey":"StreamName","OutputValue":"T"},{"OutputKey":"Shards","OutputValue":"6"}]`), nil
		}
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

// job answers for the application of the edition flink.
func (a *account) job(args []string) []byte {
	switch args[1] {
	case "describe-application":
		if len(a.becomes) > 0 {
			a.flink, a.becomes = a.becomes[0], a.becomes[1:]
		}
		return fmt.Appendf(nil, "%q", a.flink)
	case "list-application-snapshots":
		return []byte(`["READY"]`)
	case "stop-application":
		a.flink, a.becomes = "STOPPING", []string{"STOPPING", "READY"}
	case "start-application":
		a.flink, a.becomes = "STARTING", []string{"STARTING", "RUNNING"}
	}
	return []byte(`{}`)
}

// The job on Flink stops with a snapshot, without its alarm, and goes on from it; in any
// status it is the same when it is asked again.
func TestStopAndStart_Flink(t *testing.T) {
	a := &account{shards: 2, mode: "PROVISIONED", flink: "RUNNING"}
	d := a.deployment(&bytes.Buffer{})
	for range 2 {
		if err := stop(t.Context(), d); err != nil || a.flink != "READY" || a.shards != 1 {
			t.Fatalf("%v, %s, %d shards", err, a.flink, a.shards)
		}
	}
	for range 2 {
		if err := start(t.Context(), d); err != nil || a.flink != "RUNNING" || a.shards != 6 {
			t.Fatalf("%v, %s, %d shards", err, a.flink, a.shards)
		}
	}
	calls := strings.Join(a.calls, "\n")
	for want, times := range map[string]int{
		"kinesisanalyticsv2 stop-application --application-name F": 1, "RESTORE_FROM_LATEST_SNAPSHOT": 1, "TaxiStream-flink-down": 4, "ecs update-service": 0,
	} {
		if n := strings.Count(calls, want); n != times {
			t.Errorf("%d times %s, want %d:\n%s", n, want, times, calls)
		}
	}
	_, err := d.gate(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the edition flink has no control room: aws kinesisanalyticsv2 create-application-presigned-url --application-name F") {
		t.Errorf("the control room: %v", err)
	}
}

// A job that does not come up, or is being changed, is told.
func TestStart_FlinkFails(t *testing.T) {
	a := &account{flink: "STARTING", becomes: []string{"STARTING", "READY"}}
	if err := a.deployment(&bytes.Buffer{}).serveFlink(t.Context(), "F", true); err != nil || a.flink != "RUNNING" {
		t.Errorf("one that was ready at last: %v, %s", err, a.flink)
	}
	a = &account{flink: "ROLLED_BACK"}
	if err := a.deployment(&bytes.Buffer{}).serveFlink(t.Context(), "F", true); err == nil || !strings.Contains(err.Error(), "application F is ROLLED_BACK") {
		t.Errorf("got %v", err)
	}
	a = &account{flink: "UPDATING"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.deployment(&bytes.Buffer{}).serveFlink(ctx, "F", true); err == nil {
		t.Error("no error after the end")
	}
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
