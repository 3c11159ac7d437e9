// Package schema has the mappings of indexes: the types of fields, how a document
// is read by them, and how new fields come by. It keeps no document.
package schema

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// Kind is what a mapping type comes down to.
type Kind uint8

// What each kind has in its column.
const (
	None    Kind = iota
	Keyword      // the value is a text
	Text         // only its presence is known
	Long         // and integer, short, byte: they differ in their bounds
	Double       // and float: the value is Sortable
	Date         // milliseconds
	Boolean      // 0 or 1
	Binary       // not looked at
	Point        // geo_point: only its presence is known
	Opaque       // object with enabled: false: not looked at
)

// Field is one mapped field of an index.
type Field struct {
	Path     string // names with dots between them
	TypeName string // as in the mapping
	Kind     Kind
	Column   int // -1: it has none

	min, max int64    // of Long
	longest  int      // ignore_above of Keyword; 0: none
	subs     []*Field // of the same value
	of       *Field   // whose subfield it is
	at       int      // in the mapping's order; -1: it is a subfield
}

// Source is the path at which documents hold the field's value.
func (f *Field) Source() string {
	if f.of != nil {
		return f.of.Path
	}
	return f.Path
}

// Mapping is what an index takes. It does not change: Extend makes another.
type Mapping struct {
	Raw     json.RawMessage // as it was put, for GET
	Dynamic string          // strict, true or false
	Columns int
	Fields  []*Field // with subfields

	byPath  map[string]*Field
	order   []*Field // without subfields: documents mostly hold them in this order
	objects map[string]bool
}

// maxFields is index.mapping.total_fields.limit.
const maxFields = 1000

var bounds = map[string][2]int64{
	"byte":    {-1 << 7, 1<<7 - 1},
	"short":   {-1 << 15, 1<<15 - 1},
	"integer": {-1 << 31, 1<<31 - 1},
	"long":    {-1 << 63, 1<<63 - 1},
}

// Kinds are the mapping types that there are.
var Kinds = map[string]Kind{
	"keyword": Keyword, "text": Text, "double": Double, "float": Double, "date": Date,
	"boolean": Boolean, "binary": Binary, "geo_point": Point,
	"byte": Long, "short": Long, "integer": Long, "long": Long,
}

func mappingf(format string, args ...any) *fail.Error {
	return fail.Newf(http.StatusBadRequest, "mapper_parsing_exception", format, args...)
}

// Parse reads the mappings object of a template or an index. Parameters that would
// change what is stored or found, and are not implemented, are named.
func Parse(raw json.RawMessage) (*Mapping, *fail.Error) {
	m := &Mapping{Raw: raw, Dynamic: "true", byPath: make(map[string]*Field), objects: make(map[string]bool)}
	if len(raw) == 0 {
		m.Raw = json.RawMessage("{}")
		return m, nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		return nil, mappingf("failed to parse mapping: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		value := top[name]
		switch name {
		case "properties":
			if err := m.properties("", value); err != nil {
				return nil, err
			}
		case "dynamic":
			if m.Dynamic = jsonscan.Scalar(value); value[0] != '"' { // it is shown as a text
				top[name] = json.RawMessage(strconv.Quote(m.Dynamic))
				m.Raw, _ = json.Marshal(top)
			}
			if !slices.Contains([]string{"strict", "true", "false"}, m.Dynamic) {
				return nil, fail.Unsupportedf("dynamic: %s in a mapping", m.Dynamic)
			}
		case "_meta":
		default:
			return nil, fail.Unsupportedf("%q in a mapping", name)
		}
	}
	return m, nil
}

// properties adds the fields of an object, in the order in which they are written,
// so that columns and errors do not vary.
func (m *Mapping) properties(prefix string, raw json.RawMessage) *fail.Error {
	var properties map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &properties); err != nil {
		return mappingf("failed to parse properties: %v", err)
	}
	var failed *fail.Error
	_ = jsonscan.Object(raw, func(key []byte, _, _ int) error {
		name := jsonscan.Unescape(key)
		if failed = m.property(prefix+name, properties[name]); failed != nil {
			return errStop
		}
		return nil
	})
	return failed
}

