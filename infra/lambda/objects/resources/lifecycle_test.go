package resources_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/dashboards/objects"
	"taxistream/infra/lambda/cloudformation"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// Ensure a stack's life leaves in the domain what it should: the embedded store.
func TestLife(t *testing.T) { life(t, newDomain(t, "")) }

// Ensure the same of a real OpenSearch. Its image has neither the security plugin
// nor OpenSearch Dashboards: these stay stand-ins.
func TestLife_Real(t *testing.T) { life(t, newDomain(t, realServer(t))) }

// life deploys, deploys the same again, changes the prefix, fails and rolls
// back, and destroys; every request is sent twice.
func life(t *testing.T, d *domain) {
	one := fmt.Sprintf("life%d-", time.Now().UnixNano())
	two := "v2-" + one
	s := newStack(t)

	results, err := s.deploy(template(d, one))
	if err != nil {
		t.Fatal(err)
	}
	want := d.url + "/_dashboards/app/dashboards?security_tenant=global#/view/" + objects.DashboardID(one)
	if got := results["SavedObjects"].Data["Address"]; got != want {
		t.Errorf("the dashboard's address is %s, want %s", got, want)
	}
	d.holds(t, one)
	document := d.write(t, one)

	before := s.made
	if _, err := s.deploy(template(d, one)); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(before, s.made, func(a, b made) bool { return a.id == b.id }) {
		t.Errorf("the same template made other resources: %v, were %v", s.made, before)
	}
	d.holds(t, one)

	if _, err := s.deploy(template(d, two)); err != nil {
		t.Fatal(err)
	}
	d.holds(t, two)
	d.keeps(t, one, document)

	// The domain refuses the last resource of a third prefix: the others, which
	// were changed already, go back to the second.
	d.refuse(func(r *http.Request) int {
		if r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/_plugins/_security/api/rolesmapping/") && strings.Contains(r.URL.Path, "writer") && strings.Contains(r.URL.Path, "v3-") {
			return http.StatusBadRequest
		}
		return 0
	})
	if _, err := s.deploy(template(d, "v3-"+one)); err == nil || !strings.Contains(err.Error(), "map role taxi-trips-writer-Processor-1-v3-") {
		t.Fatalf("a mapping that the domain refuses: %v", err)
	}
	d.refuse(nil)
	d.holds(t, two)

	if _, err := s.deploy(template(d, one)); err != nil {
		t.Fatal(err)
	}
	d.holds(t, one)

	s.destroy()
	if len(d.saved)+len(d.roles)+len(d.mappings)+len(d.policies) > 0 || d.route != nil {
		t.Errorf("after the stack's end there are objects %v, roles %v, mappings %v, policies %v, and the first page is %v",
			slices.Collect(maps.Keys(d.saved)), d.roles, d.mappings, d.policies, d.route)
	}
	if d.audit["/config/enabled"] != true {
		t.Error("the audit log ended with the stack")
	}
	d.keeps(t, one, document)
}

