package checkpoint

import (
	"reflect"
	"testing"
)

// Ensure that a linked file is whole without the checkpoint that it was written for, in
// every store.
func TestStores_Link(t *testing.T) {
	folder, err := OpenFolder(t.TempDir(), FolderOptions{Retained: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for name, s := range map[string]Store{"folder": folder, "memory": NewMemory(1)} {
		if _, err := Save(t.Context(), s, sample(1), states(1)); err != nil {
			t.Fatal(err)
		}
		first, _, err := s.Latest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for id := range int64(3) {
			w, err := s.Begin(t.Context(), id+2)
			if err != nil {
				t.Fatal(err)
			}
			c := sample(id + 2)
			c.Operators = make(map[string]Operator)
			for operator, o := range first.Operators {
				f, err := w.Link(t.Context(), id+1, o.Files[0])
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				c.Operators[operator] = Operator{Files: []File{f}}
			}
			if _, err := w.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		c, damaged, err := s.Latest(t.Context())
		if err != nil || c.ID != 4 || damaged != nil {
			t.Fatalf("%s: %+v, %v, %v", name, c, damaged, err)
		}
		if got, err := Load(c); err != nil || !reflect.DeepEqual(got, states(1)) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
