package opensearch_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/internal/opensearch"
)

// The bodies are those of OpenSearch 2.19's documentation of Index State Management:
// no image of a server that has it can be had here.
const (
	policyPut = `{"policy":{"description":"deletes an index 93 days after it was created","error_notification":null,"default_state":"kept",` +
		`"states":[{"name":"kept","actions":[],"transitions":[{"state_name":"deleted","conditions":{"min_index_age":"93d"}}]},` +
		`{"name":"deleted","actions":[{"delete":{}}],"transitions":[]}],"ism_template":[{"index_patterns":["pickup_count-*"],"priority":100}]}}`
	policyThere = `{"_id":"pickup_count","_version":3,"_seq_no":7,"_primary_term":2,"policy":{"policy_id":"pickup_count",` +
		`"description":"deletes an index 93 days after it was created","last_updated_time":1577990934044,"schema_version":21,"error_notification":null,` +
		`"default_state":"kept","states":[{"name":"kept","actions":[],"transitions":[{"state_name":"deleted","conditions":{"min_index_age":"93d"}}]},` +
		`{"name":"deleted","actions":[{"retry":{"count":3,"backoff":"exponential","delay":"1m"},"delete":{}}],"transitions":[]}],` +
		`"ism_template":[{"index_patterns":["pickup_count-*"],"priority":100,"last_updated_time":1577990934044}]}}`
	policyMissing = `{"error":{"root_cause":[{"type":"status_exception","reason":"Policy not found"}],"type":"status_exception","reason":"Policy not found"},"status":404}`
	policyNewer   = `{"error":{"type":"version_conflict_engine_exception","reason":"[pickup_count]: version conflict"},"status":409}`
	attached      = `{"updated_indices":0,"failures":true,"failed_indices":[{"index_name":"pickup_count-2016.01","index_uuid":"u","reason":"This index already has a policy, use the update policy API to update index policies"}]}`
)

// query is a request's, with its mark.
func query(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}

// Ensure a policy is put once, changed where it says something else, with the number
// of the one that it replaces, and given to the indexes that are there.
func TestPutRetention(t *testing.T) {
	type answer struct {
		status int
		body   string
	}
	other := strings.Replace(policyThere, `"93d"`, `"31d"`, 1)
	noHandler := `{"error":"no handler found for uri [/_plugins/_ism/policies/pickup_count] and method [GET]"}`
	const (
		get, put    = "GET /_plugins/_ism/policies/pickup_count ", "PUT /_plugins/_ism/policies/pickup_count " + policyPut
		replace     = "PUT /_plugins/_ism/policies/pickup_count?if_primary_term=2&if_seq_no=7 " + policyPut
		add, change = `POST /_plugins/_ism/add/pickup_count-* {"policy_id":"pickup_count"}`, `POST /_plugins/_ism/change_policy/pickup_count-* {"policy_id":"pickup_count","state":"kept"}`
	)
	for _, c := range []struct {
		name    string
		answers []answer
		want    []string
		wrong   string
	}{
		{"None", []answer{{404, policyMissing}, {201, policyThere}, {404, `{"status":404}`}, {404, `{"status":404}`}}, []string{get, put, add, change}, ""},
		{"Same", []answer{{200, policyThere}, {200, attached}, {200, attached}}, []string{get, add, change}, ""},
		{"Other", []answer{{200, other}, {200, policyThere}, {200, attached}, {200, attached}}, []string{get, replace, add, change}, ""},
		{"AnswerLost", []answer{{404, policyMissing}, {503, ""}, {409, policyNewer}, {200, policyThere}, {200, attached}, {200, attached}}, []string{get, put, put, get, add, change}, ""},
		{"OtherWasFirst", []answer{{404, policyMissing}, {409, policyNewer}, {200, other}}, []string{get, put, get}, "version_conflict_engine_exception"},
		{"NoPlugin", []answer{{400, noHandler}}, []string{get}, "no handler found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			server := roundTrip(func(r *http.Request) (*http.Response, error) {
				body := []byte{}
				if r.Body != nil {
					body, _ = io.ReadAll(r.Body)
				}
				got = append(got, r.Method+" "+r.URL.Path+query(r)+" "+string(body))
				a := c.answers[len(got)-1]
				return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.body)), Header: http.Header{}}, nil
			})
			client, err := opensearch.New(opensearch.Options{Endpoint: "http://search:9200", Transport: server, MinBackoff: time.Microsecond})
			if err != nil {
				t.Fatal(err)
			}
			err = client.PutRetention(t.Context(), opensearch.Retention{Policy: "pickup_count", Indexes: "pickup_count-*", Priority: 100, Days: 93})
			if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("got error %v, want %q", err, c.wrong)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got the requests\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}
