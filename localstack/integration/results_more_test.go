package integration

const mistaken = "what it does not know is refused with 501, also where OpenSearch finds a mistake in it"

const docsIndex = `{"mappings":{"dynamic":"strict","properties":{"n":{"type":"long"},"k":{"type":"keyword"}}},"aliases":{"all-docs":{}}}`

// documentExchanges write documents by their own address, with each kind of version.
func documentExchanges() []exchange {
	return []exchange{
		request("PUT", "/docs", docsIndex),
		request("PUT", "/docs/_doc/a?refresh=true", `{"n":1}`),
		request("PUT", "/docs/_doc/a?refresh=true", `{"n":2}`),
		request("PUT", "/docs/_doc/a?op_type=create", `{"n":3}`),
		request("POST", "/docs/_doc/b?op_type=create", `{"n":3}`),
		request("PUT", "/docs/_doc/a?version=2&version_type=external", `{"n":4}`),
		request("PUT", "/docs/_doc/a?version=5&version_type=external", `{"n":5}`),
		request("PUT", "/docs/_doc/a?version=5&version_type=external_gte", `{"n":5}`),
		request("PUT", "/docs/_doc/a?version=4&version_type=external_gte", `{"n":4}`),
		request("PUT", "/docs/_doc/a?version=5", `{"n":6}`),
		request("PUT", "/docs/_doc/a?version=x", `{"n":6}`),
		request("PUT", "/docs/_doc/a?version=6&version_type=mine", `{"n":6}`),
		request("PUT", "/docs/_doc/a?version_type=external", `{"n":6}`),
		request("PUT", "/docs/_doc/a", `{"other":1}`),
		request("PUT", "/docs/_doc/a", `{"n":"x"}`),
		request("PUT", "/docs/_doc/a", ``),
		request("GET", "/docs/_doc/a", ""),
		request("HEAD", "/docs/_doc/a", ""),
		request("HEAD", "/docs/_doc/none", ""),
		request("DELETE", "/docs/_doc/a?version=4&version_type=external", ""),
		request("DELETE", "/docs/_doc/a?version=7&version_type=external", ""),
		request("GET", "/docs/_doc/a", ""),
		request("PUT", "/docs/_doc/a?version=6&version_type=external_gte", `{"n":6}`), // a deleted document keeps its version
		request("PUT", "/docs/_doc/a?version=8&version_type=external_gte", `{"n":8}`),
		request("DELETE", "/docs/_doc/none", ""),
		request("DELETE", "/docs/_doc/none", ""),
		request("DELETE", "/docs/_doc/ext?version=3&version_type=external", ""),
		request("PUT", "/docs/_doc/ext?version=2&version_type=external", `{"n":1}`),
		request("DELETE", "/none/_doc/none", ""),
		request("DELETE", "/made/_doc/none?version=1&version_type=external", ""), // an index is made to keep the version
		request("HEAD", "/made", ""),
		request("PUT", "/docs/_doc/a?version=0", `{"n":1}`),
		request("PUT", "/all-docs/_doc/c", `{"other":9}`),
		request("PUT", "/all-docs/_doc/c", `{"n":9}`), // an alias of one index can be written
		request("POST", "/docs/_refresh", ""),
		request("POST", "/docs/_search", `{"sort":["n"],"version":true}`),
	}
}

