package app_test

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ways lead to a file above the folder in which one is served, written in every manner that a path has.
var ways = []string{
	"/../%s", "/../../../../../../../..%s", "/%%2e%%2e/%s", "/..%%2f%s", "/..%%5c%s", "/....//%s", "//%s", "/%%2e%%2e%%2f%%2e%%2e%%2f%s", "/.%%00/../%s",
	"/assets/../../%s", "/assets/..%%2f..%%2f%s", "/jobmanager/logs/..%%2f..%%2f%s", "/taskmanagers/local/logs/..%%2f%s", "/v1/jobs/..%%2f..%%2f%s",
	"/..%%2f%s/_search", "/..%%2f%s/_doc/1", "/_index_template/..%%2f%s",
}

// Ensure no path leads a listener of the programs out of what it serves, to read or to write.
func TestNoPathTraversal(t *testing.T) {
	const secret = "kqzvWhatNobodyMayRead"
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside.txt")
	if err := os.WriteFile(outside, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	kinesisURL, searchURL := serving(t, "-shards", "1", "-data", data)
	processor := start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
		"-checkpoint-dir", filepath.Join(dir, "checkpoints"), "-log-format", "json")
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", generatedDay(t, 100), "-loop", "0", "-speedup", "100", "-listen", "127.0.0.1:0", "-log-format", "json")
	asked := 0
	for _, server := range []string{kinesisURL, searchURL, processor.Address(), producer.Address()} {
		for _, way := range ways {
			for _, file := range []string{outside, strings.TrimPrefix(outside, "/"), "outside.txt", "/etc/hostname"} {
				for _, method := range []string{http.MethodGet, http.MethodPut} {
					asked++
					answer := raw(t, server, method, fmt.Sprintf(way, file))
					if strings.Contains(answer, secret) {
						t.Errorf("%s %s %s gives the file", method, server, way)
					}
				}
			}
		}
	}
	for _, name := range []string{"..", "../evil", "../../evil", "/evil", `..\evil`, "a/../../evil"} {
		bulk := raw(t, searchURL, "POST application/json", "/_bulk", fmt.Sprintf(`{"index":{"_index":%q,"_id":"../../evil"}}`, name), `{"a":1}`)
		create := raw(t, kinesisURL, "POST application/x-amz-json-1.1", "/", fmt.Sprintf(`{"StreamName":%q,"ShardCount":1}`, name))
		if !strings.Contains(bulk, "invalid_index_name_exception") || name != ".." && !strings.Contains(create, "ValidationException") {
			t.Errorf("%s: as an index %s, as a stream %s", name, bulk, create)
		}
	}
	if asked < 500 {
		t.Errorf("only %d requests", asked)
	}
	for _, p := range []*process{processor, producer} {
		if p.Ended() {
			t.Errorf("%s: %s", p.Path, p.Errors())
		}
	}
	if text, err := os.ReadFile(outside); err != nil || string(text) != secret {
		t.Errorf("the file outside is now %q, %v", text, err)
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(d.Name(), "evil") {
			t.Errorf("%s was made", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// raw sends a request whose path no client has made simpler, and returns the whole answer. Behind the method there may
// be a type of content.
func raw(t *testing.T, server, method, path string, body ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	method, kind, _ := strings.Cut(method, " ")
	header := ""
	if kind != "" {
		header = "Content-Type: " + kind + "\r\nX-Amz-Target: Kinesis_20131202.CreateStream\r\nX-Amz-Date: 20260101T000000Z\r\n" +
			"Authorization: AWS4-HMAC-SHA256 Credential=any, SignedHeaders=host, Signature=0\r\n"
	}
	text := strings.Join(append(body, ""), "\n")
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", method, path, strings.TrimPrefix(server, "http://"), header, len(text), text)
	answer, err := io.ReadAll(conn)
	if err != nil && len(answer) == 0 {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return string(answer)
}