func (m *Mapping) property(path string, parameters map[string]json.RawMessage) *fail.Error {
	typeName := jsonscan.Scalar(parameters["type"])
	if typeName == "" || typeName == "object" {
		if jsonscan.Scalar(parameters["enabled"]) != "false" {
			return m.object(path, parameters)
		}
		typeName = "object"
	}
	f := &Field{Path: path, TypeName: typeName, Kind: Kinds[typeName], Column: -1}
	if typeName == "object" {
		f.Kind = Opaque
	}
	if f.Kind == None {
		return fail.Unsupportedf("the mapping type %s (field %s)", typeName, path)
	}
	f.at = len(m.order)
	m.add(f)
	m.order = append(m.order, f)
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		switch {
		case p == "type" || p == "enabled" && f.Kind == Opaque:
		case p == "ignore_above" && f.Kind == Keyword:
			if err := json.Unmarshal(parameters[p], &f.longest); err != nil || f.longest <= 0 {
				return mappingf("[ignore_above] must be positive, got %s", parameters[p])
			}
		case p == "fields" && (f.Kind == Text || f.Kind == Keyword):
			if err := m.subfields(f, parameters[p]); err != nil {
				return err
			}
		default:
			return fail.Unsupportedf("the mapping parameter %s (field %s)", p, path)
		}
	}
	return nil
}

// object adds the fields below a path. Its own place is taken even if it has none.
func (m *Mapping) object(path string, parameters map[string]json.RawMessage) *fail.Error {
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		if p != "type" && p != "properties" {
			return fail.Unsupportedf("the mapping parameter %s (field %s)", p, path)
		}
	}
	m.objects[path] = true
	if parameters["properties"] == nil {
		return nil
	}
	return m.properties(path+".", parameters["properties"])
}

// subfields adds keywords and texts that have the value of f.
func (m *Mapping) subfields(f *Field, raw json.RawMessage) *fail.Error {
	sub := &Mapping{byPath: m.byPath, objects: map[string]bool{}, Columns: m.Columns, Fields: m.Fields}
	if err := sub.properties(f.Path+".", raw); err != nil {
		return err
	}
	for _, s := range sub.order {
		if s.Kind != Keyword && s.Kind != Text || len(s.subs) > 0 {
			return fail.Unsupportedf("a subfield of type %s (%s)", s.TypeName, s.Path)
		}
		s.of, s.at = f, -1
	}
	m.Columns, m.Fields, f.subs = sub.Columns, sub.Fields, sub.order
	return nil
}

func (m *Mapping) add(f *Field) {
	if b, ok := bounds[f.TypeName]; ok {
		f.min, f.max = b[0], b[1]
	}
	if f.Kind != Binary && f.Kind != Opaque {
		f.Column = m.Columns
		m.Columns++
	}
	m.byPath[f.Path] = f
	m.Fields = append(m.Fields, f)
	for at := strings.LastIndexByte(f.Path, '.'); at > 0; at = strings.LastIndexByte(f.Path[:at], '.') {
		if m.byPath[f.Path[:at]] == nil {
			m.objects[f.Path[:at]] = true
		}
	}
}

// Field returns the field of that path, nil if it is not mapped.
func (m *Mapping) Field(path string) *Field { return m.byPath[path] }

// Objects are the paths of objects that have fields.
func (m *Mapping) Objects() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.objects)), func(path string) bool {
		return !slices.ContainsFunc(m.Fields, func(f *Field) bool { return strings.HasPrefix(f.Path, path+".") })
	})
}

// Below gives the field of a path, or those of the object that is there.
func (m *Mapping) Below(path string) (fields []*Field) {
	for _, f := range m.Fields {
		if f.Path == path || m.objects[path] && strings.HasPrefix(f.Path, path+".") {
			fields = append(fields, f)
		}
	}
	return fields
}
