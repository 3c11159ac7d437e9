package resources_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taxistream/infra/lambda/cloudformation"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// secured is a server with the security plugin, and its administrator in the address.
func secured(t *testing.T) *url.URL {
	t.Helper()
	address := os.Getenv("TAXI_OPENSEARCH_SECURITY")
	if address == "" {
		t.Skip("TAXI_OPENSEARCH_SECURITY names no OpenSearch with the security plugin to test against")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

const secret = "a-long-pass-phrase-of-8-words"

// as is a client for one of the test's users. The domain knows who signed a request by
// the role's ARN; the plugin by itself by a password, with the ARN as a backend role.
func as(t *testing.T, server *url.URL, user string) *opensearch.Client {
	t.Helper()
	u := *server
	if user != "" {
		u.User = url.UserPassword(user, secret)
	}
	c, err := opensearch.New(opensearch.Options{Endpoint: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Ensure each role may do in a real domain what it is for, and is refused all else, by
// the security plugin itself: the roles are put by the function, as in a deployment.
func TestRoles_SecurityPlugin(t *testing.T) {
	server := secured(t)
	admin := as(t, server, "")
	handler := newStack(t).handler
	for _, access := range []string{"writer", "reader", "operator"} {
		properties, _ := json.Marshal(map[string]string{"Endpoint": server.String(), "Role": roleARN(access), "Access": access})
		event := cloudformation.Event{RequestType: cloudformation.Create, LogicalResourceID: access, ResourceType: "Custom::SearchAccess", Properties: properties}
		if _, err := handler.Handle(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		invite(t, admin, access, roleARN(access))
	}
	invite(t, admin, "nobody", roleARN("somebody-else"))
	if err := results.PutTemplates(t.Context(), as(t, server, "writer"), "", map[string]string{"hotspot_min": "2"}, nil); err != nil {
		t.Fatalf("the processor's templates: %v", err)
	}
	const bulk = `{"index":{"_index":"INDEX","_id":"1"}}` + "\n" + `{"pickup_count":2}` + "\n"
	const other = "other-2016.01"
	send(t, admin, "PUT /"+other+"/_doc/1?refresh=true {}")
	for _, c := range []struct{ request, may string }{
		{"POST /_bulk?refresh=true " + strings.Replace(bulk, "INDEX", "pickup_count-2016.01", 1), "writer"},
		{"GET /pickup_count,pickup_count-*/_mapping {}", "writer reader operator"},
		{"GET /pickup_count/_search {}", "writer reader operator"},
		{"POST /_msearch " + `{"index":"pickup_count"}` + "\n{}\n", "reader operator"},
		{"PUT /pickup_count-2016.01/_doc/2 {}", "writer"},
		{"PUT /" + other + "/_doc/2 {}", ""},
		{"GET /" + other + "/_search {}", ""},
		{"DELETE /" + other, ""},
		{"PUT /_cluster/settings {\"transient\":{\"cluster.routing.allocation.enable\":\"all\"}}", ""},
		{"GET /_plugins/_security/api/roles", ""},
		{"PUT /_plugins/_security/api/roles/mine {}", ""},
		{"GET /_cluster/health", "operator"},
		{"POST /_cluster/reroute?retry_failed=true&dry_run=true", "operator"},
		{"PUT /pickup_count-2016.01/_settings {\"index\":{\"blocks.write\":false}}", "operator"},
		{"PUT /pickup_count-*,trip_duration-*,taxi_rejects-*/_settings {\"index.blocks.read_only_allow_delete\":null}", "operator"},
		{"POST /_tasks/_cancel?actions=*search", "operator"},
		{"DELETE /pickup_count-2016.01", "operator"},
	} {
		for _, user := range []string{"nobody", "reader", "writer", "operator"} {
			status := send(t, as(t, server, user), c.request)
			if may := strings.Contains(" "+c.may+" ", " "+user+" "); may != (status != http.StatusForbidden) {
				t.Errorf("%s, %q: status %d; only %q may", user, c.request, status, c.may)
			}
		}
	}
	for _, request := range runbookRequests(t) {
		if status := send(t, as(t, server, "operator"), request); status >= 300 && !(status == http.StatusNotFound && strings.Contains(request, "/_snapshot/")) { // AWS's repository is AWS's
			t.Errorf("an operator, %s, as a runbook says: status %d", request, status)
		}
		if status := send(t, as(t, server, "nobody"), request); status != http.StatusForbidden {
			t.Errorf("nobody, %s: status %d", request, status)
		}
	}
}

// Ensure a login begins in the tenant that everybody shares, as the plugin understands it.
func TestLanding_SecurityPlugin(t *testing.T) {
	server := secured(t)
	if _, err := as(t, server, "").Do(t.Context(), "set the tenant", http.MethodPut, "/_plugins/_security/api/tenancy/config", nil, []byte(`{"default_tenant":"global"}`)); err != nil {
		t.Error(err)
	}
	text, err := as(t, server, "").Do(t.Context(), "read it", http.MethodGet, "/_plugins/_security/api/tenancy/config", nil, nil)
	if err != nil || !strings.Contains(string(text), `"default_tenant":"global"`) {
		t.Errorf("%s, %v", text, err)
	}
}

// invite makes a user of the plugin with a backend role.
func invite(t *testing.T, admin *opensearch.Client, user, role string) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"password": secret, "backend_roles": []string{role}})
	if _, err := admin.Do(t.Context(), "make user", http.MethodPut, "/_plugins/_security/api/internalusers/"+user, nil, body); err != nil {
		t.Fatal(err)
	}
}

// send gives the status of "METHOD PATH BODY": of a bulk request that of its document.
func send(t *testing.T, c *opensearch.Client, request string) int {
	t.Helper()
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	var header http.Header
	var content []byte
	if body != "" {
		content, header = []byte(body), http.Header{"Content-Type": {"application/json"}}
	}
	answer, err := c.Do(t.Context(), "send", method, path, header, content)
	var refused *opensearch.Error
	if errors.As(err, &refused) {
		return refused.Status
	}
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	var done struct {
		Items []map[string]struct{ Status int }
	}
	if err := json.Unmarshal(answer, &done); err == nil && len(done.Items) == 1 {
		return done.Items[0]["index"].Status
	}
	return http.StatusOK
}

var quotedRequest = regexp.MustCompile("`(?:go run ./infra search )?GET '?/?(_[^`']+?)'?`")

// runbookRequests are those that the runbooks tell an operator to look with.
func runbookRequests(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "docs", "runbooks", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no runbooks: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quotedRequest.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(m[1], "_plugins/_ism") { // no image has that plugin: docs/conformance.md
				all = append(all, "GET /"+m[1])
			}
		}
	}
	if len(all) < 6 {
		t.Errorf("the runbooks have %d requests: is the pattern still right?", len(all))
	}
	return all
}
