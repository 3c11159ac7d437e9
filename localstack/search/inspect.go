package search

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/query"
	"taxistream/localstack/search/schema"
)

// catColumns are those of _cat/indices, in its order.
var catColumns = []string{"health", "status", "index", "uuid", "pri", "rep", "docs.count", "docs.deleted", "store.size", "pri.store.size"}

// catIndices answers _cat/indices, as a table or as JSON.
func (s *Server) catIndices(r *request) (answer, *fail.Error) {
	pattern := "*"
	if len(r.parts) > 2 {
		pattern = r.parts[2]
	}
	format := cmp.Or(r.query.Get("format"), "text")
	if format != "text" && format != "json" {
		return answer{}, fail.Unsupportedf("format=%s in _cat", format)
	}
	columns := catColumns
	if given := r.query.Get("h"); given != "" {
		columns = strings.Split(given, ",")
	}
	for i, c := range columns {
		if c = catShort(c); !slices.Contains(catColumns, c) {
			return answer{}, fail.Unsupportedf("the column %s of _cat/indices", columns[i])
		}
	}
	rows, err := s.catRows(pattern)
	if err != nil {
		return answer{}, err
	}
	if err := sortRows(rows, r.query.Get("s")); err != nil {
		return answer{}, err
	}
	if format == "json" {
		list := make([]tree, 0, len(rows))
		for _, row := range rows {
			one := make(tree)
			for _, c := range columns {
				one[c] = row[catShort(c)]
			}
			list = append(list, one)
		}
		return jsonAnswer(http.StatusOK, list)
	}
	return answer{status: http.StatusOK, body: table(columns, rows, r.flag("v")), plain: true}, nil
}

// catShort is the full name of a column.
func catShort(name string) string {
	short := map[string]string{"h": "health", "s": "status", "i": "index", "idx": "index", "id": "uuid", "p": "pri", "r": "rep", "dc": "docs.count", "docsCount": "docs.count", "dd": "docs.deleted", "docsDeleted": "docs.deleted", "ss": "store.size", "storeSize": "store.size"}
	return cmp.Or(short[name], name)
}

func (s *Server) catRows(pattern string) ([]map[string]string, *fail.Error) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	indexes, err := s.store.resolve(pattern, false)
	if err != nil {
		return nil, err
	}
	var rows []map[string]string
	for _, ix := range indexes {
		f := ix.Figures()
		rows = append(rows, map[string]string{
			"health": "green", "status": "open", "index": ix.Name, "uuid": ix.UUID, "pri": "1", "rep": "0",
			"docs.count": strconv.FormatInt(f.Live, 10), "docs.deleted": strconv.FormatInt(f.Deleted, 10),
			"store.size": size(f.Bytes), "pri.store.size": size(f.Bytes),
		})
	}
	return rows, nil
}

// size is a number of bytes as OpenSearch shows it: 1.5kb.
func size(n int64) string {
	v, unit := float64(n), 0
	for v >= 1024 && unit < 4 {
		v /= 1024
		unit++
	}
	text := strconv.FormatFloat(float64(int64(v*10))/10, 'f', -1, 64)
	return text + []string{"b", "kb", "mb", "gb", "tb"}[unit]
}

// sortRows sorts by columns, name or name:desc; numbers as such.
func sortRows(rows []map[string]string, by string) *fail.Error {
	if by == "" {
		return nil
	}
	for _, key := range slices.Backward(strings.Split(by, ",")) {
		name, direction, _ := strings.Cut(key, ":")
		name = catShort(name)
		if !slices.Contains(catColumns, name) || strings.HasSuffix(name, "size") {
			return fail.Unsupportedf("sorting _cat/indices by %s", name)
		}
		slices.SortStableFunc(rows, func(a, b map[string]string) int {
			x, errX := strconv.ParseInt(a[name], 10, 64)
			y, errY := strconv.ParseInt(b[name], 10, 64)
			c := cmp.Compare(x, y)
			if errX != nil || errY != nil {
				c = strings.Compare(a[name], b[name])
			}
			if direction == "desc" {
				return -c
			}
			return c
		})
	}
	return nil
}

