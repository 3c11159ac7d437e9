package integration

import "strings"

// resultsCases are all, in the order in which they are asked: a later one sees
// what an earlier one wrote.
func resultsCases() []resultsCase {
	return []resultsCase{
		{"templates, documents and versions as the processor writes them", writingExchanges()},
		{"bulk requests that are refused as a whole", refusedExchanges()},
		{"documents that a strict mapping takes or refuses", sourceExchanges()},
		{"searches", searchExchanges()},
		{"documents one by one", documentExchanges()},
		{"actions of a bulk request", actionExchanges()},
		{"templates", templateExchanges()},
		{"names, aliases and patterns", nameExchanges()},
		{"values of each type", valueExchanges()},
		{"fields that no mapping names", dynamicExchanges()},
		{"aggregations", aggregationExchanges()},
		{"the first hour of a client", firstHourExchanges()},
		{"types of content", typeExchanges()},
		{"visibility and refresh", refreshExchanges()},
		{"what the embedded store has not", absentExchanges()},
		{"deletion", deletionExchanges()},
	}
}

func writingExchanges() []exchange {
	return []exchange{
		request("GET", "/_index_template/pickup_count", ""),
		request("PUT", "/_index_template/pickup_count?create=true", template),
		request("PUT", "/_index_template/pickup_count?create=true", template),
		request("PUT", "/_index_template/pickup_count", template),
		request("PUT", "/_index_template/other", template),
		request("POST", "/pickup_count/_search", ""),
		request("POST", "/pickup_count/_search?ignore_unavailable=true", ""),
		request("POST", "/pickup_count/_search?ignore_unavailable=true", `{"size":0,"aggs":{"cells":{"terms":{"field":"cell"}}}}`),
		request("POST", "/pickup_count/_count?ignore_unavailable=true&allow_no_indices=true", ""),
		request("POST", "/pickup_count/_refresh?ignore_unavailable=true", ""),
		bulk(bulkLines("a", 5, `{"cell":"x","pickup_count":5,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z","location":{"lat":40.7,"lon":-73.9}}`)),
		bulk(bulkLines("a", 5, `{"cell":"x","pickup_count":5,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}`)),
		bulk(bulkLines("a", 4, `{}`), bulkLines("b", 2, `{"cell":"y","pickup_count":2,"window_start":"2016-01-02T10:00:00.000Z"}`), bulkLines("c", 3, `{"cell":"x","pickup_count":3,"window_start":null}`)),
		bulk(strings.ReplaceAll(bulkLines("d", 4, `{"cell":"y","pickup_count":4,"window_start":"2016-02-01T00:00:00.000Z","boundary":{"x":[[1,2],[3,4]]}}`), "2016.01", "2016.02")),
		request("POST", "/_bulk?filter_path=errors,items.*.status,items.*.error.type&refresh=true", bulkLines("a", 6, `{"cell":"x","pickup_count":6,"average":1.50,"window_start":"2016-01-01T00:00:00.000Z"}`)+bulkLines("z", 1, `{"other":1}`)),
		request("GET", "/pickup_count-2016.01/_doc/a", ""),
		request("GET", "/pickup_count-2016.01/_doc/none", ""),
		request("GET", "/none/_doc/none", ""),
		request("HEAD", "/pickup_count-2016.01", ""),
		request("HEAD", "/none", ""),
		request("GET", "/_alias/pickup_count", ""),
		request("GET", "/_alias/none", ""),
		request("GET", "/pickup_count-2016.01/_mapping", ""),
		request("POST", "/pickup_count/_count", `{"query":{"term":{"cell":"x"}}}`),
		request("PUT", "/pickup_count-2016.01/_doc/a?version=6&version_type=external", `{}`),
		request("PUT", "/pickup_count-2016.01", ""),
		request("PUT", "/UPPER", ""),
		request("DELETE", "/none", ""),
		request("DELETE", "/pickup_count", ""),
	}
}

func refusedExchanges() (list []exchange) {
	for _, body := range []string{
		strings.TrimSuffix(bulkLines("x", 1, "{}"), "\n"), "index\n{}\n", `{"index":1}` + "\n{}\n", `{"put":{"_index":"i"}}` + "\n{}\n",
		`{"index":{"_id":"x"}}` + "\n{}\n", bulkLines(strings.Repeat("x", 513), 1, "{}"), bulkLines("x", -1, "{}"),
		strings.Replace(bulkLines("x", 1, "{}"), "external_gte", "mine", 1),
	} {
		list = append(list, bulk(body))
	}
	return list
}