// actionExchanges use each action of a bulk request, and each thing that can happen to it.
func actionExchanges() []exchange {
	lines := func(l ...string) string {
		body := ""
		for _, s := range l {
			body += s + "\n"
		}
		return body
	}
	return []exchange{
		bulk(lines(
			`{"create":{"_index":"docs","_id":"p"}}`, `{"n":1}`,
			`{"create":{"_index":"docs","_id":"p"}}`, `{"n":2}`,
			`{"index":{"_index":"docs","_id":"p"}}`, `{"n":3}`,
			`{"delete":{"_index":"docs","_id":"p"}}`,
			`{"delete":{"_index":"docs","_id":"p"}}`,
			`{"delete":{"_index":"docs","_id":"never"}}`,
		)),
		bulk(lines(
			`{"index":{"_index":"docs","_id":"q","version":5,"version_type":"external"}}`, `{"n":1}`,
			`{"index":{"_index":"docs","_id":"q","version":5,"version_type":"external"}}`, `{"n":2}`,
			`{"index":{"_index":"docs","_id":"q","version":5,"version_type":"external_gte"}}`, `{"n":3}`,
			`{"delete":{"_index":"docs","_id":"q","version":4,"version_type":"external"}}`,
			`{"delete":{"_index":"docs","_id":"q","version":6,"version_type":"external"}}`,
			`{"index":{"_index":"docs","_id":"q","version":5,"version_type":"external_gte"}}`, `{"n":4}`,
		)),
		bulk(lines(
			`{"index":{"_index":"docs","_id":"r"}}`, `{"n":"x"}`,
			`{"index":{"_index":"docs","_id":"r"}}`, `{"n":1,"other":2}`,
			`{"index":{"_index":"docs","_id":"r"}}`, `{"n":{"a":1}}`,
			`{"index":{"_index":"docs","_id":"r"}}`, `{"n":1}`,
			`{"index":{"_index":"UPPER","_id":"r"}}`, `{"n":1}`,
		)),
		bulk(lines(`{"index":{"_index":"all-docs","_id":"r"}}`, `{"n":2}`, `{"index":{"_index":"all-docs","_id":"r"}}`, `{"other":2}`, `{"create":{"_index":"all-docs","_id":"r"}}`, `{"n":2}`,
			`{"delete":{"_index":"none","_id":"r"}}`, `{"delete":{"_index":"made","_id":"r","version":1,"version_type":"external_gte"}}`)),
		bulk(lines(`{"index":{"_index":"docs","_id":"s","version_type":"external"}}`, `{"n":1}`)),
		bulk(lines(`{"index":{"_index":"docs","_id":"s","version":3}}`, `{"n":1}`)), // an internal version cannot be given
		request("POST", "/docs/_bulk", lines(`{"index":{"_id":"t"}}`, `{"n":1}`)),
		request("PUT", "/docs/_bulk?refresh=true", lines(`{"index":{"_id":"u"}}`, `{"n":2}`, `{"index":{"_index":"docs","_id":"v"}}`, `{"n":3}`)),
		request("POST", "/_bulk", ""),
		request("POST", "/_bulk", "\n"),
		{Method: "POST", Path: "/_bulk?refresh=true", Body: lines(`{"index":{"_index":"docs","_id":"w"}}`, `{"n":4}`), Gzip: true},
		{Method: "POST", Path: "/docs/_count", Body: `{"query":{"range":{"n":{"gte":3}}}}`, Gzip: true},
		request("POST", "/docs/_search", `{"sort":["n","_id"],"_source":["n"]}`),
		request("POST", "/_bulk", lines(`{"update":{"_index":"docs","_id":"w"}}`, `{"doc":{"n":5}}`), unsupported("it has no updates")),
	}
}

// templateExchanges put templates in place and make indexes by them.
func templateExchanges() []exchange {
	return []exchange{
		request("PUT", "/_index_template/low", `{"index_patterns":["t-*"],"priority":1,"version":3,"template":{"mappings":{"properties":{"k":{"type":"long"}}}}}`),
		request("PUT", "/_index_template/high", `{"index_patterns":["t-*","u-*"],"priority":2,"_meta":{"rules":{"a":[1,2]}},"template":{"aliases":{"t":{}},"mappings":{"dynamic":"strict","_meta":{"m":1},"properties":{"k":{"type":"keyword"}}},"settings":{"number_of_shards":1}}}`),
		request("PUT", "/_index_template/same", `{"index_patterns":["t-1*"],"priority":2}`),
		request("PUT", "/_index_template/high?create=true", `{"index_patterns":["t-*"],"priority":2}`),
		request("GET", "/_index_template/low", ""),
		request("GET", "/_index_template/high", ""),
		request("GET", "/_index_template/h*", ""),
		request("GET", "/_index_template/none", ""),
		request("HEAD", "/_index_template/low", ""),
		request("HEAD", "/_index_template/none", ""),
		request("PUT", "/t-1/_doc/a?refresh=true", `{"k":"x"}`),
		request("PUT", "/t-1/_doc/b", `{"l":"x"}`),
		request("GET", "/t-1/_mapping", ""),
		request("GET", "/t-1/_alias", ""),
		request("POST", "/t/_search", `{"query":{"term":{"k":"x"}},"sort":["k"]}`),
		request("PUT", "/_index_template/high", `{"index_patterns":["t-*"],"priority":2,"template":{"mappings":{"properties":{"k":{"type":"long"}}}}}`), // an index keeps what it was made with
		request("GET", "/t-1/_mapping", ""),
		request("PUT", "/_index_template/bad", `{}`),
		request("PUT", "/_index_template/bad", `{"index_patterns":["b-*"],"_meta":null}`),
		request("PUT", "/_index_template/bad", `{"index_patterns":["b-*"],"template":{"mappings":{"_meta":null}}}`),
		request("PUT", "/_index_template/bad", `{"index_patterns":["b-*"]`),
		request("PUT", "/_index_template/bad", `{"index_patterns":["b-*"],"unknown":1}`, unsupported(mistaken)),
		request("PUT", "/_index_template/bad", `{"index_patterns":["b-*"],"template":{"mappings":{"properties":{"k":{"type":"nonsense"}}}}}`, unsupported("it cannot tell a type that it lacks from one that is none")),
		request("DELETE", "/_index_template/low", ""),
		request("DELETE", "/_index_template/h*", ""),
		request("DELETE", "/_index_template/h*", ""),
	}
}

