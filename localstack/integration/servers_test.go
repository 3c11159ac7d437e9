//go:build integration

package integration

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Ensure that the helpers start the servers that the images name, once for all
// tests, and that a server keeps address and data through a restart.
func TestServers(t *testing.T) {
	if a, b := StartLocalStack(t), StartLocalStack(t); a != b {
		t.Error("two LocalStacks were started")
	}
	if a, b := StartOpenSearch(t, OpenSearchOptions{}), StartOpenSearch(t, OpenSearchOptions{}); a != b {
		t.Error("two shared OpenSearches were started")
	}
}

// Ensure that a server keeps its address and data through a crash and a restart.
func TestServers_Restart(t *testing.T) {
	s := StartOpenSearch(t, OpenSearchOptions{Settings: map[string]string{"thread_pool.write.queue_size": "1"}})
	var info struct {
		Name    string
		UUID    string `json:"cluster_uuid"`
		Version struct{ Number string }
	}
	fetch(t, s.URL, &info)
	if info.Version.Number != "2.19.6" {
		t.Errorf("OpenSearch is %s", info.Version.Number)
	}
	before := info.UUID
	s.Stop(t, true)
	if r, err := http.Get(s.URL); err == nil {
		r.Body.Close()
		t.Error("a stopped server answers")
	}
	s.Start(t)
	fetch(t, s.URL, &info)
	if info.UUID != before {
		t.Errorf("the cluster was %s and is %s: its data is gone", before, info.UUID)
	}
}

func fetch(t *testing.T, url string, into any) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, r.Status)
	}
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