func sourceExchanges() (list []exchange) {
	for _, source := range []string{
		`{"other":1}`, `{"cell":7}`, `{"cell":{"a":1}}`, `{"pickup_count":"12"}`, `{"pickup_count":1.9}`, `{"pickup_count":"two"}`, `{"pickup_count":1e30}`,
		`{"resolution":128}`, `{"average":"1.5"}`, `{"average":1e999}`, `{"hot":1}`, `{"hot":"true"}`, `{"window_start":"2016-02-30"}`, `{"window_start":"2016"}`,
		`{"window_start":1451606400000}`, `{"window_start":"01.01.2016"}`, `{"window_start":true}`, `{"location":{"lat":91,"lon":0}}`, `{"location":{"lat":1}}`,
		`{"location":{"lat":1,"lon":2,"x":3}}`, `{"cell":"a","cell":"b"}`, `{"cell":"a"`, `[1]`, `{"record":"aGk="}`, `{"record":5}`,
		`{"cell":"` + strings.Repeat("x", 32767) + `"}`, `{"boundary":[1,2]}`, `{"boundary":"text"}`, `{"c\u0065ll":"escaped"}`, `{"hot":""}`,
		`{"window_start":"2016-01-01T00:00:00+02:00"}`, `{"window_start":"2016-01-01T00"}`, `{"window_start":"2016-01-01T00:00:00.123456Z"}`,
		`{"cell":"a"} {}`, ``, `null`, `{"cell":"\ud800"}`,
		`{"pickup_count":" 1"}`, `{"pickup_count":""}`, `{"pickup_count":"0x10"}`, `{"average":"NaN"}`, `{"average":"0x1p4"}`, `{"average":"1_0"}`, `{"location":{"lat":"1","lon":"2"}}`,
		`{"pickup_count":true}`, `{"average":true}`, `{"window_start":1.5}`, `{"window_start":""}`, `{"window_start":"-1"}`, `{"location":5}`, `{"cell":true}`, `{"detail":{"a":1}}`,
	} {
		list = append(list, bulk(bulkLines("probe", 1, source)), request("DELETE", "/pickup_count-2016.01/_doc/probe?refresh=true&version=1&version_type=external_gte", ""))
	}
	return list
}

