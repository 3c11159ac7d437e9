package app_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// newest are the forms that 2.x and 3.x bring older ones forward to. Neither has
// added one since the fork, so both refuse the same.
var newest = map[string]string{"index-pattern": "7.6.0", "visualization": "7.10.0", "dashboard": "7.9.3"}

// mapping is that of the saved objects' index: the type of each attribute, or of
// each part of one, by the type of object. It is strict, but for index patterns,
// whose other attributes are kept without being mapped.
var mapping = map[string]map[string]string{
	"index-pattern": {"title": "text", "type": "keyword", "*": ""},
	"visualization": {
		"description": "text", "kibanaSavedObjectMeta": "object", "kibanaSavedObjectMeta.searchSourceJSON": "text", "savedSearchRefName": "keyword",
		"title": "text", "uiStateJSON": "text", "version": "integer", "visState": "text",
	},
	"dashboard": {
		"description": "text", "hits": "integer", "kibanaSavedObjectMeta": "object", "kibanaSavedObjectMeta.searchSourceJSON": "text",
		"optionsJSON": "text", "panelsJSON": "text", "refreshInterval": "object", "refreshInterval.display": "keyword",
		"refreshInterval.pause": "boolean", "refreshInterval.section": "integer", "refreshInterval.value": "integer",
		"timeFrom": "keyword", "timeRestore": "boolean", "timeTo": "keyword", "title": "text", "version": "integer",
	},
}

// tooNew is the server's word on a form that it does not know yet, or "".
func tooNew(o saved) string {
	for name, version := range o.MigrationVersion {
		if name == o.Type && compare(version, newest[name]) > 0 {
			return fmt.Sprintf("Document %q has property %q which belongs to a more recent version of OpenSearch Dashboards [%s]. The last known version is [%s]", o.ID, name, version, newest[name])
		}
	}
	return ""
}

// compare parts versions by their numbers: 7.10.0 is newer than 7.9.3.
func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		n, _ := strconv.Atoi(x[i])
		k, _ := strconv.Atoi(y[i])
		if n != k {
			return n - k
		}
	}
	return len(x) - len(y)
}

// unmapped is why the index does not take an object, or "".
func unmapped(o saved) string { return unmappedIn(o.Type, "", o.Attributes) }

func unmappedIn(kind, parent string, attributes map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		v := attributes[name]
		path := parent + name
		want, known := mapping[kind][path]
		if _, lax := mapping[kind]["*"]; !known && lax {
			continue
		}
		if !known {
			return fmt.Sprintf("mapping set to strict, dynamic introduction of [%s] within [%s] is not allowed", name, strings.Trim(kind+"."+parent, "."))
		}
		inner, isObject := v.(map[string]any)
		list, isList := v.([]any)
		if isList && len(list) > 0 {
			_, isObject = list[0].(map[string]any)
		}
		_, number := v.(float64)
		_, truth := v.(bool)
		if isObject != (want == "object") || want == "integer" && !number || want == "boolean" && !truth {
			return fmt.Sprintf("failed to parse field [%s.%s] of type [%s]", kind, path, want)
		}
		if why := unmappedIn(kind, path+".", inner); why != "" {
			return why
		}
	}
	return ""
}
