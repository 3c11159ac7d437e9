package application

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2"
)

// managed is the managed service with one application, as the SDK meets it. A change takes
// three looks. It refuses what the service refuses in the application's status.
type managed struct {
	t *testing.T

	mu        sync.Mutex
	gone      bool
	status    string
	next      []string // statuses of the next looks; the last one stays
	code      string
	flags     map[string]string
	snapshots []string // their statuses
	failed    string   // why the last operation failed
	calls     []string // that change something

	breaksAt string // a start that comes to nothing: what its operation says
	sticks   bool   // a stop with a snapshot comes to nothing
	never    bool   // nothing but force ends a change
	seen     func() // at each look
	denies   string // an operation
}

func newManaged(t *testing.T, status string) *managed {
	return &managed{t: t, status: status, code: "jar-1", flags: map[string]string{"stream": "trips"}}
}

// runner is one that asks this service by the SDK, without waiting.
func (m *managed) runner() *Runner {
	server := httptest.NewServer(m)
	m.t.Cleanup(server.Close)
	r := New(kinesisanalyticsv2.New(kinesisanalyticsv2.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer: aws.NopRetryer{},
	}), slog.New(slog.DiscardHandler))
	r.Pause, r.Patience = 0, 5
	return r
}

func (m *managed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "KinesisAnalytics_20180523.")
	body, _ := io.ReadAll(r.Body)
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil || in["ApplicationName"] != "taxi-flink" {
		m.refuse(w, "InvalidArgumentException", "no such request")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch {
	case m.denies == operation:
		m.refuse(w, "AccessDeniedException", "not authorized to perform: kinesisanalytics:"+operation)
	case m.gone:
		m.refuse(w, "ResourceNotFoundException", "application taxi-flink does not exist")
	case operation == "DescribeApplication":
		m.look()
		m.answer(w, map[string]any{"ApplicationDetail": m.detail()})
	case operation == "ListApplicationSnapshots":
		m.answer(w, map[string]any{"SnapshotSummaries": m.summaries()})
	case operation == "StartApplication":
		m.start(w, in)
	case operation == "StopApplication":
		m.stop(w, in["Force"] == true)
	case operation == "ListApplicationOperations":
		m.answer(w, map[string]any{"ApplicationOperationInfoList": []any{
			map[string]any{"OperationId": "older", "OperationStatus": "FAILED", "StartTime": 1.7e9},
			map[string]any{"OperationId": "newest", "OperationStatus": "FAILED", "StartTime": 1.8e9},
		}})
	case operation == "DescribeApplicationOperation":
		if in["OperationId"] == "older" {
			m.t.Error("an operation before the last one was asked for")
		}
		m.answer(w, map[string]any{"ApplicationOperationInfoDetails": map[string]any{
			"Operation": "StartApplication", "OperationStatus": "FAILED", "StartTime": 1.8e9, "EndTime": 1.8e9,
			"OperationFailureDetails": map[string]any{"ErrorInfo": map[string]any{"ErrorString": m.failed}},
		}})
	default:
		m.t.Errorf("the service knows no %q", operation)
		m.refuse(w, "InvalidArgumentException", operation)
	}
}

func (m *managed) look() {
	if m.seen != nil {
		m.seen()
	}
	if len(m.next) > 0 && !m.never {
		m.status, m.next = m.next[0], m.next[1:]
	}
}

func (m *managed) start(w http.ResponseWriter, in map[string]any) {
	if m.status != "READY" {
		m.refuse(w, "ResourceInUseException", "the application is "+m.status)
		return
	}
	text, _ := json.Marshal(in["RunConfiguration"])
	m.calls = append(m.calls, "start "+string(text))
	m.status, m.next = "STARTING", []string{"STARTING", "STARTING", "RUNNING"}
	if m.breaksAt != "" {
		m.failed, m.next = m.breaksAt, []string{"STARTING", "STARTING", "READY"}
	}
	m.answer(w, map[string]any{"OperationId": "newest"})
}

func (m *managed) stop(w http.ResponseWriter, force bool) {
	allowed := []string{"RUNNING"}
	if force {
		allowed = []string{"STARTING", "UPDATING", "STOPPING", "AUTOSCALING", "RUNNING"}
	}
	if !slices.Contains(allowed, m.status) {
		m.refuse(w, "ResourceInUseException", "the application is "+m.status)
		return
	}
	m.calls = append(m.calls, fmt.Sprintf("stop %v", force))
	m.status, m.next = "STOPPING", []string{"STOPPING", "STOPPING", "READY"}
	switch {
	case force:
		m.status, m.never = "FORCE_STOPPING", false
	case m.sticks:
		m.next = []string{"STOPPING", "STOPPING", "RUNNING"}
	default:
		m.snapshots = append(m.snapshots, "READY")
	}
	m.answer(w, map[string]any{"OperationId": "newest"})
}

func (m *managed) detail() map[string]any {
	return map[string]any{
		"ApplicationName": "taxi-flink", "ApplicationARN": "arn:x", "ApplicationVersionId": 1, "RuntimeEnvironment": "FLINK-2_2", "ApplicationStatus": m.status,
		"ApplicationConfigurationDescription": map[string]any{
			"ApplicationCodeConfigurationDescription": map[string]any{
				"CodeContentType":        "ZIPFILE",
				"CodeContentDescription": map[string]any{"S3ApplicationCodeLocationDescription": map[string]any{"BucketARN": "arn:b", "FileKey": m.code}},
			},
			"EnvironmentPropertyDescriptions": map[string]any{"PropertyGroupDescriptions": []any{
				map[string]any{"PropertyGroupId": PropertyGroup, "PropertyMap": m.flags},
			}},
		},
	}
}

func (m *managed) summaries() []any {
	all := []any{}
	for i, status := range m.snapshots {
		all = append(all, map[string]any{"SnapshotName": fmt.Sprint(i), "SnapshotStatus": status, "ApplicationVersionId": 1})
	}
	return all
}

func (m *managed) answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (m *managed) refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(http.StatusBadRequest)
	m.answer(w, map[string]any{"__type": kind, "message": message})
}