func searchExchanges() (list []exchange) {
	for _, body := range []string{
		`{"sort":["_id"]}`, `{"sort":["window_start"],"version":true}`, `{"sort":[{"window_start":"desc"}],"size":2}`,
		`{"sort":[{"window_start":{"order":"desc","missing":"_first"}}],"_source":false}`,
		`{"sort":["average",{"pickup_count":"desc"}],"_source":["cell"]}`, `{"sort":[{"average":"desc"},"cell","pickup_count"],"_source":{"excludes":["c*"]}}`,
		`{"sort":["window_start","pickup_count"],"search_after":[1451606400000,6],"track_total_hits":true}`,
		`{"sort":["window_start","pickup_count"],"search_after":[9223372036854775807,2]}`,
		`{"sort":["cell","pickup_count"],"search_after":["x",4],"track_total_hits":2}`, `{"sort":["pickup_count"],"track_total_hits":false,"size":1}`,
		`{"query":{"term":{"average":1.5}},"sort":["_id"]}`, `{"query":{"terms":{"cell":["x","z"]}},"sort":["_id"]}`, `{"query":{"term":{"window_start":"2016-01-02"}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gt":"2016-01-01","lte":"2016-01-02"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gte":"2016","lt":"2016-01-02"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"lte":"2016-01"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"lt":"2015-12-31T20:00:00.001-04:00"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gte":1451606400000,"lte":1451606400000,"format":"epoch_millis"}}},"sort":["_id"]}`,
		`{"query":{"range":{"window_start":{"gte":-9,"lte":-1,"format":"epoch_millis"}}},"sort":["_id"]}`,
		`{"query":{"range":{"cell":{"gt":"x"}}},"sort":["_id"]}`, `{"query":{"term":{"none":1}},"sort":["_id"]}`, `{"query":{"exists":{"field":"boundary"}},"sort":["_id"]}`,
		`{"query":{"exists":{"field":"window_start"}},"sort":["_id"]}`, `{"query":{"exists":{"field":"location"}},"sort":["_id"]}`, `{"query":{"exists":{"field":"record"}},"sort":["_id"]}`,
		`{"query":{"ids":{"values":["a","d","q"]}},"sort":["_id"]}`, `{"query":{"terms":{"_id":["a","b"]}},"sort":["_id"]}`, `{"query":{"match_none":{}}}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}},{"range":{"pickup_count":{"gt":3}}}],"minimum_should_match":2}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"must_not":{"term":{"pickup_count":4}}}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"filter":{"term":{"cell":"x"}}}},"sort":["_id"]}`,
		`{"query":{"bool":{"should":[{"term":{"cell":"y"}}],"minimum_should_match":0}},"sort":["_id"]}`, `{"query":{"bool":{}},"sort":["_id"]}`,
		`{"sort":["none"]}`, `{"sort":[{"none":{"unmapped_type":"long"}},{"_id":"desc"}],"_source":false}`, `{"sort":["detail"]}`, `{"search_after":[1]}`, `{"sort":["cell"],"search_after":[1,2]}`,
		`{"sort":["pickup_count"],"search_after":["x"]}`, `{"size":10001}`, `{"size":-1}`, `{"query":{"range":{"pickup_count":{"gte":"x"}}}}`,
		`{"query":{"range":{"window_start":{"gte":"x"}}}}`, `{"query":`,
		`{"query":{"term":{"pickup_count":{"value":5}}},"size":0}`, `{"query":{"range":{"window_start":{"gt":"2016-01"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gt":"2016-01-02T10","lt":"2016-02-01T00:00"}}},"sort":["_id"]}`,
		`{"size":0,"aggs":{"cells":{"terms":{"field":"cell"}}}}`, `{"size":0,"query":{"range":{"pickup_count":{"gt":2}}},"aggs":{"cells":{"terms":{"field":"cell","order":{"_key":"desc"}},"aggs":{"n":{"sum":{"field":"pickup_count"}},"v":{"sum":{"field":"average"}}}}}}`,
		`{"size":1,"sort":["_id"],"aggs":{"cells":{"terms":{"field":"cell","size":1,"order":[{"n":"desc"},{"_count":"asc"}]},"aggs":{"n":{"sum":{"field":"pickup_count"}}}},"none":{"terms":{"field":"none"}}}}`,
		`{"size":0,"aggs":{"cells":{"terms":{"field":"cell","size":0}}}}`,
		`{"query":{"range":{"window_start":{"lte":"2016-01-02T10:00"}}},"sort":["_id"]}`, `{"query":{"range":{"window_start":{"gt":"2015","lte":"2016"}}},"sort":["_id"]}`, `{"query":{"exists":{"field":"detail"}},"sort":["_id"]}`,
		`{"sort":["cell"],"_source":false}`, `{"sort":[{"cell":"desc"}],"_source":["cell","pick*"]}`, `{"query":{"match_all":{}},"sort":[{"pickup_count":{"order":"desc","missing":"_last"}}],"from":1,"size":2}`,
		`{"query":{"terms":{"pickup_count":[4,6]}},"sort":["_id"],"version":true}`, `{"query":{"exists":{"field":"none"}}}`, `{"from":9999,"size":2}`, `{"sort":["_id"],"search_after":["b"]}`, `{"sort":[{"_id":"desc"}],"search_after":["c"],"size":1}`,
		`{"query":{"term":{"cell":{"value":"x"}}},"sort":["pickup_count"]}`, `{"query":{"term":{"hot":true}}}`, `{"query":{"range":{"average":{"gte":1.5,"lt":1.6}}},"sort":["_id"]}`,
	} {
		list = append(list, find(body))
	}
	for _, body := range []string{`{"unknown":1}`, `{"query":{"unknown":{}}}`} {
		list = append(list, request("POST", "/pickup_count/_search", body, unsupported(mistaken)))
	}
	return list
}

func deletionExchanges() []exchange {
	return []exchange{
		request("DELETE", "/pickup_count-2016.02", ""),
		request("GET", "/_index_template/none*", ""),
		request("DELETE", "/pickup_count-*", ""),
		request("DELETE", "/_index_template/pickup_count", ""),
		request("DELETE", "/_index_template/pickup_count", ""),
	}
}
