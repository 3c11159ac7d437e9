package integration

import "strings"

// typedIndex has each kind of number, and documents at the ends of their ranges.
const typedIndex = `{"mappings":{"properties":{"l":{"type":"long"},"i":{"type":"integer"},"s":{"type":"short"},"b":{"type":"byte"},"d":{"type":"double"},"f":{"type":"float"},` +
	`"t":{"type":"date"},"o":{"type":"boolean"},"k":{"type":"keyword"},"x":{"type":"text"}}}}`

func typedLines() string {
	var b strings.Builder
	for _, doc := range []string{
		`a"}}` + "\n" + `{"l":9007199254740993,"i":1,"d":0.1,"f":0.1,"t":"2016-01-01","o":true,"k":"1","x":"one"}`,
		`b"}}` + "\n" + `{"l":9007199254740992,"i":1.0,"d":1.0,"f":16777217,"t":1451606400000,"o":"false","k":1,"x":"two"}`,
		`c"}}` + "\n" + `{"l":9223372036854775807,"i":"1","d":"-0.5","t":"1451606400001","o":"","k":1.0}`,
		`d"}}` + "\n" + `{"l":-9223372036854775808,"i":-1,"s":32767,"b":-128,"d":-0.0,"o":false,"k":true}`,
		`e"}}` + "\n" + `{"l":"9007199254740993","i":-2147483648,"t":-1,"k":""}`,
		`g"}}` + "\n" + `{"l":9007199254740993.0,"i":1.9,"k":null}`,
		`h"}}` + "\n" + `{"l":"9007199254740993.7","i":2}`,
		`j"}}` + "\n" + `{"l":9223372036854775808}`,
		`k"}}` + "\n" + `{"l":-1.5,"i":0}`,
	} {
		b.WriteString(`{"index":{"_index":"typed","_id":"` + doc + "\n")
	}
	return b.String()
}

// valueExchanges compare values at the borders between types.
func valueExchanges() []exchange {
	list := []exchange{
		request("PUT", "/typed", typedIndex),
		bulk(typedLines()),
	}
	for _, q := range []string{
		`{"term":{"l":9007199254740993}}`, `{"term":{"l":9007199254740992}}`, `{"term":{"l":"9007199254740993"}}`, `{"terms":{"l":[9007199254740993,-9223372036854775808]}}`,
		`{"term":{"l":9223372036854775807}}`, `{"term":{"l":-1.0}}`, `{"term":{"l":-1.5}}`, `{"term":{"i":1.0}}`, `{"term":{"i":"1.0"}}`, `{"term":{"i":1.5}}`, `{"term":{"i":true}}`,
		`{"term":{"i":3000000000}}`, `{"term":{"l":9223372036854775808}}`, `{"term":{"l":1e30}}`, `{"term":{"b":200}}`, `{"term":{"i":"x"}}`,
		`{"range":{"l":{"gt":9007199254740992}}}`, `{"range":{"l":{"gte":9007199254740993,"lt":9007199254740994}}}`, `{"range":{"l":{"lte":"9007199254740992"}}}`,
		`{"range":{"i":{"gte":0.5,"lt":1.5}}}`, `{"range":{"i":{"gt":-1.5,"lte":1.9}}}`, `{"range":{"i":{"gt":1,"lt":2}}}`, `{"range":{"i":{"gte":-0.5,"lte":0.5}}}`,
		`{"range":{"l":{"gt":9223372036854775807}}}`, `{"range":{"l":{"lt":-9223372036854775808}}}`, `{"range":{"l":{"gte":-9223372036854775808}}}`,
		`{"range":{"i":{"gte":3000000000}}}`, `{"range":{"i":{"lte":3000000000}}}`, `{"range":{"l":{"lte":1e30}}}`,
		`{"term":{"d":0.1}}`, `{"term":{"d":"1"}}`, `{"term":{"d":0}}`, `{"term":{"f":0.1}}`, `{"term":{"f":16777216}}`, `{"range":{"f":{"gt":0.1}}}`, `{"range":{"d":{"gt":0.1,"lte":1}}}`,
		`{"term":{"o":true}}`, `{"term":{"o":"true"}}`, `{"term":{"o":false}}`, `{"term":{"o":""}}`, `{"terms":{"o":["false",true]}}`, `{"term":{"o":1}}`, `{"term":{"o":"yes"}}`,
		`{"term":{"t":1451606400000}}`, `{"term":{"t":"1451606400000"}}`, `{"term":{"t":"2016-01-01T00:00:00.001Z"}}`, `{"range":{"t":{"lt":"2016"}}}`, `{"range":{"t":{"gte":-1,"lte":1451606400000}}}`,
		`{"term":{"k":1}}`, `{"term":{"k":"1"}}`, `{"term":{"k":1.0}}`, `{"term":{"k":true}}`, `{"term":{"k":""}}`, `{"range":{"k":{"gte":"1","lt":"2"}}}`, `{"exists":{"field":"k"}}`, `{"exists":{"field":"x"}}`,
		`{"match":{"k":"1"}}`, `{"match":{"i":{"query":1}}}`, `{"match":{"o":true}}`,
	} {
		list = append(list, request("POST", "/typed/_search", `{"query":`+q+`,"sort":["_id"],"_source":false}`))
	}
	for _, body := range []string{
		`{"sort":["l","_id"],"_source":false}`, `{"sort":[{"l":"desc"},"_id"],"_source":false,"size":3}`, `{"sort":["l","_id"],"search_after":[9007199254740992,"b"],"_source":false}`,
		`{"sort":["d","_id"],"_source":false}`, `{"sort":["o","_id"],"_source":false}`, `{"sort":["s","_id"],"_source":false,"size":3}`, `{"sort":[{"i":{"order":"desc","missing":"_first"}},"_id"],"_source":false}`, `{"sort":[{"b":"desc"}],"search_after":[-2147483648],"_source":false}`, `{"sort":["f","_id"],"_source":false}`, `{"sort":[{"t":"desc"},"_id"],"_source":false}`, `{"sort":["k","_id"],"_source":false}`,
		`{"size":0,"aggs":{"l":{"terms":{"field":"l"}},"i":{"terms":{"field":"i","order":{"_key":"asc"}}},"o":{"terms":{"field":"o"}},"t":{"terms":{"field":"t"}},"d":{"terms":{"field":"d"}},"k":{"terms":{"field":"k"}}}}`,
		`{"size":0,"aggs":{"max":{"max":{"field":"l"}},"min":{"min":{"field":"l"}},"n":{"value_count":{"field":"l"}},"c":{"cardinality":{"field":"l"}}}}`,
	} {
		list = append(list, request("POST", "/typed/_search", body))
	}
	return append(list, request("DELETE", "/typed", ""))
}