// nameExchanges reach indexes by name, alias, pattern and list.
func nameExchanges() []exchange {
	find := `{"sort":["_id"],"_source":false,"size":3}`
	return []exchange{
		request("POST", "/docs,t-1/_search", find),
		request("POST", "/doc*/_search", find),
		request("POST", "/all-docs,t/_search", find),
		request("POST", "/all-docs,docs/_search", find), // counted once
		request("POST", "/none*/_search", find),
		request("POST", "/none*/_search?allow_no_indices=false", find),
		request("POST", "/docs,none/_search", find),
		request("POST", "/docs,none/_search?ignore_unavailable=true", find),
		request("POST", "/_search", `{"query":{"ids":{"values":["a"]}},"sort":["_id"],"_source":false}`),
		request("GET", "/_search?size=0&track_total_hits=true", ""),
		request("GET", "/docs/_search?size=1&from=1", `{"sort":["_id"]}`),
		request("POST", "/_count", ""),
		request("POST", "/none/_count", ""),
		request("POST", "/docs/_count", `{"sort":["n"]}`, unsupported(mistaken)),
		request("GET", "/docs", ""),
		request("GET", "/none", ""),
		request("GET", "/docs/_alias/all*", ""),
		request("GET", "/docs/_alias/none", ""),
		request("GET", "/_alias", ""),
		request("GET", "/_alias/all*", ""),
		request("GET", "/none/_mapping", ""),
		request("GET", "/_cat/indices?format=json", ""),
		request("GET", "/_cat/indices/docs?format=json", ""),
		request("GET", "/_cat/indices/none?format=json", ""),
		request("GET", "/_cat/indices/none*?format=json", ""),
		request("GET", "/?filter_path=version.number,version.distribution", ""),
		request("GET", "/_cluster/health?filter_path=status,number_of_nodes,timed_out", "", on(embedded, ok(`{"status":"green","number_of_nodes":1,"timed_out":false}`), "its indexes ask for no replicas, which one node cannot hold")),
		request("POST", "/docs/_search?filter_path=hits.hits._id,hits.total", find),
		request("POST", "/docs/_search?filter_path=none", find),
	}
}

// refreshExchanges write to an index that refreshes on request only.
func refreshExchanges() []exchange {
	return []exchange{
		request("PUT", "/slow", `{"settings":{"index":{"refresh_interval":"-1"}},"mappings":{"properties":{"n":{"type":"long"}}}}`),
		request("PUT", "/slow/_doc/a", `{"n":1}`),
		request("GET", "/slow/_doc/a", ""), // by its id a document is there at once
		request("POST", "/slow/_count", "", on(embedded, ok(`{"count":1}`), "a write is visible to searches at once; OpenSearch shows it after a refresh")),
		request("POST", "/slow/_refresh", ""),
		request("POST", "/slow/_count", ""),
		request("PUT", "/slow/_doc/b?refresh=true", `{"n":2}`),
		request("POST", "/slow/_count", ""),
		request("PUT", "/slow/_doc/c?refresh=wait", `{"n":3}`),
		request("POST", "/none/_refresh", ""),
		request("POST", "/none*/_refresh", ""),
		request("POST", "/_refresh", ""),
	}
}

// absentExchanges are what a program might ask OpenSearch for next.
func absentExchanges() []exchange {
	const why = "it has only what this project asks for; whatever else is named and refused"
	return []exchange{
		request("POST", "/docs/_search", `{"size":0,"aggs":{"h":{"histogram":{"field":"n","interval":5}}}}`, unsupported(why)),
		request("POST", "/docs/_search", `{"query":{"match":{"k":"x"}}}`),
		request("POST", "/docs/_search", `{"query":{"prefix":{"k":"x"}}}`, unsupported(why)),
		request("POST", "/docs/_search?scroll=1m", `{"size":1}`, unsupported(why)),
		request("POST", "/docs/_update/b", `{"doc":{"n":1}}`, unsupported(why)),
		request("POST", "/docs/_delete_by_query?refresh=true", `{"query":{"term":{"n":-1}}}`, unsupported(why)),
		request("PUT", "/docs/_mapping", `{"properties":{"z":{"type":"long"}}}`, unsupported(why)),
		request("PUT", "/docs/_doc/x", `{"n":[1,2]}`),
		request("PUT", "/free/_doc/a?refresh=true", `{"n":1}`),
		request("POST", "/free/_search", `{"query":{"term":{"n":1}}}`),
	}
}
