package opensearch

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzEachField holds the quick walk over an object against encoding/json.
func FuzzEachField(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1}`, `{"a":{"b":[1,"}",{"c":"\\"}]},"d":"\"","e":null}`, `{"a":"x:y,z","b":-1.5e3}`, `{"":[]}`, `[1]`, `{`, `"x"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var compact bytes.Buffer
		if json.Compact(&compact, b) != nil {
			_ = eachField(b, func(_, _ []byte) error { return nil }) // must not break
			return
		}
		got := make(map[string]json.RawMessage)
		err := eachField(compact.Bytes(), func(name, value []byte) error {
			var s string
			if err := json.Unmarshal(append(append([]byte{'"'}, name...), '"'), &s); err != nil {
				t.Fatalf("name %q: %v", name, err)
			}
			got[s] = value
			return nil
		})
		var want map[string]json.RawMessage
		if isObject := json.Unmarshal(compact.Bytes(), &want) == nil && want != nil; isObject != (err == nil) {
			t.Fatalf("%s: got %v", b, err)
		}
		if err != nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%s: got %q, want %q", b, got, want)
		}
		for name, value := range want {
			if !bytes.Equal(got[name], value) {
				t.Fatalf("%s: %q is %s, want %s", b, name, got[name], value)
			}
		}
	})
}
