package kinesis_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"syscall"
	"testing"

	"taxistream/localstack/kinesis"
)

// discard is a ResponseWriter that keeps the last answer's size, or the answer.
type discard struct {
	header http.Header
	keep   bool
	body   bytes.Buffer
	size   int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(p []byte) (int, error) {
	d.size += len(p)
	if d.keep {
		d.body.Write(p)
	}
	return len(p), nil
}

func request(b *testing.B, operation, body string) func() *http.Request {
	b.Helper()
	text := []byte(body)
	return func() *http.Request {
		r, err := http.NewRequest(http.MethodPost, "http://in.process", bytes.NewReader(text))
		must(b, err)
		r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("Authorization", anySignature)
		r.Header.Set("X-Amz-Date", "20260101T000000Z")
		return r
	}
}

func ask(b *testing.B, s *kinesis.Server, operation, body string, answer any) {
	b.Helper()
	w := &discard{header: http.Header{}, keep: true}
	s.ServeHTTP(w, request(b, operation, body)())
	must(b, json.Unmarshal(w.body.Bytes(), answer))
}

// reportCPU adds the process's CPU time, collector included: wall time tells
// little on a shared machine.
func reportCPU(b *testing.B) (stop func()) {
	b.Helper()
	used := func() int64 {
		var u syscall.Rusage
		must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

func putBody(n int) string {
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 300))
	var body bytes.Buffer
	body.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"Data":"%s","PartitionKey":"%d"}`, data, 4611686018427387904+i)
	}
	body.WriteString(`],"StreamName":"s"}`)
	return body.String()
}

// BenchmarkPut is the server's share of storing one record of 300 bytes, of 500
// a call over 8 shards, in memory alone and with all of it going to files; the
// connection is not in it.
func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name   string
		memory int64
	}{{"memory", 64 << 20}, {"file", 4 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			s := mustServer(b, kinesis.Options{MemoryLimit: c.memory})
			next := request(b, "PutRecords", putBody(500))
			drop := request(b, "DeleteStream", `{"StreamName":"s"}`)
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			defer reportCPU(b)()
			for i := 0; i < b.N; i += 500 {
				if i%50_000 == 0 { // 30 MB: begin again
					s.ServeHTTP(w, drop())
					must(b, s.CreateStream("s", 8))
				}
				s.ServeHTTP(w, next())
			}
			if s.Stats().ScannerFalls > 0 {
				b.Fatal("the scanner did not take the body")
			}
		})
	}
}

// BenchmarkGet is the server's share of answering one such record, from memory and from files.
func BenchmarkGet(b *testing.B) {
	for _, c := range []struct {
		name   string
		memory int64
	}{{"memory", 64 << 20}, {"file", 1 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			s := mustServer(b, kinesis.Options{MemoryLimit: c.memory})
			must(b, s.CreateStream("s", 1))
			put := request(b, "PutRecords", putBody(500))
			w := &discard{header: http.Header{}}
			for range 40 {
				s.ServeHTTP(w, put())
			}
			var it struct{ ShardIterator string }
			ask(b, s, "GetShardIterator", `{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, &it)
			get := request(b, "GetRecords", `{"ShardIterator":"`+it.ShardIterator+`","Limit":10000}`)
			b.ReportAllocs()
			defer reportCPU(b)()
			for i := 0; i < b.N; i += 10000 {
				s.ServeHTTP(w, get())
			}
		})
	}
}
