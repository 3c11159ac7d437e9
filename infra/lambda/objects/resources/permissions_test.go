package resources

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// groups are the built-in action groups that the roles use, as the security
// plugin 2.19 has them (static_action_groups.yml).
var groups = map[string][]string{
	"read": {"indices:data/read*", "indices:admin/mappings/fields/get*", "indices:admin/resolve/index"},
	"cluster_composite_ops_ro": {
		"indices:data/read/mget", "indices:data/read/msearch", "indices:data/read/mtv", "indices:admin/aliases/exists*",
		"indices:admin/aliases/get*", "indices:data/read/scroll", "indices:admin/resolve/index",
	},
	"kibana_all_read": {"kibana:saved_objects/*/read"},
	"cluster_monitor": {"cluster:monitor/*"},
	"indices_monitor": {"indices:monitor/*"},
	"manage":          {"indices:monitor/*", "indices:admin/*"},
	"delete":          {"indices:data/write/delete*"},
}

// covers tells whether one of the patterns, groups among them, matches a name.
func covers(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if members, ok := groups[p]; ok {
			return covers(members, name)
		}
		if prefix, ok := strings.CutSuffix(p, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return p == name
	})
}

// allows is how the plugin judges: an action on the cluster by the cluster's
// permissions, one on an index by those whose patterns match it.
func (r *role) allows(action, index string) bool {
	if index == "" {
		return covers(r.Cluster, action)
	}
	return slices.ContainsFunc(r.Index, func(i indexActions) bool {
		return covers(i.Patterns, index) && covers(i.Allowed, action)
	})
}

// An act is an action and the index that it is on, none for the cluster.
type act struct{ action, index string }

// actsOf are the actions behind a request, with the index of its path (the REST
// handlers and transport actions of OpenSearch 2.19).
func actsOf(method, url string) []act {
	index, verb := path.Split(strings.TrimPrefix(url, "/"))
	index = strings.Trim(index, "/")
	switch {
	case index == "_index_template":
		return []act{{"indices:admin/index_template/" + strings.ToLower(method), ""}}
	case index == "" && verb == "_index_template":
		return []act{{"indices:admin/index_template/get", ""}}
	case verb == "_mapping": // of <alias>,<alias>-*
		alias, _, _ := strings.Cut(index, ",")
		return []act{{"indices:admin/mappings/get", alias}, {"indices:admin/mappings/get", alias + "-2016.01"}}
	case verb == "_bulk":
		month := "pickup_count-2016.01"
		return []act{
			{"indices:data/write/bulk", ""},
			{"indices:admin/auto_create", month},
			{"indices:data/write/bulk[s]", month},
			{"indices:data/write/index", month},
		}
	case verb == "_refresh":
		return []act{{"indices:admin/refresh", index}, {"indices:admin/refresh[s]", index + "-2016.01"}}
	case verb == "_search" || verb == "_count":
		return []act{{"indices:data/read/search", index}, {"indices:data/read/search", index + "-2016.01"}}
	}
	return nil
}

// Ensure the processor may do in the domain whatever the integration run recorded of it.
func TestWriter_Recorded(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "app", "testdata", "calls-processor.json"))
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Calls []struct{ Action, Resource string }
	}
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range record.Calls {
		method, ok := strings.CutPrefix(c.Action, "es:ESHttp")
		if !ok {
			continue
		}
		n++
		url := strings.ReplaceAll(strings.TrimPrefix(c.Resource, "domain/{domain}"), "{index}", "") // the index prefix
		acts := actsOf(method, url)
		if len(acts) == 0 {
			t.Errorf("%s %s: no action is known of it: add it to actsOf", method, url)
		}
		for _, a := range acts {
			if !writer("").allows(a.action, a.index) {
				t.Errorf("%s %s needs %s on %q, which the writer may not", method, url, a.action, a.index)
			}
		}
	}
	if n < 5 {
		t.Errorf("%d requests were recorded", n)
	}
}

