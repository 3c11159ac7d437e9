package search

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"taxistream/internal/jsonscan"
)

// kind is a field's mapping type.
type kind uint8

const (
	kindNone kind = iota
	kindKeyword
	kindText
	kindLong // and integer, short, byte: they differ in their bounds
	kindDouble
	kindDate
	kindBoolean
	kindBinary
	kindGeoPoint
	kindOpaque // object with enabled: false
)

// field is one mapped field of an index.
type field struct {
	name     string
	typeName string // as in the mapping
	kind     kind
	min, max int64 // of kindLong
	column   int   // of kindDate and kindLong: which of the index's columns
}

// mapping is what an index takes. It does not change once the index exists.
type mapping struct {
	raw     json.RawMessage // as it was put, for GET
	dynamic string          // strict, true or false
	fields  []field
	byName  map[string]int
	columns int // number of dates and whole numbers
}

var bounds = map[string][2]int64{
	"byte":    {-1 << 7, 1<<7 - 1},
	"short":   {-1 << 15, 1<<15 - 1},
	"integer": {-1 << 31, 1<<31 - 1},
	"long":    {-1 << 63, 1<<63 - 1},
}

var kinds = map[string]kind{
	"keyword": kindKeyword, "text": kindText, "double": kindDouble, "float": kindDouble, "date": kindDate,
	"boolean": kindBoolean, "binary": kindBinary, "geo_point": kindGeoPoint,
	"byte": kindLong, "short": kindLong, "integer": kindLong, "long": kindLong,
}

// parseMapping reads the mappings object of a template or an index. Parameters
// that would change what is stored or found, and are not implemented, are named.
func parseMapping(raw json.RawMessage) (*mapping, *apiError) {
	m := &mapping{raw: raw, dynamic: "true", byName: make(map[string]int)}
	if len(raw) == 0 {
		m.raw = json.RawMessage("{}")
		return m, nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		return nil, failf(http.StatusBadRequest, "mapper_parsing_exception", "failed to parse mapping: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		value := top[name]
		switch name {
		case "properties":
			if err := m.parseProperties(value); err != nil {
				return nil, err
			}
		case "dynamic":
			m.dynamic = plain(value)
			if !slices.Contains([]string{"strict", "true", "false"}, m.dynamic) {
				return nil, unsupportedf("dynamic: %s in a mapping", m.dynamic)
			}
		case "_meta":
		default:
			return nil, unsupportedf("%q in a mapping", name)
		}
	}
	return m, nil
}

// plain is a JSON scalar as text.
func plain(raw json.RawMessage) string {
	if len(raw) > 1 && raw[0] == '"' {
		return jsonscan.Unescape(raw[1 : len(raw)-1])
	}
	return string(raw)
}

func (m *mapping) parseProperties(raw json.RawMessage) *apiError {
	var properties map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &properties); err != nil {
		return failf(http.StatusBadRequest, "mapper_parsing_exception", "failed to parse properties: %v", err)
	}
	var failed *apiError
	// In the order in which they are written, so that columns and errors do not vary.
	_ = jsonscan.Object(raw, func(key []byte, _, _ int) error {
		name := jsonscan.Unescape(key)
		f, err := parseField(name, properties[name])
		if err != nil {
			failed = err
			return errFound
		}
		if f.kind == kindDate || f.kind == kindLong {
			f.column = m.columns
			m.columns++
		}
		m.byName[name] = len(m.fields)
		m.fields = append(m.fields, f)
		return nil
	})
	return failed
}

func parseField(name string, parameters map[string]json.RawMessage) (field, *apiError) {
	f := field{name: name, typeName: plain(parameters["type"])}
	f.kind = kinds[f.typeName]
	if b, ok := bounds[f.typeName]; ok {
		f.min, f.max = b[0], b[1]
	}
	if f.typeName == "object" || f.typeName == "" {
		if plain(parameters["enabled"]) != "false" {
			return f, unsupportedf("an object field with properties (%s)", name)
		}
		f.kind = kindOpaque
	}
	if f.kind == kindNone {
		return f, unsupportedf("the mapping type %s (field %s)", f.typeName, name)
	}
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		switch {
		case p == "type":
		case p == "enabled" && f.kind == kindOpaque:
		default:
			return f, unsupportedf("the mapping parameter %s (field %s)", p, name)
		}
	}
	return f, nil
}

// field returns the field of that name, nil if it is not mapped.
func (m *mapping) field(name string) *field {
	if i, ok := m.byName[name]; ok {
		return &m.fields[i]
	}
	return nil
}
