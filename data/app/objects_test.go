package app_test

import (
	"path/filepath"
	"strings"
	"testing"

	"taxistream/localstack/s3"
)

// Ensure describe and prepare read S3, at the endpoint that they are told.
func TestObjects(t *testing.T) {
	server := &s3.Server{}
	server.CreateBucket("taxi")
	server.Set("taxi", "raw/a.csv", []byte(csv))
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	file := filepath.Join(t.TempDir(), "prepared.zst")
	for _, args := range [][]string{
		{"describe", "-endpoint", url, "s3://taxi/raw/"},
		{"prepare", "-endpoint", url, "-o", file, "s3://taxi/raw/"},
	} {
		status, stdout, stderr := run(args...)
		if status != 0 || stderr != "" || !strings.Contains(stdout, "s3://taxi/raw/a.csv: TLC CSV with coordinates") {
			t.Errorf("%s: status %d, %q, %q", args[0], status, stdout, stderr)
		}
	}
	if n := len(read(t, file)); n != 4 {
		t.Errorf("%d trips were prepared, want 4", n)
	}
	status, stdout, stderr := run("describe", "-endpoint", url, "s3://none/")
	if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "s3://none/: no such object or bucket") {
		t.Errorf("no bucket: status %d, %q, %q", status, stdout, stderr)
	}
}
