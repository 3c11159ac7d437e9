package objects

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Types of saved objects.
const (
	IndexPattern  = "index-pattern"
	Visualization = "visualization"
	Dashboard     = "dashboard"
)

// migrations are the newest forms that OpenSearch Dashboards 2.x and 3.x know:
// a higher one is refused on import, a lower one is brought forward.
var migrations = map[string]string{IndexPattern: "7.6.0", Visualization: "7.10.0", Dashboard: "7.9.3"}

// Object is one saved object. Attributes are those of its type; some hold JSON
// as a string, as the saved-objects API has it.
type Object struct {
	Type             string            `json:"type"`
	ID               string            `json:"id"`
	Attributes       map[string]any    `json:"attributes"`
	References       []Reference       `json:"references"`
	MigrationVersion map[string]string `json:"migrationVersion"`
}

// Reference names another object that this one needs.
type Reference struct {
	Name string `json:"name"`
	Type string `json:"type"`
	ID   string `json:"id"`
}

func newObject(kind, id string, attributes map[string]any, references ...Reference) Object {
	if references == nil {
		references = []Reference{}
	}
	return Object{Type: kind, ID: id, Attributes: attributes, References: references, MigrationVersion: map[string]string{kind: migrations[kind]}}
}

// text is a value as a string of JSON. Only values of this package are passed,
// which can be written.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("objects: " + err.Error())
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// Encode is the NDJSON of an export, which an import takes: a line an object.
func Encode(all []Object) []byte {
	var b bytes.Buffer
	for _, o := range all {
		b.WriteString(text(o))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Decode reads what Encode writes.
func Decode(ndjson []byte) ([]Object, error) {
	var all []Object
	for n, line := range bytes.Split(bytes.TrimSpace(ndjson), []byte("\n")) {
		var o Object
		if err := json.Unmarshal(line, &o); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// m is short for the many objects of a query or a picture.
type m = map[string]any
