package schema

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// unmapped reads a value of no mapped field: an object's, or one to be mapped.
func (v *Values) unmapped(path string, from, to int) error {
	raw := v.source[from:to]
	known := v.mapping.objects[path]
	switch {
	case raw[0] == 'n':
		return nil
	case known && raw[0] != '{' && raw[0] != '[':
		return v.stop(mappingf("object mapping for [%s] tried to parse field [%s] as object, but found a concrete value", path, path))
	case !known && v.mapping.Dynamic == "strict":
		return v.stop(fail.Newf(http.StatusBadRequest, "strict_dynamic_mapping_exception",
			"mapping set to strict, dynamic introduction of [%s] within [_doc] is not allowed", path))
	case !known && v.mapping.Dynamic == "false":
		return nil
	case raw[0] == '{':
		if !known {
			v.New = append(v.New, NewField{path, `{"type":"object"}`})
		}
		return v.object(path, from)
	case raw[0] == '[':
		_, err := jsonscan.Elements(v.source, from, 0, func(from, to int) error { return v.element(path, from, to) })
		return err
	}
	definition, err := dynamic(raw)
	if err != nil {
		return v.stop(err)
	}
	v.New = append(v.New, NewField{path, definition})
	return nil
}

func (v *Values) object(path string, from int) error {
	_, err := jsonscan.Members(v.source, from, 0, func(key []byte, from, to int) error {
		return v.member(nil, path+".", key, from, to)
	})
	return err
}

// element reads an element of an array that stands for a field that is not mapped,
// or for an object: fields below it may come again.
func (v *Values) element(path string, from, to int) error {
	if v.source[from] != '{' {
		return v.unmapped(path, from, to)
	}
	before := len(v.fields)
	err := v.unmapped(path, from, to)
	for _, f := range v.fields[before:] {
		v.seen[f.at] = false
	}
	v.fields = v.fields[:before]
	return err
}

// dynamic is the definition that OpenSearch gives a field by its first value.
func dynamic(raw []byte) (string, *fail.Error) {
	switch raw[0] {
	case 't', 'f':
		return `{"type":"boolean"}`, nil
	case '"':
		text := jsonscan.Scalar(raw)
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			if _, _, ok := parseISO(text); ok {
				return `{"type":"date"}`, nil
			}
			if len(text) >= 10 && text[4] == '/' && text[7] == '/' {
				return "", fail.Unsupportedf("a date in the form of %s in a field that is not mapped", text)
			}
		}
		return `{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}`, nil
	}
	if bytes.ContainsAny(raw, ".eE") {
		return `{"type":"float"}`, nil
	}
	return `{"type":"long"}`, nil
}

// Extend makes the mapping that has new fields, as documents bring them where it
// is dynamic. Columns that are there stay.
func (m *Mapping) Extend(added []NewField) (*Mapping, *fail.Error) {
	if len(m.Fields)+len(added) > maxFields {
		return nil, fail.Illegalf("Limit of total fields [%d] has been exceeded", maxFields)
	}
	var tree map[string]any
	if err := json.Unmarshal(m.Raw, &tree); err != nil {
		return nil, mappingf("failed to parse mapping: %v", err)
	}
	next := &Mapping{
		Dynamic: m.Dynamic, Columns: m.Columns, Fields: slices.Clone(m.Fields), order: slices.Clone(m.order),
		byPath: maps.Clone(m.byPath), objects: maps.Clone(m.objects),
	}
	for _, n := range added {
		if next.byPath[n.path] != nil || next.objects[n.path] {
			continue // another document brought it
		}
		at := tree
		parts := strings.Split(n.path, ".")
		for _, part := range parts[:len(parts)-1] {
			at = below(below(at, "properties"), part)
			if at["type"] == "object" {
				delete(at, "type") // where there are properties it is not said
			}
		}
		var parameters map[string]json.RawMessage
		leaf := below(below(at, "properties"), parts[len(parts)-1])
		if json.Unmarshal([]byte(n.definition), &leaf) != nil || json.Unmarshal([]byte(n.definition), &parameters) != nil {
			return nil, mappingf("failed to parse the definition of %s", n.path)
		}
		if err := next.property(n.path, parameters); err != nil {
			return nil, err
		}
	}
	var err error
	if next.Raw, err = json.Marshal(tree); err != nil {
		return nil, mappingf("failed to write the mapping: %v", err)
	}
	return next, nil
}

// below gives the object of that name in a tree, which it makes if need be.
func below(tree map[string]any, name string) map[string]any {
	in, ok := tree[name].(map[string]any)
	if !ok {
		in = make(map[string]any)
		tree[name] = in
	}
	return in
}