// Ensure each role may do what it is for, under its own prefix, and nothing else.
func TestPermissions(t *testing.T) {
	const month = "pickup_count-2016.01"
	for _, c := range []struct {
		name, access, prefix, action, index string
		want                                bool
	}{
		{"WritesItsOwn", "writer", "v2-", "indices:data/write/bulk[s]", "v2-" + month, true},
		{"NotAnother", "writer", "v2-", "indices:data/write/bulk[s]", month, false},
		{"NotALonger", "writer", "", "indices:data/write/bulk[s]", "v2-" + month, false},
		{"NotLikeNamed", "writer", "", "indices:data/write/bulk[s]", "pickup_counts-2016.01", false},
		{"NoDeletion", "writer", "", "indices:data/write/delete", month, false},
		{"NoIndexDeletion", "writer", "", "indices:admin/delete", month, false},
		{"NoSettings", "writer", "", "cluster:admin/settings/update", "", false},
		{"NoSecurity", "writer", "", "indices:data/write/index", ".opendistro_security", false},
		{"NoObjects", "writer", "", "indices:data/write/index", ".kibana_1", false},
		{"AliasWithoutIndex", "writer", "", "indices:admin/refresh", "taxi_rejects", true},

		{"Looks", "operator", "", "cluster:monitor/health", "", true},
		{"TriesAgain", "operator", "", "cluster:admin/reroute", "", true},
		{"DeletesItsOwn", "operator", "v2-", "indices:admin/delete", "v2-" + month, true},
		{"DeletesNoOther", "operator", "v2-", "indices:admin/delete", month, false},
		{"LooksAtOthers", "operator", "v2-", "indices:monitor/stats", month, true},
		{"ReadsNoOthers", "operator", "v2-", "indices:data/read/search", month, false},
		{"Retains", "operator", "", "cluster:admin/opendistro/ism/policy/write", "", true},
		{"OperatorWritesNoOther", "operator", "v2-", "indices:data/write/index", month, false},
		{"OperatorBulksNothing", "operator", "", "indices:data/write/bulk[s]", month, false},
		{"OperatorSetsNothing", "operator", "", "cluster:admin/settings/update", "", false},

		{"Reads", "reader", "", "indices:data/read/search", month, true},
		{"ReadsMany", "reader", "", "indices:data/read/msearch", "", true},
		{"Fields", "reader", "", "indices:data/read/field_caps[index]", month, true},
		{"ReadsObjects", "reader", "", "indices:data/read/get", ".kibana_1", true},
		{"ReadsNoOther", "reader", "v2-", "indices:data/read/search", month, false},
		{"ReadsNoUsers", "reader", "", "indices:data/read/search", ".opendistro_security", false},
		{"WritesNothing", "reader", "", "indices:data/write/index", month, false},
		{"DefacesNothing", "reader", "", "indices:data/write/index", ".kibana_1", false},
		{"BulksNothing", "reader", "", "indices:data/write/bulk", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := permissions(c.access, c.prefix).allows(c.action, c.index); got != c.want {
				t.Errorf("%s under %q: %s on %q: %v, want %v", c.access, c.prefix, c.action, c.index, got, c.want)
			}
		})
	}
}

// Ensure the tenant that everybody shares is the readers' to read: one that a
// role does not name at all would be theirs to write with kibana_user.
func TestReader_Tenant(t *testing.T) {
	r := reader("")
	if len(r.Tenant) != 1 || !slices.Equal(r.Tenant[0].Patterns, []string{"global_tenant"}) || !slices.Equal(r.Tenant[0].Allowed, []string{"kibana_all_read"}) {
		t.Errorf("got %v", r.Tenant)
	}
}

// Ensure the plugin takes a role: it refuses null for a list.
func TestPermissions_Lists(t *testing.T) {
	for _, access := range []string{"writer", "reader", "operator"} {
		text, err := json.Marshal(permissions(access, ""))
		if err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s: %s, %v", access, text, err)
		}
	}
}