// dynamicExchanges write fields that no mapping names.
func dynamicExchanges() []exchange {
	list := []exchange{
		request("PUT", "/dyn/_doc/a?refresh=true", `{"n":1,"x":1.5,"b":true,"when":"2016-01-01T00:00:00Z","name":"One Two","deep":{"er":{"k":"v"},"n":2},"empty":{},"nothing":null,"none":[]}`),
		request("GET", "/dyn/_mapping", ""),
		request("PUT", "/dyn/_doc/b?refresh=true", `{"n":"7","x":2,"name":"2016","deep":{"n":3,"more":"2016-02-01"},"one":["single"]}`),
		request("PUT", "/dyn/_doc/c?refresh=true", `{"n":"seven"}`),
		request("PUT", "/dyn/_doc/c?refresh=true", `{"deep":5}`),
		request("PUT", "/dyn/_doc/c?refresh=true", `{"big":9223372036854775808}`),
		request("PUT", "/dyn/_doc/d?refresh=true", `{"name":"`+strings.Repeat("y", 300)+`","deep.n":4}`),
		request("GET", "/dyn/_mapping", ""),
		request("POST", "/dyn/_doc/e?refresh=true", `{"n":5,"flag":"true","number":"12"}`),
	}
	for _, q := range []string{
		`{"term":{"n":1}}`, `{"term":{"n":7}}`, `{"term":{"x":1.5}}`, `{"range":{"x":{"gt":1.5}}}`, `{"term":{"b":true}}`, `{"term":{"when":"2016-01-01"}}`, `{"term":{"name.keyword":"One Two"}}`,
		`{"term":{"deep.er.k.keyword":"v"}}`, `{"range":{"deep.n":{"gte":3}}}`, `{"exists":{"field":"deep"}}`, `{"exists":{"field":"deep.er"}}`, `{"exists":{"field":"name.keyword"}}`, `{"exists":{"field":"name"}}`,
		`{"term":{"one.keyword":"single"}}`, `{"term":{"absent":1}}`, `{"exists":{"field":"empty"}}`, `{"term":{"number.keyword":"12"}}`, `{"term":{"deep.more":"2016-02-01"}}`,
	} {
		list = append(list, request("POST", "/dyn/_search", `{"query":`+q+`,"sort":["_id"],"_source":false}`))
	}
	return append(list,
		request("POST", "/dyn/_search", `{"sort":[{"n":"desc"}],"_source":["n"]}`),
		request("POST", "/dyn/_search", `{"sort":["x","_id"],"_source":false}`),
		request("POST", "/dyn/_search", `{"sort":["name.keyword","_id"],"_source":false,"size":2}`),
		request("POST", "/dyn/_search", `{"sort":["name"]}`),
		request("POST", "/dyn/_search", `{"size":0,"aggs":{"n":{"terms":{"field":"name.keyword"}},"m":{"avg":{"field":"deep.n"}}}}`),
		request("GET", "/dyn/_field_caps?fields=*", ""),
		request("PUT", "/dyn/_doc/f?refresh=true", `{"tags":["a","b"],"n":[1,2]}`),
		request("GET", "/dyn/_doc/f", ""),
		request("POST", "/dyn/_search", `{"query":{"term":{"tags.keyword":"a"}}}`, unsupported("it keeps one value a field")),
		request("POST", "/dyn/_search", `{"query":{"term":{"n":2}}}`, unsupported("it keeps one value a field")),
		request("PUT", "/closed", `{"mappings":{"dynamic":false,"properties":{"n":{"type":"long"}}}}`),
		request("PUT", "/closed/_doc/a?refresh=true", `{"n":1,"other":{"x":[1]}}`),
		request("POST", "/closed/_search", `{"query":{"term":{"other.x":1}}}`),
		request("GET", "/closed/_mapping", ""),
		request("DELETE", "/dyn,closed", ""),
	)
}

