package search

import (
	"net/http"
	"slices"
	"strings"

	"taxistream/localstack/search/fail"
)

// route is one line of docs/results-store.md.
type route struct {
	methods    string   // blank between them; HEAD goes with GET
	path       string   // {…} stands for one part
	parameters []string // beside the common ones
	handle     func(*Server, *request) (answer, *fail.Error)
}

var (
	common       = []string{"pretty", "human", "error_trace", "filter_path"}
	expanding    = []string{"ignore_unavailable", "allow_no_indices", "expand_wildcards"}
	timeouts     = []string{"timeout", "master_timeout", "cluster_manager_timeout"}
	writing      = slices.Concat([]string{"refresh", "wait_for_active_shards"}, timeouts)
	sources      = []string{"_source", "_source_includes", "_source_excludes"}
	searching    = slices.Concat([]string{"from", "size", "sort", "track_total_hits", "allow_partial_search_results", "timeout", "preference", "request_cache"}, sources, expanding)
	writingOne   = slices.Concat([]string{"version", "version_type", "op_type"}, writing)
	reading      = slices.Concat([]string{"realtime", "refresh", "preference"}, sources)
	listing      = []string{"format", "v", "h", "s"}
	fieldsAsked  = slices.Concat([]string{"fields"}, expanding)
	multi        = slices.Concat([]string{"max_concurrent_searches"}, expanding)
	administring = slices.Concat(expanding, timeouts)
)

var routes = []route{
	{"GET", "/", nil, (*Server).info},
	{"PUT POST", "/_bulk", writing, (*Server).bulk},
	{"PUT POST", "/{index}/_bulk", writing, (*Server).bulk},
	{"GET", "/_index_template", timeouts, (*Server).getIndexTemplate},
	{"GET", "/_index_template/{name}", timeouts, (*Server).getIndexTemplate},
	{"PUT POST", "/_index_template/{name}", slices.Concat([]string{"create", "cause"}, timeouts), (*Server).putIndexTemplate},
	{"DELETE", "/_index_template/{name}", timeouts, (*Server).deleteIndexTemplate},
	{"GET POST", "/_search", searching, (*Server).search},
	{"GET POST", "/{index}/_search", searching, (*Server).search},
	{"GET POST", "/_msearch", multi, (*Server).multiSearch},
	{"GET POST", "/{index}/_msearch", multi, (*Server).multiSearch},
	{"GET POST", "/_count", expanding, (*Server).countDocs},
	{"GET POST", "/{index}/_count", expanding, (*Server).countDocs},
	{"GET POST", "/_refresh", expanding, (*Server).refresh},
	{"GET POST", "/{index}/_refresh", expanding, (*Server).refresh},
	{"GET", "/_cat/indices", listing, (*Server).catIndices},
	{"GET", "/_cat/indices/{index}", listing, (*Server).catIndices},
	{"GET POST", "/_field_caps", fieldsAsked, (*Server).fieldCaps},
	{"GET POST", "/{index}/_field_caps", fieldsAsked, (*Server).fieldCaps},
	{"GET", "/_cluster/health", []string{"wait_for_status", "timeout"}, (*Server).health},
	{"GET", "/_aliases", administring, (*Server).describe},
	{"POST", "/_aliases", timeouts, (*Server).postAliases},
	{"GET", "/_alias", administring, (*Server).describe},
	{"GET", "/_alias/{alias}", administring, (*Server).describe},
	{"GET", "/{index}/_alias", administring, (*Server).describe},
	{"GET", "/{index}/_alias/{alias}", administring, (*Server).describe},
	{"PUT POST DELETE", "/{index}/_alias/{alias}", timeouts, (*Server).putAlias},
	{"GET", "/{index}/_mapping", administring, (*Server).describe},
	{"GET POST", "/_mget", reading, (*Server).multiGet},
	{"GET POST", "/{index}/_mget", reading, (*Server).multiGet},
	{"GET", "/{index}/_doc/{id}", reading, (*Server).getDocument},
	{"POST", "/{index}/_doc", writingOne, (*Server).putDocument},
	{"PUT POST", "/{index}/_create/{id}", writing, (*Server).putDocument},
	{"PUT POST DELETE", "/{index}/_doc/{id}", writingOne, (*Server).putDocument},
	{"GET", "/{index}", administring, (*Server).describe},
	{"PUT", "/{index}", slices.Concat([]string{"wait_for_active_shards"}, timeouts), (*Server).putIndex},
	{"DELETE", "/{index}", administring, (*Server).deleteIndexes},
}

// findRoute finds the line for a request; the error is the answer where there is none.
func findRoute(method, path string, parts []string) (*route, *fail.Error) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	known := false
	for i := range routes {
		rt := &routes[i]
		if !rt.fits(parts) {
			continue
		}
		known = true
		if slices.Contains(strings.Fields(rt.methods), method) {
			return rt, nil
		}
	}
	if known {
		return nil, fail.Unsupportedf("the method %s on %s", method, path)
	}
	return nil, fail.Unsupportedf("the path %s", path)
}

// fits compares part by part. An index does not begin with an underscore, _all aside.
func (rt *route) fits(parts []string) bool {
	want := strings.Split(strings.Trim(rt.path, "/"), "/")
	if rt.path == "/" {
		return len(parts) == 0
	}
	if len(want) != len(parts) {
		return false
	}
	for i, w := range want {
		switch {
		case w == "{index}" && strings.HasPrefix(parts[i], "_") && parts[i] != "_all":
			return false
		case strings.HasPrefix(w, "{"):
		case w != parts[i]:
			return false
		}
	}
	return true
}

// RouteLines lists what the store answers, as docs/results-store.md does.
func RouteLines() []string {
	lines := make([]string, 0, len(routes))
	for _, rt := range routes {
		lines = append(lines, "`"+rt.methods+"` | `"+rt.path+"`")
	}
	return lines
}
