package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/infra/lambda/cloudformation"
)

const (
	anew = `start {"ApplicationRestoreConfiguration":{"ApplicationRestoreType":"SKIP_RESTORE_FROM_SNAPSHOT"},"FlinkRunConfiguration":{"AllowNonRestoredState":false}}`
	goOn = `start {"ApplicationRestoreConfiguration":{"ApplicationRestoreType":"RESTORE_FROM_LATEST_SNAPSHOT"},"FlinkRunConfiguration":{"AllowNonRestoredState":false}}`
)

// event is one of an application with this jar.
func event(request, code string) cloudformation.Event {
	e := cloudformation.Event{
		RequestType: request, LogicalResourceID: "Run", ResourceType: "Custom::FlinkRun",
		Properties: fmt.Appendf(nil, `{"ServiceToken": "t", "Application": "taxi-flink", "Code": %q, "Flags": {"stream": "trips"}, "Settings": "2 60000"}`, code),
	}
	if request != cloudformation.Create {
		e.PhysicalResourceID = "taxi-flink"
	}
	return e
}

// What each request comes to, for whatever it finds there: the calls that change something,
// the status at the end, and the error, if any.
func TestRunner(t *testing.T) {
	const create, update, remove = cloudformation.Create, cloudformation.Update, cloudformation.Delete
	for _, test := range []struct {
		name, request, status string
		set                   func(*managed)
		calls                 []string
		ends, fails           string
	}{
		{"a new one starts without a snapshot", create, "READY", nil, []string{anew}, "RUNNING", ""},
		{"one that comes twice runs already", create, "RUNNING", nil, nil, "RUNNING", ""},
		{"one that is just starting is waited for", create, "STARTING", func(m *managed) { m.next = []string{"STARTING", "RUNNING"} }, nil, "RUNNING", ""},
		{"one that was stopped goes on from its snapshot", create, "READY", func(m *managed) { m.snapshots = []string{"CREATING", "READY"} }, []string{goOn}, "RUNNING", ""},
		{"a snapshot that failed is none", create, "READY", func(m *managed) { m.snapshots = []string{"FAILED"} }, []string{anew}, "RUNNING", ""},
		{
			"one that does not start says why", create, "READY", func(m *managed) { m.breaksAt = "processor: the templates have other rules" },
			[]string{anew},
			"READY", "did not start and is READY: processor: the templates have other rules; its log group says why",
		},
		{"an update by the service is waited for", update, "UPDATING", func(m *managed) { m.next = []string{"UPDATING", "UPDATING", "RUNNING"} }, nil, "RUNNING", ""},
		{"scaling is waited for", update, "AUTOSCALING", func(m *managed) { m.next = []string{"AUTOSCALING", "RUNNING"} }, nil, "RUNNING", ""},
		{"a stopped one is started by an update", update, "READY", func(m *managed) { m.snapshots = []string{"READY"} }, []string{goOn}, "RUNNING", ""},
		{
			"an update that was taken back has failed", update, "UPDATING", func(m *managed) {
				m.next, m.failed = []string{"ROLLING_BACK", "RUNNING"}, "no suitable constructor"
				m.code = "jar-0"
			}, nil, "RUNNING", "is RUNNING, and not as the template has it: its last update failed and was taken back: no suitable constructor;",
		},
		{
			"so has one of the flags alone", update, "RUNNING", func(m *managed) { m.flags = map[string]string{"stream": "trips", "max-duration": "1h"} },
			nil, "RUNNING", "not as the template has it",
		},
		{"rolled back", update, "ROLLED_BACK", nil, nil, "ROLLED_BACK", "is ROLLED_BACK, and not as"},
		{"what may not be asked is named", update, "RUNNING", func(m *managed) { m.denies = "DescribeApplication" }, nil, "RUNNING", "kinesisanalytics:DescribeApplication"},
		{"a start that is refused", create, "READY", func(m *managed) { m.denies = "StartApplication" }, nil, "READY", "start application taxi-flink: "},
		{"stops with a snapshot", remove, "RUNNING", nil, []string{"stop false"}, "READY", ""},
		{"one that has stopped stays so", remove, "READY", nil, nil, "READY", ""},
		{"one that is gone is gone", remove, "READY", func(m *managed) { m.gone = true }, nil, "READY", ""},
		{"one that is being deleted is left", remove, "DELETING", nil, nil, "DELETING", ""},
		{"a start is waited for", remove, "STARTING", func(m *managed) { m.next = []string{"STARTING", "RUNNING"} }, []string{"stop false"}, "READY", ""},
		{"no snapshot comes about", remove, "RUNNING", func(m *managed) { m.sticks = true }, []string{"stop false", "stop true"}, "READY", ""},
		{"it changes without end", remove, "AUTOSCALING", func(m *managed) { m.never = true }, []string{"stop true"}, "READY", ""},
		{"it may not be stopped", remove, "RUNNING", func(m *managed) { m.denies = "StopApplication" }, nil, "RUNNING", "kinesisanalytics:StopApplication"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newManaged(t, test.status)
			if test.set != nil {
				test.set(m)
			}
			result, err := m.runner().Handle(t.Context(), event(test.request, "jar-1"))
			if result.PhysicalID != "taxi-flink" {
				t.Errorf("the resource is %q", result.PhysicalID)
			}
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("got %v, want %q", err, test.fails)
			}
			if !slices.Equal(m.calls, test.calls) || m.status != test.ends {
				t.Errorf("calls %q, status %s; want %q, %s", m.calls, m.status, test.calls, test.ends)
			}
		})
	}
}

