package calls

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// served starts a server that answers with a status, behind a recorder's proxy.
func served(t *testing.T, r *Recorder, status int, proxy func(*Recorder, *url.URL) http.Handler) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(proxy(r, to))
	t.Cleanup(front.Close)
	return front.URL
}

func TestRecorder(t *testing.T) {
	names := map[string]string{"data/state/": StateBucket + "/" + StatePrefix, "data/": StateBucket + "/", "stream/taxis": "stream/" + StreamName, "mine-": ""}
	for _, test := range []struct {
		name, method, path string
		header             [2]string
		body               string
		status             int
		openSearch         bool
		want               string
	}{
		{name: "a stream by name", method: "POST", path: "/", header: [2]string{"X-Amz-Target", "Kinesis_20131202.ListShards"}, body: `{"StreamName":"taxis"}`, want: `{"action":"kinesis:ListShards","resource":"stream/{stream}"}`},
		{name: "by ARN", method: "POST", path: "/", header: [2]string{"X-Amz-Target", "Kinesis_20131202.PutRecords"}, body: `{"StreamARN":"arn:aws:kinesis:r:1:stream/taxis"}`, want: `{"action":"kinesis:PutRecords","resource":"stream/{stream}"}`},
		{name: "by iterator", method: "POST", path: "/", header: [2]string{"X-Amz-Target", "Kinesis_20131202.GetRecords"}, body: `{"ShardIterator":"x"}`, want: `{"action":"kinesis:GetRecords","resource":"stream/{stream}"}`},
		{name: "a consumer", method: "POST", path: "/", header: [2]string{"X-Amz-Target", "Kinesis_20131202.SubscribeToShard"}, body: `{"ConsumerARN":"arn:aws:kinesis:r:1:stream/taxis/consumer/c:12"}`, want: `{"action":"kinesis:SubscribeToShard","resource":"stream/{stream}/consumer/c:0"}`},
		{name: "another service", method: "POST", path: "/", header: [2]string{"X-Amz-Target", "DynamoDB_20120810.PutItem"}, body: `{}`, want: `{"action":"unknown:DynamoDB_20120810.PutItem","resource":"unknown"}`},
		{name: "an object", method: "GET", path: "/data/state/chk-12-3/a?x-id=GetObject", want: `{"action":"s3:GetObject","resource":"{checkpoints}/{prefix}chk-0-0/a"}`},
		{name: "an object that is not there", method: "GET", path: "/data/k", status: 404, want: `{"action":"s3:GetObject","resource":"{checkpoints}/k"}
{"action":"s3:ListBucket","resource":"{checkpoints}","because":"without it S3 answers 403, not 404, for an object that is not there"}`},
		{name: "a listing", method: "GET", path: "/data?list-type=2&prefix=state/chk-", want: `{"action":"s3:ListBucket","resource":"{checkpoints}","context":{"s3:prefix":"{prefix}chk-"}}`},
		{name: "a write", method: "PUT", path: "/data/k", header: [2]string{"If-None-Match", "*"}, body: "x", want: `{"action":"s3:PutObject","resource":"{checkpoints}/k"}`},
		{name: "a write on condition", method: "PUT", path: "/data/k", header: [2]string{"If-Match", "e"}, body: "x", want: `{"action":"s3:GetObject","resource":"{checkpoints}/k","because":"a write on condition of an ETag reads it"}
{"action":"s3:PutObject","resource":"{checkpoints}/k"}`},
		{name: "a copy", method: "PUT", path: "/data/state/chk-2-1/a?x-id=CopyObject", header: [2]string{"X-Amz-Copy-Source", "data/state/chk-1-1/a"}, want: `{"action":"s3:GetObject","resource":"{checkpoints}/{prefix}chk-0-0/a","because":"a copy reads its source"}
{"action":"s3:PutObject","resource":"{checkpoints}/{prefix}chk-0-0/a"}`},
		{name: "a removal", method: "DELETE", path: "/data/k", want: `{"action":"s3:DeleteObject","resource":"{checkpoints}/k"}`},
		{name: "a part", method: "PUT", path: "/data/k?partNumber=1&uploadId=u", want: `{"action":"unknown:PUT /data/k?partNumber=1&uploadId=u","resource":"unknown"}`},
		{name: "documents", method: "POST", path: "/_bulk?x=y", openSearch: true, want: `{"action":"es:ESHttpPost","resource":"domain/{domain}/_bulk"}`},
		{name: "a template", method: "PUT", path: "/_index_template/mine-a", openSearch: true, want: `{"action":"es:ESHttpPut","resource":"domain/{domain}/_index_template/a"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &Recorder{Names: names}
			proxy, status := (*Recorder).AWS, http.StatusOK
			if test.openSearch {
				proxy = (*Recorder).OpenSearch
			}
			if test.status != 0 {
				status = test.status
			}
			address := served(t, r, status, proxy)
			for range 2 { // a repeated call is recorded once
				req, err := http.NewRequestWithContext(t.Context(), test.method, address+test.path, strings.NewReader(test.body))
				if err != nil {
					t.Fatal(err)
				}
				if test.header[0] != "" {
					req.Header.Set(test.header[0], test.header[1])
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || string(answer) != test.body || resp.StatusCode != status {
					t.Errorf("the server's answer is %d %q, %v", resp.StatusCode, answer, err)
				}
			}
			var got []string
			for _, c := range r.Calls() {
				got = append(got, text(c))
			}
			if strings.Join(got, "\n") != test.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
}

func TestRecordFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls.json")
	want := Record{Generated: "by a test", Program: "producer", Calls: []Call{{Action: "a:B", Resource: "c"}, {Action: "a:C", Resource: "<d>", Context: map[string]string{"e": "f"}}}}
	if err := want.Save(file); err != nil {
		t.Fatal(err)
	}
	got, err := Load(file)
	if err != nil || got.Program != want.Program || Diff(got.Calls, want.Calls) != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if diff := Diff(want.Calls[:1], want.Calls[1:]); diff != "+ {\"action\":\"a:B\",\"resource\":\"c\"}\n- {\"action\":\"a:C\",\"resource\":\"<d>\",\"context\":{\"e\":\"f\"}}\n" {
		t.Error(diff)
	}
	if _, err := Load(file + ".not"); err == nil {
		t.Error("a file that is not there was read")
	}
}