func table(columns []string, rows []map[string]string, headed bool) []byte {
	lines := make([][]string, 0, len(rows)+1)
	if headed {
		lines = append(lines, columns)
	}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = row[catShort(c)]
		}
		lines = append(lines, line)
	}
	var b []byte
	for _, line := range lines {
		for i, text := range line {
			width := 0
			for _, other := range lines {
				width = max(width, len(other[i]))
			}
			_, err := strconv.ParseFloat(rowText(lines, i), 64)
			switch {
			case err == nil:
				b = fmt.Appendf(b, "%*s", width, text) // numbers stand to the right
			case i == len(line)-1:
				b = append(b, text...)
			default:
				b = fmt.Appendf(b, "%-*s", width, text)
			}
			if i < len(line)-1 {
				b = append(b, ' ')
			}
		}
		b = append(b, '\n')
	}
	return b
}

// rowText is what the last row has in a column.
func rowText(lines [][]string, column int) string {
	return lines[len(lines)-1][column]
}

// fieldCaps answers _field_caps: what can be asked of which field, over indexes.
func (s *Server) fieldCaps(r *request) (answer, *fail.Error) {
	patterns := r.query.Get("fields")
	if len(r.body) > 0 {
		var body struct {
			Fields []string `json:"fields"`
		}
		if err := fail.Strict(r.body, &body); err != nil {
			return answer{}, err
		}
		patterns = strings.Join(append(body.Fields, patterns), ",")
	}
	if strings.Trim(patterns, ",") == "" {
		return answer{}, fail.Illegalf("specified fields can't be null or empty")
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	indexes, err := s.store.resolve(r.expression(), r.flag("ignore_unavailable"))
	if err != nil {
		return answer{}, err
	}
	names := make([]string, 0, len(indexes))
	of := make(map[string]map[string][]string) // by path and type the indexes
	for _, ix := range indexes {
		names = append(names, ix.Name)
		for path, typeName := range capabilities(ix.Mapping(), strings.Split(patterns, ",")) {
			if of[path] == nil {
				of[path] = make(map[string][]string)
			}
			of[path][typeName] = append(of[path][typeName], ix.Name)
		}
	}
	fields := make(tree)
	for path, types := range of {
		shown := make(tree)
		ownField := slices.Contains(ownFields, path)
		for _, typeName := range slices.Sorted(maps.Keys(types)) {
			c := tree{"type": typeName, "searchable": searchable[path] || schema.Kinds[typeName] > 0 && typeName != "binary" && !ownField, "aggregatable": aggregatable[typeName] && path != "_doc_count"}
			if len(types) > 1 {
				c["indices"] = types[typeName]
			}
			shown[typeName] = c
		}
		fields[path] = shown
	}
	return jsonAnswer(http.StatusOK, tree{"indices": names, "fields": fields})
}

// What OpenSearch's own fields, and types, can be asked.
var (
	searchable   = map[string]bool{"_id": true, "_index": true, "_field_names": true, "_ignored": true, "_nested_path": true, "_routing": true, "_seq_no": true}
	aggregatable = map[string]bool{
		"keyword": true, "long": true, "integer": true, "short": true, "byte": true, "double": true, "float": true, "date": true,
		"boolean": true, "geo_point": true, "_id": true, "_index": true, "_seq_no": true,
	}
	ownFields = []string{"_data_stream_timestamp", "_doc_count", "_feature", "_field_names", "_id", "_ignored", "_index", "_nested_path", "_routing", "_seq_no", "_source", "_version"}
)

// capabilities are the types of the fields that match, with objects and OpenSearch's own.
func capabilities(m *schema.Mapping, patterns []string) map[string]string {
	types := make(map[string]string)
	for _, f := range m.Fields {
		types[f.Path] = f.TypeName
	}
	for _, path := range m.Objects() {
		types[path] = "object"
	}
	for _, own := range ownFields {
		types[own] = own
	}
	types["_doc_count"] = "long"
	maps.DeleteFunc(types, func(path, _ string) bool {
		return !slices.ContainsFunc(patterns, func(p string) bool { return query.MatchName(p, path) })
	})
	return types
}