// refuse sets the domain's fault: the status for a request, or 0.
func (d *domain) refuse(fault func(*http.Request) int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// holds checks that what is in the domain is of this prefix and of no other.
func (d *domain) holds(t *testing.T, prefix string) {
	t.Helper()
	var want []string
	for _, o := range objects.Build(prefix) {
		want = append(want, o.Type+"/"+o.ID)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(d.saved)); !slices.Equal(got, want) {
		t.Errorf("saved objects %v, want %v", got, want)
	}
	roles := []string{
		"taxi-trips-reader-Reader-1-" + prefix,
		"taxi-trips-writer-Processor-1-" + prefix,
	}
	if got := slices.Sorted(maps.Keys(d.roles)); !slices.Equal(got, roles) {
		t.Errorf("roles %v, want %v", got, roles)
	}
	for i, arn := range []string{roleARN("Reader-1"), roleARN("Processor-1")} {
		var m struct {
			BackendRoles []string `json:"backend_roles"`
		}
		if err := json.Unmarshal(d.mappings[roles[i]], &m); err != nil || !slices.Equal(m.BackendRoles, []string{arn}) {
			t.Errorf("%s is mapped by %s", roles[i], d.mappings[roles[i]])
		}
	}
	if d.audit["/config/enabled"] != true || d.audit["/config/audit/log_request_body"] != false {
		t.Errorf("the audit log's settings are %v", d.audit)
	}
	if want := "/app/dashboards#/view/" + objects.DashboardID(prefix); d.tenant != "global" || d.route != want {
		t.Errorf("a login begins in the tenant %v at %v, want %s", d.tenant, d.route, want)
	}
	var policies []string
	for _, alias := range results.Aliases() {
		policies = append(policies, prefix+alias)
	}
	slices.Sort(policies)
	if got := slices.Sorted(maps.Keys(d.policies)); !slices.Equal(got, policies) {
		t.Errorf("policies %v, want %v", got, policies)
	}
	c := d.client(t)
	for _, alias := range results.Aliases() {
		if _, err := c.Do(t.Context(), "read", http.MethodGet, "/_index_template/"+prefix+alias, nil, nil); err != nil {
			t.Error(err)
		}
	}
	if d.real {
		text, err := c.Do(t.Context(), "read", http.MethodGet, "/_cluster/settings?flat_settings=true", nil, nil)
		if err != nil || !strings.Contains(string(text), `"cluster.search.request.slowlog.threshold.warn":"5000ms"`) {
			t.Errorf("the cluster's settings are %s, %v", text, err)
		}
	} else if d.settings["cluster.search.request.slowlog.threshold.warn"] != "5000ms" {
		t.Errorf("the cluster's settings are %v", d.settings)
	}
}

func (d *domain) client(t *testing.T) *opensearch.Client {
	t.Helper()
	c, err := opensearch.New(opensearch.Options{Endpoint: d.url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// write puts a document as a processor does, whose rules then stand in the templates.
func (d *domain) write(t *testing.T, prefix string) string {
	t.Helper()
	c := d.client(t)
	if err := results.PutTemplates(t.Context(), c, prefix, map[string]string{"hotspot_min": "2"}, nil); err != nil {
		t.Fatal(err)
	}
	index := prefix + names.TaxiRejects + "-2016.01"
	path := "/" + index + "/_doc/one?refresh=true"
	if _, err := c.Do(t.Context(), "write", http.MethodPut, path, nil, []byte(`{"reason":"late","timestamp":"2016-01-01T00:00:00.000Z"}`)); err != nil {
		t.Fatal(err)
	}
	return index
}

// keeps checks that the document and its template outlive the stack.
func (d *domain) keeps(t *testing.T, prefix, index string) {
	t.Helper()
	c := d.client(t)
	if _, err := c.Do(t.Context(), "read a document", http.MethodGet, "/"+index+"/_doc/one", nil, nil); err != nil {
		t.Errorf("a document is gone: %v", err)
	}
	err := results.PutTemplates(t.Context(), c, prefix, map[string]string{"hotspot_min": "3"}, nil)
	if err == nil {
		t.Error("the rules of a prefix are gone")
	}
}

// Ensure what cannot be done is a failure that says what, where and what to do,
// and what waiting mends is none.
func TestFaults(t *testing.T) {
	on := func(method, part string, status, times int) func(*http.Request) int {
		return func(r *http.Request) int {
			if times > 0 && r.Method == method && strings.Contains(r.URL.Path, part) {
				times--
				return status
			}
			return 0
		}
	}
	const always = 1000
	for _, c := range []struct {
		name, resource string
		fault          func(*http.Request) int
		want           []string // "" for success
	}{
		{"NotReady", "SavedObjects", on("GET", "/_index_template", 503, 3), nil},
		{"RolesUnknown", "SavedObjects", on("GET", "/_index_template", 403, 3), nil},
		{"LoginFirst", "SavedObjects", on("POST", "/_import", 401, 3), nil},
		{"AtOnce", "Writes", on("PUT", "/rolesmapping/", 409, 3), nil},
		{"NeverAllowed", "Writes", on("PUT", "/roles/", 403, always), []string{"put role taxi-trips-writer-Processor-1", "status 403"}},
		{"NoTemplates", "SavedObjects", on("PUT", "/_index_template", 400, always), []string{"put template", "status 400"}},
		{"NoImport", "SavedObjects", on("POST", "/_import", 422, always), []string{"import objects", "/_dashboards", "status 422"}},
		{"NotStored", "SavedObjects", on("GET", "/saved_objects/", 404, always), []string{"back at http", "status 404"}},
		{"NoAudit", "LogSettings", on("PATCH", "/audit", 400, always), []string{"turn the audit log on", "status 400"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDomain(t, "")
			d.refuse(c.fault)
			s := newStack(t)
			w := template(d, "")[c.resource]
			properties, _ := json.Marshal(w.properties)
			event := cloudformation.Event{RequestType: cloudformation.Create, LogicalResourceID: c.resource, ResourceType: w.kind, Properties: properties}
			result, err := s.handler.Handle(t.Context(), event)
			if result.PhysicalID == "" {
				t.Error("no id: CloudFormation could not delete what was begun")
			}
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not tell %q", err, part)
				}
			}
		})
	}
}

// Ensure wrong properties are refused before anything is sent, with what to give.
func TestProperties(t *testing.T) {
	for _, c := range []struct{ name, resource, property, value, want string }{
		{"Endpoint", "Writes", "Endpoint", "", "the property Endpoint"},
		{"KeepMonths", "SavedObjects", "KeepMonths", "a year", "the property KeepMonths"},
		{"Prefix", "SavedObjects", "Prefix", "V2", "write it in lower case"},
		{"From", "SavedObjects", "From", "yesterday", "the properties From and To"},
		{"Role", "Writes", "Role", "Processor", "give the ARN of an IAM role"},
		{"Access", "Writes", "Access", "owner", "choose writer, reader or operator"},
		{"Slow", "LogSettings", "SlowSeconds", "fast", "give 0.001 to 3600"},
		{"SlowNaN", "LogSettings", "SlowSeconds", "NaN", "give 0.001 to 3600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDomain(t, "")
			s := newStack(t)
			w := template(d, "")[c.resource]
			w.properties[c.property] = c.value
			event := cloudformation.Event{RequestType: cloudformation.Create, LogicalResourceID: c.resource, ResourceType: w.kind}
			if _, err := s.send(event, w.properties); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			event.RequestType, event.PhysicalResourceID = cloudformation.Delete, "nothing-1"
			if _, err := s.send(event, w.properties); err != nil {
				t.Errorf("the deletion of what was never made: %v", err)
			}
			if len(d.requests) > 0 {
				t.Errorf("sent %v", d.requests)
			}
		})
	}
}

// Ensure an unknown type and an unknown request are failures, not a stack that hangs.
func TestUnknown(t *testing.T) {
	d := newDomain(t, "")
	s := newStack(t)
	if _, err := s.send(cloudformation.Event{RequestType: cloudformation.Create, ResourceType: "Custom::Other"}, nil); err == nil {
		t.Error("another type was taken")
	}
	event := cloudformation.Event{RequestType: "Read", ResourceType: "Custom::SearchLogging"}
	if _, err := s.send(event, template(d, "")["LogSettings"].properties); err == nil {
		t.Error("another request was taken")
	}
}

// Ensure deletions succeed where there is nothing: under a foreign id, a second
// time, and of a domain that is gone; and fail, to be tried again, where there is
// something and the domain does not let it go.
func TestDelete(t *testing.T) {
	d := newDomain(t, "")
	s := newStack(t)
	if _, err := s.deploy(template(d, "")); err != nil {
		t.Fatal(err)
	}
	remove := func(name, id string) error {
		w := template(d, "")[name]
		_, err := s.send(cloudformation.Event{RequestType: cloudformation.Delete, LogicalResourceID: name, ResourceType: w.kind, PhysicalResourceID: id}, w.properties)
		return err
	}
	for _, name := range order {
		if err := remove(name, "2026/11/21/[$LATEST]0123"); err != nil {
			t.Errorf("%s under a foreign id: %v", name, err)
		}
	}
	d.refuse(func(r *http.Request) int {
		if r.Method == http.MethodDelete {
			return http.StatusBadRequest
		}
		return 0
	})
	for _, name := range []string{"SavedObjects", "Writes"} {
		if err := remove(name, s.made[name].id); err == nil || !strings.Contains(err.Error(), "delete ") {
			t.Errorf("%s, which the domain keeps: %v", name, err)
		}
	}
	s.handler.Resolve = func(context.Context, string) error {
		return fmt.Errorf("look up: %w", &net.DNSError{Err: "no such host", IsNotFound: true})
	}
	for _, name := range order {
		if err := remove(name, s.made[name].id); err != nil {
			t.Errorf("%s of a domain that is gone: %v", name, err)
		}
	}
}

// Ensure a domain that does not let the slow log be set is deployed and destroyed
// without one, and the deployment tells.
func TestSlowLog(t *testing.T) {
	for _, c := range []struct {
		status int
		want   string
	}{{0, "searches of 5000ms and more"}, {401, "set the slow log"}, {400, "status 400"}} {
		d := newDomain(t, "")
		d.refuse(func(r *http.Request) int {
			if r.URL.Path == "/_cluster/settings" {
				return c.status
			}
			return 0
		})
		s := newStack(t)
		results, err := s.deploy(template(d, ""))
		if err != nil || !strings.Contains(results["LogSettings"].Data["SlowLog"], c.want) {
			t.Errorf("%d: %v, %v", c.status, results["LogSettings"], err)
		}
		s.destroy()
	}
}
