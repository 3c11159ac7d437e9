package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"taxistream/internal/jsonscan"
)

var texts = []string{
	`{}`, ` {"a":[1,-0.5e+3,"\u00e9\n",true,null,{"b":{}}]} `, `{"a":01}`, `{"a":1,}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`, `{"a":.5}`, `{"a":-}`,
	`{"a" 1}`, `[1]`, `{"a":tru}`, `{"a":"\u12g4"}`, `{"a":1e}`, `{"a":{"b":[1,"}",{"c":"\\"}]},"d":"\"","e":null}`, `{"a":"x:y,z","b":-1.5e3}`,
	`{"":[]}`, `{`, `"x"`, "\"\x7f\"", "\"\u00e9\"", "\"\xff\"", `"a\"b"`, `""`, `"`, `-0`, `1.0E-7`, `{"a":1}x`, `{"a":1,"a":2}`,
	`{"text":"a","number":12,"data":"YQ==","list":[1,2]}`, ` { "data" : "" , "list" : [ ] } `,
}

// FuzzObject holds the walk over an object against encoding/json: both take the
// same texts, but for the depth that only the scanner limits, and see the same.
func FuzzObject(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Count(b, []byte{'['})+bytes.Count(b, []byte{'{'}) >= jsonscan.MaxDepth {
			return
		}
		want := json.Valid(b) && utf8.Valid(b) && bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte{'{'})
		seen := map[string][]byte{}
		err := jsonscan.Object(b, func(name []byte, from, to int) error {
			seen[jsonscan.Unescape(name)] = b[from:to]
			return nil
		})
		if (err == nil) != want {
			t.Fatalf("%q: got %v, encoding/json says %v", b, err, want)
		}
		if err != nil {
			return
		}
		var slow map[string]json.RawMessage
		if err := json.Unmarshal(b, &slow); err != nil {
			t.Fatal(err)
		}
		if len(slow) != len(seen) {
			t.Fatalf("%q: %d members, want %d", b, len(seen), len(slow))
		}
		for name, value := range slow {
			if !bytes.Equal(seen[name], value) {
				t.Fatalf("%q: %q is %q, want %q", b, name, seen[name], value)
			}
		}
	})
}

// FuzzElements holds the walk over an array against encoding/json.
func FuzzElements(f *testing.F) {
	for _, text := range append(texts, `[]`, ` [ 1 , "]" , [2] , {} ]`, `[1,]`, `[1 2]`) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.Trim(b, " \t\r\n")
		if len(b) == 0 || b[0] != '[' || bytes.Count(b, []byte{'['})+bytes.Count(b, []byte{'{'}) >= jsonscan.MaxDepth {
			return
		}
		var got []json.RawMessage
		end, err := jsonscan.Elements(b, 0, 0, func(from, to int) error {
			got = append(got, b[from:to])
			return nil
		})
		skipped, skipErr := jsonscan.Value(b, 0, 0)
		if (err == nil) != (skipErr == nil) || err == nil && skipped != end {
			t.Fatalf("%q: read to %d, %v, passed over to %d, %v", b, end, err, skipped, skipErr)
		}
		var want []json.RawMessage
		valid := json.Unmarshal(b, &want) == nil
		if valid != (err == nil && end == len(b)) {
			t.Fatalf("%q: got %d, %v, encoding/json says %v", b, end, err, valid)
		}
		if valid && fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q: got %q, want %q", b, got, want)
		}
	})
}

// FuzzPlain holds that the strings that are taken are those without anything unusual.
func FuzzPlain(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, next := jsonscan.Plain(b, 0)
		var want string
		usual := false
		if end := bytes.IndexByte(b[min(1, len(b)):], '"'); end >= 0 && json.Unmarshal(b[:end+2], &want) == nil {
			usual = !strings.ContainsFunc(string(b[:end+2]), func(r rune) bool { return r == '\\' || r < ' ' || r > '~' })
		}
		if usual != (next != jsonscan.Declined) || usual && (string(text) != want || next != len(text)+2) {
			t.Fatalf("%q: got %q to %d, want %q, %v", b, text, next, want, usual)
		}
	})
}

// FuzzAppendString holds that what is written is read back as what encoding/json
// makes of the same string.
func FuzzAppendString(f *testing.F) {
	for _, text := range append(texts, "a\u2028<b>&\x00\n\x7f", "plain") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		slow, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := json.Unmarshal(slow, &want); err != nil {
			t.Fatal(err)
		}
		quick := jsonscan.AppendString([]byte("x"), s)[1:]
		if err := json.Unmarshal(quick, &got); err != nil || got != want || !utf8.Valid(quick) {
			t.Fatalf("%q is written as %q, which is read as %q, %v", s, quick, got, err)
		}
	})
}

