package results_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/storetest"
)

// Ensure each alias gets a policy of its own, for its own indexes alone, and that
// rejects go sooner, but never later than the rest.
func TestPutRetention(t *testing.T) {
	said := regexp.MustCompile(`"min_index_age":"(\w+)".*"index_patterns":\[(.*?)\],"priority":100`)
	for months, want := range map[int]map[string]string{
		3: {"v2-pickup_count": `124d "v2-pickup_count-*"`, "v2-trip_duration": `124d "v2-trip_duration-*"`, "v2-taxi_rejects": `62d "v2-taxi_rejects-*"`},
		0: {"v2-pickup_count": `31d "v2-pickup_count-*"`, "v2-trip_duration": `31d "v2-trip_duration-*"`, "v2-taxi_rejects": `31d "v2-taxi_rejects-*"`},
	} {
		got := map[string]string{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name, policy := strings.CutPrefix(r.URL.Path, "/_plugins/_ism/policies/")
			if r.Method == http.MethodGet && policy {
				http.Error(w, `{"status":404}`, http.StatusNotFound)
			}
			if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPut && policy {
				if m := said.FindStringSubmatch(string(body)); m != nil {
					got[name] = m[1] + " " + m[2]
				}
			}
		}))
		t.Cleanup(server.Close)
		if err := results.PutRetention(t.Context(), storetest.Client(t, opensearch.Options{Endpoint: server.URL}), "v2-", months); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%d months: got %v, want %v", months, got, want)
		}
	}
}