// aggregationExchanges ask for each aggregation and its options.
func aggregationExchanges() []exchange {
	var b strings.Builder
	for _, doc := range []string{
		`{"k":"x","n":1,"v":1.5,"t":"2015-12-31T23:30:00.000Z","o":true}`, `{"k":"y","n":2,"v":2.5,"t":"2016-01-01T04:30:00.000Z"}`, `{"k":"x","n":3,"t":"2016-01-01T05:30:00.000Z","o":false}`,
		`{"k":"z","n":4,"v":-1,"t":"2016-03-13T06:30:00.000Z"}`, `{"n":5,"v":0.1,"t":"2016-03-13T07:30:00.000Z","o":true}`, `{"k":"y","v":0.2}`,
	} {
		b.WriteString(`{"index":{"_index":"sums"}}` + "\n" + doc + "\n")
	}
	list := []exchange{
		request("PUT", "/sums", `{"mappings":{"properties":{"k":{"type":"keyword"},"n":{"type":"long"},"v":{"type":"double"},"t":{"type":"date"},"o":{"type":"boolean"},"x":{"type":"text"}}}}`),
		request("POST", "/_bulk?refresh=true&filter_path=errors,items.*.status", b.String()),
	}
	for _, a := range []string{
		`{"avg":{"field":"v"}}`, `{"min":{"field":"v"}}`, `{"max":{"field":"n"}}`, `{"sum":{"field":"v"}}`, `{"value_count":{"field":"k"}}`, `{"value_count":{"field":"t"}}`, `{"cardinality":{"field":"k"}}`, `{"cardinality":{"field":"v","precision_threshold":100}}`,
		`{"avg":{"field":"none"}}`, `{"min":{"field":"none"}}`, `{"sum":{"field":"none"}}`, `{"value_count":{"field":"none"}}`, `{"cardinality":{"field":"none"}}`, `{"max":{"field":"t"}}`, `{"min":{"field":"t"}}`,
		`{"sum":{"field":"k"}}`, `{"avg":{"field":"x"}}`, `{"terms":{"field":"x"}}`, `{"date_histogram":{"field":"k","fixed_interval":"1h"}}`, `{"avg":{}}`, `{"terms":{}}`, `{"avg":{"field":"v"},"aggs":{"a":{"avg":{"field":"v"}}}}`,
		`{"terms":{"field":"k","size":1}}`, `{"terms":{"field":"k","min_doc_count":2}}`, `{"terms":{"field":"k","missing":"none"}}`, `{"terms":{"field":"n","missing":9}}`, `{"terms":{"field":"k","include":["x","z"]}}`, `{"terms":{"field":"k","exclude":["x"]}}`,
		`{"terms":{"field":"n","include":[1,2]}}`, `{"terms":{"field":"k","order":[{"_count":"asc"},{"_key":"desc"}],"shard_size":50}}`, `{"terms":{"field":"k","show_term_doc_count_error":true}}`, `{"terms":{"field":"o"}}`, `{"terms":{"field":"v","order":{"_key":"asc"}}}`,
		`{"terms":{"field":"k","order":{"m":"desc"}},"aggs":{"m":{"max":{"field":"n"}},"d":{"date_histogram":{"field":"t","calendar_interval":"month"}}}}`, `{"terms":{"field":"k","order":{"m.value":"asc"}},"aggs":{"m":{"sum":{"field":"n"}}}}`,
		`{"terms":{"field":"k","order":{"m":"desc"}}}`, `{"terms":{"field":"k","size":-1}}`, `{"terms":{"field":"k","min_doc_count":-1}}`, `{"terms":{"field":"t","size":1}}`,
		`{"date_histogram":{"field":"t","fixed_interval":"1h","min_doc_count":1}}`, `{"date_histogram":{"field":"t","calendar_interval":"month"}}`, `{"date_histogram":{"field":"t","calendar_interval":"1M","time_zone":"America/New_York"}}`,
		`{"date_histogram":{"field":"t","calendar_interval":"day","min_doc_count":1,"time_zone":"America/New_York"}}`, `{"date_histogram":{"field":"t","calendar_interval":"hour","min_doc_count":1,"time_zone":"America/New_York"}}`,
		`{"date_histogram":{"field":"t","calendar_interval":"week","min_doc_count":1}}`, `{"date_histogram":{"field":"t","calendar_interval":"quarter"}}`, `{"date_histogram":{"field":"t","calendar_interval":"year","offset":"+1h"}}`, `{"date_histogram":{"field":"t","fixed_interval":"1d","offset":"-6h","min_doc_count":1}}`,
		`{"date_histogram":{"field":"t","fixed_interval":"30d","order":{"_key":"desc"}}}`, `{"date_histogram":{"field":"t","fixed_interval":"30d","min_doc_count":1,"order":{"_count":"desc"}}}`, `{"date_histogram":{"field":"t","fixed_interval":"12h","time_zone":"+05:30","min_doc_count":1}}`,
		`{"date_histogram":{"field":"t","calendar_interval":"month","extended_bounds":{"min":"2015-11-01","max":"2016-05-01"}}}`, `{"date_histogram":{"field":"t","fixed_interval":"1m"}}`, `{"date_histogram":{"field":"t","fixed_interval":"1M"}}`, `{"date_histogram":{"field":"t"}}`,
		`{"date_histogram":{"field":"t","calendar_interval":"2d"}}`, `{"date_histogram":{"field":"none","calendar_interval":"day"}}`, `{"date_histogram":{"field":"t","calendar_interval":"day","time_zone":"Mars/Base"}}`,
		`{"date_histogram":{"field":"t","calendar_interval":"month"},"aggs":{"n":{"sum":{"field":"n"}},"k":{"terms":{"field":"k"},"aggs":{"a":{"avg":{"field":"v"}}}}}}`,
	} {
		list = append(list, request("POST", "/sums/_search", `{"size":0,"aggs":{"a":`+a+`}}`))
	}
	for _, a := range []string{`{"percentiles":{"field":"v"}}`, `{"terms":{"field":"k","include":"x.*"}}`, `{"terms":{"field":"k","min_doc_count":0}}`, `{"date_histogram":{"field":"t","calendar_interval":"day","keyed":true}}`, `{"sum":{"field":"o"}}`} {
		list = append(list, request("POST", "/sums/_search", `{"size":0,"aggs":{"a":`+a+`}}`, unsupported("it has only the plain aggregations")))
	}
	return append(list,
		request("POST", "/sums/_search", `{"size":0,"query":{"range":{"n":{"gte":2}}},"aggregations":{"a":{"terms":{"field":"k"}},"b":{"avg":{"field":"n"}}}}`),
		request("POST", "/sums/_search?filter_path=aggregations.a.buckets.key", `{"size":0,"aggs":{"a":{"terms":{"field":"k"}}}}`),
		request("DELETE", "/sums", ""),
	)
}