// known is what readKnown reads: each member at most once, in any order.
type known struct {
	Text, Data *string
	Number     *json.Number
	List       *[]json.Number
}

func readKnown(b []byte) (k known, ok bool) {
	c := jsonscan.Cursor{Text: b}
	member := func(s jsonscan.Span, ok bool) (*string, bool) {
		text := string(s.Of(b))
		return &text, ok && s.Present() && s.Len() == len(text)
	}
	number := func() (json.Number, bool) {
		n, ok := c.Number()
		return json.Number(n.Of(b)), ok
	}
	if !c.Take('{') {
		return k, false
	}
	for !c.Take('}') {
		ok = false
		switch {
		case k.Text == nil && c.Name(`"text"`):
			k.Text, ok = member(c.Plain())
		case k.Data == nil && c.Name(`"data"`):
			k.Data, ok = member(c.Opaque())
			ok = ok && !strings.ContainsFunc(*k.Data, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' })
		case k.Number == nil && c.Name(`"number"`):
			var n json.Number
			n, ok = number()
			k.Number = &n
		case k.List == nil && c.Name(`"list"`):
			k.List, ok = &[]json.Number{}, c.Take('[')
			for ok && !c.Take(']') {
				n, is := number()
				*k.List = append(*k.List, n)
				ok = is && c.Separator(']')
			}
		}
		if !ok || !c.Separator('}') {
			return k, false
		}
	}
	return k, c.End()
}

// FuzzCursor holds that a reader made of a cursor takes no object that is not one,
// and reads from it what encoding/json does.
func FuzzCursor(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := readKnown(b)
		if !ok {
			return
		}
		var want known
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatalf("%q: taken, but %v", b, err)
		}
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		if !bytes.Equal(g, w) {
			t.Fatalf("%q: got %s, want %s", b, g, w)
		}
	})
}

// Ensure the usual form is taken, and not given to a slow decoder for a space.
func TestCursor(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`: true, `{"text":"a","number":-1.5E3,"data":"YQ==","list":[1,2]}`: true, " { \"list\" : [ 1 , 2 ] } \n": true,
		`{"text":"a",}`: false, `{"list":[1,]}`: false, `{"list":[1 2]}`: false, `{,}`: false, `{"text":"a"}}`: false, `{"text":"a" "data":""}`: false,
		`{"text":"a","text":"b"}`: false, `{"other":1}`: false, `{"text":1}`: false, `{"number":"1"}`: false, `{"number":01}`: false, `{"data":"a`: false,
	} {
		if _, ok := readKnown([]byte(text)); ok != want {
			t.Errorf("%s: %v, want %v", text, ok, want)
		}
	}
}

// counting passes over values and counts them.
type counting int

func (c *counting) Skip(b []byte, at, depth int) (int, error) {
	*c++
	return jsonscan.Value(b, at, depth)
}

// Ensure nesting is limited, with another way of reading the values too.
func TestObject_Depth(t *testing.T) {
	for depth, want := range map[int]error{jsonscan.MaxDepth: nil, jsonscan.MaxDepth + 1: jsonscan.ErrDepth} {
		for _, text := range []string{
			strings.Repeat(`{"a":`, depth-1) + `{}` + strings.Repeat(`}`, depth-1),
			`{"a":` + strings.Repeat(`[`, depth-1) + strings.Repeat(`]`, depth-1) + `}`,
		} {
			if err := jsonscan.Object([]byte(text), func([]byte, int, int) error { return nil }); !errors.Is(err, want) {
				t.Errorf("%d levels: %v, want %v", depth, err, want)
			}
			var c counting
			if err := jsonscan.ObjectOf([]byte(text), &c, func([]byte, int, int) error { return nil }); !errors.Is(err, want) || c != 1 {
				t.Errorf("%d levels: %v after %d values, want %v after one", depth, err, c, want)
			}
		}
	}
}

// Ensure a walk ends where its function says so.
func TestObject_Ends(t *testing.T) {
	stop := errors.New("stop")
	seen := 0
	err := jsonscan.Object([]byte(`{"a":1,"b":2}`), func([]byte, int, int) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("%v after %d members", err, seen)
	}
}

// A reader of known members: what it does not take goes to encoding/json.
func ExampleCursor() {
	c := jsonscan.Cursor{Text: []byte(`{"ShardId":"shardId-0"}`)}
	if c.Take('{') && c.Name(`"ShardId"`) {
		if id, ok := c.Plain(); ok && c.Take('}') && c.End() {
			fmt.Printf("%s\n", id.Of(c.Text))
		}
	}
	// Output: shardId-0
}
