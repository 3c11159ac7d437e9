package app_test

import (
	"errors"
	"strings"
	"testing"

	"taxistream/engine"
	embedded "taxistream/localstack/kinesis"
	"taxistream/localstack/s3"
	"taxistream/processor/app"
	"taxistream/processor/store"
)

// bucket serves a bucket in memory and makes it the place of the checkpoints.
func (s *servers) bucket() *s3.Server {
	s.t.Helper()
	server := &s3.Server{}
	server.CreateBucket("bucket")
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = server.Close() })
	s.t.Setenv("AWS_ENDPOINT_URL_S3", url)
	s.dir = "s3://bucket/checkpoints"
	return server
}

func (s *servers) reads(p *app.Processor) {
	s.t.Helper()
	until(s.t, "it has read all", func() bool { return p.Status().Watermark == dayEndMs })
}

// Ensure a processor goes on from its checkpoint in S3, refuses one of other rules,
// and a bucket that is not there.
func TestBucket_RestoreAndRefuse(t *testing.T) {
	s := newServers(t, embedded.Options{})
	objects := s.bucket()
	s.put(tripOne, tripTwo, dayEnds)
	p, wait := s.start()
	s.reads(p)
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if keys := objects.Keys("bucket"); len(keys) < 3 || !strings.HasPrefix(keys[0], "checkpoints/chk-") || keys[len(keys)-1] != "checkpoints/lease" {
		t.Errorf("the bucket holds %q", keys)
	}
	p, wait = s.start()
	s.reads(p)
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.log.String(), "going on from a checkpoint") {
		t.Errorf("it began anew:\n%s", s.log.String())
	}
	for _, c := range []struct{ args, want string }{
		{"-index-prefix b-", "checkpoints in s3://bucket/checkpoints: "},
		{"-checkpoint-dir s3://none/a", "s3://none/a/chk-: no such object or bucket: make the bucket"},
	} {
		status, stdout, stderr := main(s.args(append(strings.Fields(c.args), "-quiet")...)...)
		if last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]; status != 1 || stdout != "" || !strings.HasPrefix(last, "processor: ") || !strings.Contains(last, c.want) {
			t.Errorf("%s: status %d, %q, want %q", c.args, status, stderr, c.want)
		}
	}
}

// Ensure a second processor on the place ends with status 1 and a line that names
// the first, which goes on.
func TestBucket_InUse(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.bucket()
	p, wait := s.start()
	until(t, "it reads", func() bool { return p.Status().State == engine.JobRunning })
	status, stdout, stderr := main(s.args()...)
	if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "processor: checkpoints in s3://bucket/checkpoints/ are in use by process ") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if err := wait(); err != nil {
		t.Error(err)
	}
}

// Ensure a processor whose place another one has taken ends, and says who has it.
func TestBucket_Lost(t *testing.T) {
	s := newServers(t, embedded.Options{})
	objects := s.bucket()
	p, wait := s.start()
	until(t, "it takes checkpoints", func() bool { return p.Status().Checkpoints.Completed > 0 })
	other := `{"version":1,"epoch":9,"owner":"other","holder":"process 5 on moon","lease_ms":15000}`
	objects.Set("bucket", "checkpoints/lease", []byte(other))
	until(t, "it ends", func() bool { return p.Status().State != engine.JobRunning })
	var lost *store.LostError
	if err := wait(); !errors.As(err, &lost) || lost.Holder != "process 5 on moon" {
		t.Errorf("it ended with %v", err)
	}
	if got := string(objects.Object("bucket", "checkpoints/lease")); got != other {
		t.Errorf("the lease of the other one is now %s", got)
	}
}