// firstHourExchanges are what clients send first.
func firstHourExchanges() []exchange {
	return []exchange{
		request("PUT", "/hour", `{"mappings":{"properties":{"n":{"type":"long"},"k":{"type":"keyword"}}}}`),
		request("POST", "/hour/_doc?refresh=true&filter_path=_index,result,_version", `{"n":1,"k":"a"}`),
		request("POST", "/hour/_doc?op_type=create&refresh=true&filter_path=_index,result", `{"n":1,"k":"b"}`),
		request("POST", "/hour/_doc", ``),
		request("POST", "/hour/_doc", `{"n":`),
		request("POST", "/UPPER/_doc", `{}`),
		request("PUT", "/hour/_create/one?refresh=true", `{"n":2,"k":"c"}`),
		request("PUT", "/hour/_create/one", `{"n":3}`),
		request("PUT", "/hour/_doc/two?refresh=true", `{"n":4,"k":"d"}`),
		request("GET", "/hour/_doc/one?_source=false", ""),
		request("GET", "/hour/_doc/one?_source=k", ""),
		request("GET", "/hour/_doc/one?_source_excludes=k", ""),
		request("POST", "/_mget", `{"docs":[{"_index":"hour","_id":"one"},{"_index":"hour","_id":"none"},{"_index":"nowhere","_id":"x"},{"_index":"hour","_id":"two","_source":["n"]}]}`),
		request("POST", "/hour/_mget", `{"ids":["two","one"]}`),
		request("GET", "/hour/_mget?_source=false", `{"docs":[{"_id":"two"}]}`),
		request("POST", "/_mget", `{"docs":[{"_id":"two"}]}`),
		request("POST", "/_mget", `{"docs":[]}`),
		request("POST", "/_mget", `{}`),
		request("POST", "/hour/_mget", `{"docs":[{"_index":"hour"}]}`),
		request("POST", "/_msearch", "{\"index\":\"hour\"}\n{\"query\":{\"term\":{\"k\":\"c\"}},\"sort\":[\"n\"]}\n{\"index\":[\"nowhere\"]}\n{}\n{\"index\":\"hour\"}\n{\"sort\":[\"none\"]}\n{\"index\":\"nowhere\",\"ignore_unavailable\":true}\n{\"size\":0}\n"),
		request("POST", "/hour/_msearch", "{}\n{\"size\":0,\"aggs\":{\"a\":{\"max\":{\"field\":\"n\"}}}}\n\n{\"sort\":[{\"n\":\"desc\"}],\"size\":1}\n"),
		request("POST", "/_msearch", ""),
		request("POST", "/_msearch", "{}\n{}"),
		request("GET", "/hour/_search?sort=n:desc&size=2&_source=n", ""),
		request("GET", "/hour/_search?sort=n,k:asc&_source_excludes=n&from=1&size=2&filter_path=hits.hits._source,hits.hits.sort", ""),
		request("POST", "/hour/_search", `{"sort":[{"n":"desc"}],"size":1,"seq_no_primary_term":true,"version":true}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"hour","alias":"now"}},{"add":{"indices":["hour"],"aliases":["then","later"]}}]}`),
		request("GET", "/_aliases", ""),
		request("GET", "/hour/_alias", ""),
		request("POST", "/_aliases", `{"actions":[{"remove":{"index":"hour","alias":"then"}},{"add":{"index":"hou*","alias":"soon"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"remove":{"index":"hour","alias":"then"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"remove":{"index":"hour","alias":"then","must_exist":false}}]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"nowhere","alias":"x"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"hour","alias":"hour"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"hour","alias":"UP*"}}]}`),
		request("POST", "/_aliases", `{"actions":[]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"alias":"x"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"hour"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"add":{"index":"hour","alias":"x","filter":{"term":{"k":"a"}}}}]}`, unsupported("its aliases have no options")),
		request("PUT", "/hour/_alias/own", ""),
		request("DELETE", "/hour/_alias/y", ""),
		request("HEAD", "/_alias/own", ""),
		request("DELETE", "/hour/_alias/own", ""),
		request("HEAD", "/_alias/own", ""),
		request("GET", "/hour/_alias", "", on(embedded, ok(`{"hour":{"aliases":{"later":{},"now":{},"soon":{},"x":"-"}}}`), "its aliases have no options")),
		request("POST", "/now/_search", `{"sort":[{"n":"desc"}],"size":1}`),
		request("GET", "/hour/_field_caps?fields=n,k,none", ""),
		request("GET", "/_field_caps?fields=k&index=hour", "", unsupported("it names the parameters that it does not know")),
		request("GET", "/hour/_field_caps", ""),
		request("GET", "/nowhere/_field_caps?fields=*", ""),
		request("GET", "/_cat/indices/hour?format=json&h=index,docs.count", ""),
		request("GET", "/_cat/indices/ho*?format=json&h=i,dc,status&s=index", ""),
		request("POST", "/_aliases", `{"actions":[{"remove_index":{"index":"now"}}]}`),
		request("POST", "/_aliases", `{"actions":[{"remove_index":{"index":"hour"}}]}`),
		request("HEAD", "/hour", ""),
	}
}

// typeExchanges send bodies that do not say that they are JSON.
func typeExchanges() []exchange {
	var list []exchange
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=UTF-8", "application/x-ndjson", "text/html", "nonsense"} {
		e := request("POST", "/docs/_search", `{"size":0}`)
		e.Type = &kind
		list = append(list, e)
	}
	none := ""
	e := request("GET", "/docs/_search?size=0", "")
	e.Type = &none
	return append(list, e)
}
