package resources_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"taxistream/localstack/search"
)

// domain stands for a domain of OpenSearch Service: an OpenSearch without the
// parts that its image lacks, and these beside it. The security plugin's API is
// made after its reference and sources (2.19: RolesApiAction,
// RolesMappingApiAction, AuditApiAction), Dashboards' after dashboards/app's tests.
type domain struct {
	url      string
	upstream http.Handler
	real     bool

	mu       sync.Mutex
	saved    map[string]string // saved objects of the shared tenant, by type/id
	roles    map[string]json.RawMessage
	mappings map[string]json.RawMessage
	audit    map[string]any // by path of a patch
	settings map[string]any // of the cluster, where the upstream has none
	tenant   any            // that a login begins with
	route    any            // the first page
	policies map[string]json.RawMessage
	fault    func(*http.Request) int
	requests []string
}

// newDomain is one over the embedded results store or, with a URL, over a real server.
func newDomain(t *testing.T, real string) *domain {
	t.Helper()
	d := &domain{
		saved: map[string]string{}, roles: map[string]json.RawMessage{}, mappings: map[string]json.RawMessage{},
		audit: map[string]any{}, settings: map[string]any{}, policies: map[string]json.RawMessage{}, real: real != "",
	}
	if real == "" {
		store, err := search.New(search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if real, err = store.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
	}
	to, err := url.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	d.upstream = httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// realServer is the server that the integration tests name.
func realServer(t *testing.T) string {
	t.Helper()
	base := os.Getenv("TAXI_OPENSEARCH")
	if base == "" {
		t.Skip("TAXI_OPENSEARCH names no OpenSearch server to test against")
	}
	return base
}

func (d *domain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, r.Method+" "+r.URL.Path)
	if d.fault != nil {
		if status := d.fault(r); status != 0 {
			answer(w, status, map[string]any{"status": status, "message": http.StatusText(status)})
			return
		}
	}
	const security = "/_plugins/_security/api/"
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/_dashboards/api/saved_objects/"):
		d.dashboards(w, r, strings.TrimPrefix(path, "/_dashboards/api/saved_objects/"))
	case strings.HasPrefix(path, security+"roles/"):
		d.entities(w, r, d.roles, strings.TrimPrefix(path, security+"roles/"))
	case strings.HasPrefix(path, security+"rolesmapping/"):
		d.entities(w, r, d.mappings, strings.TrimPrefix(path, security+"rolesmapping/"))
	case path == security+"tenancy/config":
		d.tenancy(w, r)
	case path == "/_dashboards/api/opensearch-dashboards/settings":
		d.advanced(w, r)
	case strings.HasPrefix(path, "/_plugins/_ism/policies/"):
		d.entities(w, r, d.policies, strings.TrimPrefix(path, "/_plugins/_ism/policies/"))
	case strings.HasPrefix(path, "/_plugins/_ism/"):
		answer(w, http.StatusOK, map[string]any{"updated_indices": 0, "failures": false, "failed_indices": []any{}})
	case path == security+"audit":
		d.auditing(w, r)
	case path == "/_cluster/settings" && !d.real:
		d.clusterSettings(w, r)
	default:
		d.upstream.ServeHTTP(w, r)
	}
}

// entities are the roles or the mappings. A mapping needs its role.
func (d *domain) entities(w http.ResponseWriter, r *http.Request, all map[string]json.RawMessage, name string) {
	old, there := all[name]
	var body json.RawMessage
	switch {
	case r.Method == http.MethodPut && json.NewDecoder(r.Body).Decode(&body) != nil:
		answer(w, http.StatusBadRequest, map[string]any{"status": "BAD_REQUEST", "message": "Could not parse content of request."})
	case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "mapping") && d.roles[name] == nil:
		answer(w, http.StatusNotFound, map[string]any{"status": "NOT_FOUND", "message": "role '" + name + "' not found."})
	case r.Method == http.MethodPut && there:
		all[name] = body
		answer(w, http.StatusOK, map[string]any{"status": "OK", "message": "'" + name + "' updated."})
	case r.Method == http.MethodPut:
		all[name] = body
		answer(w, http.StatusCreated, map[string]any{"status": "CREATED", "message": "'" + name + "' created."})
	case !there:
		answer(w, http.StatusNotFound, map[string]any{"status": "NOT_FOUND", "message": "'" + name + "' not found."})
	case r.Method == http.MethodDelete:
		delete(all, name)
		answer(w, http.StatusOK, map[string]any{"status": "OK", "message": "'" + name + "' deleted."})
	default:
		answer(w, http.StatusOK, map[string]any{name: old})
	}
}

