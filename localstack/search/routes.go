package search

import (
	"net/http"
	"slices"
	"strings"
)

// route is one line of docs/results-store.md.
type route struct {
	methods    string   // blank between them; HEAD goes with GET
	path       string   // {…} stands for one part
	parameters []string // beside the common ones
	handle     func(*Server, *request) (answer, *apiError)
}

var (
	common       = []string{"pretty", "human", "error_trace", "filter_path"}
	expanding    = []string{"ignore_unavailable", "allow_no_indices", "expand_wildcards"}
	timeouts     = []string{"timeout", "master_timeout", "cluster_manager_timeout"}
	writing      = slices.Concat([]string{"refresh", "wait_for_active_shards"}, timeouts)
	searching    = slices.Concat([]string{"from", "size", "track_total_hits", "allow_partial_search_results", "rest_total_hits_as_int", "timeout"}, expanding)
	writingOne   = slices.Concat([]string{"version", "version_type", "op_type"}, writing)
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
	{"GET POST", "/_count", expanding, (*Server).countDocs},
	{"GET POST", "/{index}/_count", expanding, (*Server).countDocs},
	{"GET POST", "/_refresh", expanding, (*Server).refresh},
	{"GET POST", "/{index}/_refresh", expanding, (*Server).refresh},
	{"GET", "/_cat/indices", []string{"format"}, (*Server).catIndices},
	{"GET", "/_cat/indices/{index}", []string{"format"}, (*Server).catIndices},
	{"GET", "/_cluster/health", []string{"wait_for_status", "timeout"}, (*Server).health},
	{"GET", "/_alias", administring, (*Server).describe},
	{"GET", "/_alias/{alias}", administring, (*Server).describe},
	{"GET", "/{index}/_alias", administring, (*Server).describe},
	{"GET", "/{index}/_alias/{alias}", administring, (*Server).describe},
	{"GET", "/{index}/_mapping", administring, (*Server).describe},
	{"GET", "/{index}/_doc/{id}", []string{"realtime", "refresh"}, (*Server).getDocument},
	{"PUT POST DELETE", "/{index}/_doc/{id}", writingOne, (*Server).putDocument},
	{"GET", "/{index}", administring, (*Server).describe},
	{"PUT", "/{index}", slices.Concat([]string{"wait_for_active_shards"}, timeouts), (*Server).putIndex},
	{"DELETE", "/{index}", administring, (*Server).deleteIndexes},
}

// findRoute finds the line for a request; the error is the answer where there is none.
func findRoute(method, path string, parts []string) (*route, *apiError) {
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
		return nil, unsupportedf("the method %s on %s", method, path)
	}
	return nil, unsupportedf("the path %s", path)
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
