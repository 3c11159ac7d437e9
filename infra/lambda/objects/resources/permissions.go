package resources

import "taxistream/internal/results"

// role is a role of OpenSearch's security plugin (API reference, "Create role").
type role struct {
	Description string         `json:"description"`
	Cluster     []string       `json:"cluster_permissions"`
	Index       []indexActions `json:"index_permissions"`
	Tenant      []tenant       `json:"tenant_permissions"`
}

type indexActions struct {
	Patterns []string `json:"index_patterns"`
	Allowed  []string `json:"allowed_actions"`
}

type tenant struct {
	Patterns []string `json:"tenant_patterns"`
	Allowed  []string `json:"allowed_actions"`
}

// permissions are those of an access under an index prefix, nil for none known.
func permissions(access, prefix string) *role {
	switch access {
	case "writer":
		return writer(prefix)
	case "reader":
		return reader(prefix)
	case "operator":
		return operator(prefix)
	}
	return nil
}

// writer is what a processor needs: its templates, documents, and searches of
// what it wrote, for its control room. It deletes nothing.
func writer(prefix string) *role {
	return &role{
		Description: "The processor of taxi trips",
		Cluster: []string{
			"cluster:monitor/main",
			// Templates are the cluster's: the plugin cannot tell them apart by name.
			"indices:admin/index_template/get", "indices:admin/index_template/put",
			"indices:data/write/bulk",
		},
		Index: []indexActions{{indexes(prefix), []string{
			"indices:admin/auto_create", "indices:admin/create", "indices:admin/mapping/put", "indices:admin/mappings/get",
			"indices:admin/refresh*",
			"indices:data/read/get*", "indices:data/read/search*",
			"indices:data/write/bulk*", "indices:data/write/index*",
		}}},
		Tenant: []tenant{},
	}
}

// reader is what somebody at the dashboard needs. It takes the place of the
// built-in kibana_user, which may write into the index of saved objects: who has
// it changes everybody's dashboard from the console.
func reader(prefix string) *role {
	return &role{
		Description: "Readers of the dashboard of taxi trips",
		Cluster:     []string{"cluster_composite_ops_ro"},
		Index: []indexActions{
			{indexes(prefix), []string{"read", "indices:admin/get", "indices:admin/mappings/get"}},
			{[]string{".kibana", ".kibana_*", ".opensearch_dashboards", ".opensearch_dashboards_*"}, []string{"read"}},
		},
		Tenant: []tenant{{[]string{"global_tenant"}, []string{"kibana_all_read"}}},
	}
}

// operator is what the runbooks' commands ask for: the state of the cluster and of every
// index in it, everything that can be done with the deployment's own indexes, restoring
// them from a snapshot among it (which the plugin takes for writing), and their retention
// (ISM). It gives no rights to anybody, and reads no documents of others.
func operator(prefix string) *role {
	return &role{
		Description: "Operators of taxi trips",
		Cluster: []string{
			"cluster_monitor", "cluster_composite_ops_ro",
			"cluster:admin/reroute",                    // tries failed shards again
			"cluster:admin/tasks/cancel",               // ends a search that is too heavy
			"cluster:admin/snapshot/get",               // what could be restored
			"cluster:admin/snapshot/restore",           // of the deployment's own indexes
			"cluster:admin/repository/get",             // and from where
			"cluster:admin/opendistro/ism/*",           // the retention
			"indices:admin/index_template/get",         // rules and windows of the results
			"indices:admin/index_template/delete",      // of results that were deleted
			"cluster:admin/script_language/get",        // asked for by Dev Tools
			"cluster:admin/opensearch/ql/datasources*", // and by Dashboards' home page
		},
		Index: []indexActions{
			{indexes(prefix), []string{"read", "manage", "indices_monitor", "delete", "indices:data/write/index"}},
			{[]string{"*"}, []string{"indices_monitor"}},
			{[]string{".kibana", ".kibana_*", ".opensearch_dashboards", ".opensearch_dashboards_*"}, []string{"read"}},
		},
		Tenant: []tenant{{[]string{"global_tenant"}, []string{"kibana_all_read"}}},
	}
}

// indexes are the aliases of a prefix and the monthly indexes behind them. An
// alias itself is meant while it has no index yet.
func indexes(prefix string) []string {
	var patterns []string
	for _, alias := range results.Aliases() {
		patterns = append(patterns, prefix+alias, prefix+alias+"-*")
	}
	return patterns
}