func (d *domain) auditing(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPatch {
		var patch []struct {
			Op, Path string
			Value    any
		}
		if err := json.NewDecoder(r.Body).Decode(&patch); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
			return
		}
		for _, p := range patch {
			d.audit[p.Path] = p.Value
		}
	}
	answer(w, http.StatusOK, map[string]any{"config": map[string]any{"enabled": d.audit["/config/enabled"] == true}})
}

func (d *domain) tenancy(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Tenant any `json:"default_tenant"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPut || body.Tenant != "global" { // what the plugin takes
		answer(w, http.StatusBadRequest, map[string]any{"message": "no tenancy"})
		return
	}
	d.tenant = body.Tenant
	answer(w, http.StatusOK, map[string]any{"status": "OK", "message": "Tenancy Config updated."})
}

// advanced are Dashboards' settings, of which one is known.
func (d *domain) advanced(w http.ResponseWriter, r *http.Request) {
	var body struct{ Changes map[string]any }
	switch {
	case r.Header.Get("Securitytenant") != "global":
		answer(w, http.StatusBadRequest, map[string]any{"message": "the sender's own tenant"})
		return
	case r.Method == http.MethodPost && (r.Header.Get("Osd-Xsrf") == "" || json.NewDecoder(r.Body).Decode(&body) != nil):
		answer(w, http.StatusBadRequest, map[string]any{"message": "no changes, or no osd-xsrf header"})
		return
	case r.Method == http.MethodPost:
		d.route = body.Changes["defaultRoute"]
	}
	answer(w, http.StatusOK, map[string]any{"settings": map[string]any{"defaultRoute": map[string]any{"userValue": d.route}}})
}

func (d *domain) clusterSettings(w http.ResponseWriter, r *http.Request) {
	var body struct{ Persistent map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPut {
		answer(w, http.StatusBadRequest, map[string]any{"message": "no settings"})
		return
	}
	for name, v := range body.Persistent {
		if v == nil {
			delete(d.settings, name)
		} else {
			d.settings[name] = v
		}
	}
	answer(w, http.StatusOK, map[string]any{"acknowledged": true})
}

// dashboards has the saved objects. What comes without the shared tenant's name
// falls into the sender's own, where nobody looks.
func (d *domain) dashboards(w http.ResponseWriter, r *http.Request, path string) {
	switch {
	case r.Method != http.MethodGet && r.Header.Get("Osd-Xsrf") == "":
		answer(w, http.StatusBadRequest, map[string]any{"message": "Request must contain a osd-xsrf header."})
	case r.Header.Get("Securitytenant") != "global":
		answer(w, http.StatusBadRequest, map[string]any{"message": "the sender's own tenant"})
	case path == "_import":
		d.receive(w, r)
	case d.saved[path] == "":
		answer(w, http.StatusNotFound, map[string]any{"statusCode": 404, "error": "Not Found", "message": "Saved object [" + path + "] not found"})
	case r.Method == http.MethodDelete:
		delete(d.saved, path)
		answer(w, http.StatusOK, map[string]any{})
	default:
		fmt.Fprint(w, d.saved[path])
	}
}

func (d *domain) receive(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
		return
	}
	n := 0
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 10<<20)
	for ; scan.Scan(); n++ {
		var o struct{ Type, ID string }
		if err := json.Unmarshal(scan.Bytes(), &o); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
			return
		}
		d.saved[o.Type+"/"+o.ID] = scan.Text()
	}
	answer(w, http.StatusOK, map[string]any{"success": true, "successCount": n})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
