package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	embedded "taxistream/localstack/kinesis"
)

// runs starts a processor, waits until it reads and has a checkpoint, and stops it.
func (s *servers) runs(args ...string) {
	s.t.Helper()
	p, wait := s.start(args...)
	until(s.t, "it takes a checkpoint", func() bool {
		status := p.Status()
		return status.State == engine.JobRunning && status.Checkpoints.Completed > 0
	})
	if err := wait(); err != nil {
		s.t.Fatal(err)
	}
}

// older takes a rule out of the templates and the newest checkpoint, as a version wrote
// them that did not know it.
func (s *servers) older(rule string) {
	s.t.Helper()
	for _, alias := range []string{"pickup_count", "trip_duration", "taxi_rejects"} {
		url := s.searchAt + "/_index_template/" + alias
		_, body := get(s.t, url, "")
		var answer struct {
			Templates []struct {
				Template map[string]any `json:"index_template"`
			} `json:"index_templates"`
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			s.t.Fatal(err)
		}
		template := answer.Templates[0].Template
		delete(template, "composed_of")
		delete(template["_meta"].(map[string]any), rule)
		text, err := json.Marshal(template)
		if err != nil {
			s.t.Fatal(err)
		}
		put, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, url, bytes.NewReader(text))
		if err != nil {
			s.t.Fatal(err)
		}
		put.Header.Set("Content-Type", "application/json")
		done, err := http.DefaultClient.Do(put)
		if err != nil {
			s.t.Fatal(err)
		}
		why, _ := io.ReadAll(done.Body)
		done.Body.Close()
		if done.StatusCode != http.StatusOK {
			s.t.Fatalf("put template: %s %s", done.Status, why)
		}
	}
	folder, err := checkpoint.OpenFolder(s.dir, checkpoint.FolderOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer folder.Close()
	c, _, err := folder.Latest(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if c.Fingerprint[rule] == "" {
		s.t.Fatalf("the checkpoint names no %s", rule)
	}
	delete(c.Fingerprint, rule)
	c.ID++
	states, err := checkpoint.Load(c)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := checkpoint.Save(s.t.Context(), folder, c, states); err != nil {
		s.t.Fatal(err)
	}
}

// Ensure a rule that an older template or checkpoint does not name has its default
// there: the default goes on, another value is refused by name.
func TestMain_OlderRules(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.runs()
	s.older("max_ahead")
	status, _, stderr := main(s.args("-quiet", "-max-ahead", "1h")...)
	if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "max_ahead is 87600h there and 1h here") {
		t.Errorf("index prefix: status %d, %q", status, stderr)
	}
	status, _, stderr = main(s.args("-quiet", "-max-ahead", "1h", "-index-prefix", "b-")...)
	if status != 1 || !strings.Contains(stderr, `max_ahead is "87600h" there and "1h" here`) || !strings.Contains(stderr, s.dir) {
		t.Errorf("checkpoint: status %d, %q", status, stderr)
	}
	s.runs()
	if !strings.Contains(s.log.String(), "going on from a checkpoint") {
		t.Errorf("it began anew:\n%s", s.log.String())
	}
}

// Ensure a processor whose checkpoints are all damaged does not start anew, says what to
// do, changes nothing, and starts anew where it is told to.
func TestMain_NoCheckpointWhole(t *testing.T) {
	damage := map[string]func(t *testing.T, manifest string){
		"Cut": func(t *testing.T, manifest string) {
			if err := os.Truncate(manifest, 30); err != nil {
				t.Fatal(err)
			}
		},
		"Gone": func(t *testing.T, manifest string) {
			if err := os.Remove(manifest); err != nil {
				t.Fatal(err)
			}
		},
		"StateGone": func(t *testing.T, manifest string) {
			if err := os.Remove(filepath.Join(filepath.Dir(manifest), "operator-000-000.state")); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, damage := range damage {
		t.Run(name, func(t *testing.T) {
			s := newServers(t, embedded.Options{})
			s.runs()
			manifests, err := filepath.Glob(filepath.Join(s.dir, "chk-*", checkpoint.ManifestName))
			if err != nil || len(manifests) == 0 {
				t.Fatalf("manifests %v, %v", manifests, err)
			}
			for _, m := range manifests {
				damage(t, m)
			}
			s.refusesToForget()
			s.runs("-allow-fresh-start")
			s.runs() // there is a whole one now
		})
	}
}

func (s *servers) refusesToForget() {
	s.t.Helper()
	for range 2 {
		status, stdout, stderr := main(s.args("-quiet")...)
		if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "checkpoints in "+s.dir) ||
			!strings.Contains(stderr, "none of them is whole") || !strings.Contains(stderr, "-allow-fresh-start") {
			s.t.Errorf("status %d, %q", status, stderr)
		}
	}
}

// Ensure the same of checkpoints in S3, whose manifests make them whole.
func TestBucket_NoCheckpointWhole(t *testing.T) {
	for _, gone := range []bool{false, true} {
		s := newServers(t, embedded.Options{})
		objects := s.bucket()
		s.runs()
		for _, key := range objects.Keys("bucket") {
			switch {
			case !strings.HasSuffix(key, checkpoint.ManifestName):
			case gone:
				objects.Remove("bucket", key)
			default:
				objects.Set("bucket", key, []byte("{"))
			}
		}
		s.refusesToForget()
		s.runs("-allow-fresh-start")
		s.runs()
	}
}

// Ensure state beyond -max-state-entries ends the processor in one line that names the
// flag, and that no limit is none.
func TestMain_StateLimit(t *testing.T) {
	s := newServers(t, embedded.Options{})
	s.put(tripOne, tripTwo)
	status, _, stderr := main(s.args("-quiet", "-max-state-entries", "1", "-p", "1")...)
	last := stderr[strings.LastIndex(strings.TrimSuffix(stderr, "\n"), "\n")+1:]
	if status != 1 || !strings.HasPrefix(last, "processor: ") || !strings.Contains(last, "the limit is 1:") || !strings.Contains(last, "raise the limit with -max-state-entries") {
		t.Errorf("status %d, %q", status, stderr)
	}
	s.put(dayEnds)
	p, wait := s.start("-max-state-entries", "0")
	s.reads(p)
	if err := wait(); err != nil {
		t.Error(err)
	}
}
