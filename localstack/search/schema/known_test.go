package schema

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"taxistream/internal/jsonscan"
)

// Documents are read alike with known objects and without them, damaged ones too.
func TestKnownObjects(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	known := &Known{seed: maphash.MakeSeed()}
	read := func(b []byte, k *Known) (members []string, err error) {
		err = jsonscan.ObjectOf(b, k, func(key []byte, from, to int) error {
			members = append(members, fmt.Sprintf("%s %d %d", key, from, to))
			return nil
		})
		return members, err
	}
	objects := make([]string, 50)
	for i := range objects {
		objects[i] = fmt.Sprintf(`{"x":[%s%d],"y":{"é":"%s"}}`, strings.Repeat("[1.5,-2],", r.IntN(130)), i%40, strings.Repeat("a", r.IntN(100)))
	}
	for range 4_000 {
		one, other := objects[r.IntN(len(objects))], objects[r.IntN(len(objects))]
		doc := []byte(`{"a":` + one + `, "b" : ` + other + `,"c":7}`)
		if n := r.IntN(3); n > 0 {
			at := r.IntN(len(doc))
			doc[at] = "{}[]\",:0a\\\xff"[r.IntN(11)]
			if n == 2 {
				doc = doc[:at]
			}
		}
		want, wantErr := read(doc, nil)
		got, err := read(doc, known)
		if !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%s: got %v, %v, want %v, %v", doc, got, err, want, wantErr)
		}
	}
	held := 0
	for i := range known.slots {
		if s := known.slots[i].Load(); s != nil {
			held++
			if len(*s) > knownMost {
				t.Errorf("an object of %d bytes is kept", len(*s))
			}
		}
	}
	if held == 0 {
		t.Error("no object is known")
	}
}

// An object that is too deep is refused however often it comes.
func TestKnownObjectsDepth(t *testing.T) {
	known := &Known{seed: maphash.MakeSeed()}
	deep := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat(`{"a":`, n-1) + `"` + strings.Repeat("x", 100) + `"` + strings.Repeat("}", n))
	}
	for range 3 {
		for n, want := range map[int]error{jsonscan.MaxDepth: nil, jsonscan.MaxDepth + 1: jsonscan.ErrDepth} {
			if err := jsonscan.ObjectOf(deep(n), known, func([]byte, int, int) error { return nil }); !errors.Is(err, want) {
				t.Errorf("%d deep: got %v, want %v", n, err, want)
			}
		}
	}
}