// A life: made, changed by the service, stopped by hand and changed again, deleted, each
// request twice.
func TestRunner_Life(t *testing.T) {
	m := newManaged(t, "READY")
	r := m.runner()
	handle := func(request, code string) {
		t.Helper()
		for range 2 {
			if _, err := r.Handle(t.Context(), event(request, code)); err != nil {
				t.Fatalf("%s: %v", request, err)
			}
		}
	}
	handle(cloudformation.Create, "jar-1")
	m.code, m.status, m.next = "jar-2", "UPDATING", []string{"UPDATING", "RUNNING"}
	handle(cloudformation.Update, "jar-2")
	m.status, m.snapshots = "READY", []string{"READY"}
	m.code = "jar-3"
	handle(cloudformation.Update, "jar-3")
	handle(cloudformation.Delete, "jar-3")
	m.gone = true
	handle(cloudformation.Delete, "jar-3")
	if want := []string{anew, goOn, "stop false"}; !slices.Equal(m.calls, want) {
		t.Errorf("calls %q, want %q", m.calls, want)
	}
}

// A change that does not end in the function's time is told as such.
func TestRunner_TimeIsOver(t *testing.T) {
	m := newManaged(t, "UPDATING")
	m.never = true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := m.runner()
	r.Pause = time.Hour
	m.seen = func() { go cancel() } // while the runner waits, or already looks
	_, err := r.Handle(ctx, event(cloudformation.Update, "jar-1"))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "application taxi-flink") {
		t.Errorf("got %v", err)
	}
	if len(m.calls) > 0 {
		t.Errorf("calls %q", m.calls)
	}
}

// Requests of what is no application change nothing; a deletion of it succeeds.
func TestRunner_NoApplication(t *testing.T) {
	m := newManaged(t, "RUNNING")
	r := m.runner()
	for _, properties := range []string{`{}`, `[]`, `{"Application": ""}`} {
		e := event(cloudformation.Create, "")
		e.Properties = []byte(properties)
		if _, err := r.Handle(t.Context(), e); err == nil || !strings.Contains(err.Error(), "name no Application") {
			t.Errorf("%s: %v", properties, err)
		}
		e.RequestType = cloudformation.Delete
		if _, err := r.Handle(t.Context(), e); err != nil {
			t.Errorf("delete %s: %v", properties, err)
		}
	}
	never := event(cloudformation.Delete, "jar-1")
	never.PhysicalResourceID = "nothing-1"
	if _, err := r.Handle(t.Context(), never); err != nil {
		t.Error(err)
	}
	if _, err := r.Handle(t.Context(), event("Move", "jar-1")); err == nil {
		t.Error("an unknown request succeeds")
	}
	if len(m.calls) > 0 {
		t.Errorf("calls %q", m.calls)
	}
}
