package zones

import "testing"

func TestParse(t *testing.T) {
	shapes, err := parse("# head\n7\tQueens\tAstoria\t-10 20 3 0 0 -3;100 100 5 0 0 5\n")
	if err != nil || len(shapes) != 1 {
		t.Fatalf("%v, %v", shapes, err)
	}
	s := shapes[0]
	if s.ID != 7 || s.Borough != "Queens" || s.Name != "Astoria" || len(s.Rings) != 2 {
		t.Errorf("%+v", s)
	}
	if got, want := s.Rings[0][2], (Point{Lon: -70, Lat: 170}); got != want {
		t.Errorf("third point %v, want %v", got, want)
	}
	if want := (Point{Lon: -100, Lat: 170}); s.Min != want {
		t.Errorf("south-western corner %v, want %v", s.Min, want)
	}
	for name, bad := range map[string]string{
		"too few fields":  "7\tQueens\tAstoria",
		"no id":           "x\tQueens\tAstoria\t0 0 1 0 0 1",
		"two points":      "7\tQueens\tAstoria\t0 0 1 0",
		"half a point":    "7\tQueens\tAstoria\t0 0 1 0 0 1 5",
		"no number":       "7\tQueens\tAstoria\t0 0 1 0 0 y",
		"off the globe":   "7\tQueens\tAstoria\t0 0 1 0 0 9999999",
		"ids not rising":  "7\tQ\tA\t0 0 1 0 0 1\n7\tQ\tA\t0 0 1 0 0 1",
		"an empty ring":   "7\tQueens\tAstoria\t0 0 1 0 0 1;",
		"a number beyond": "7\tQueens\tAstoria\t0 0 1 0 0 99999999999",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("7\tQueens\tAstoria\t-10 20 3 0 0 -3;100 100 5 0 0 5\n")
	f.Add("# only a comment\n")
	f.Add("7\tQ\tA\t0 0 1 0 0 1\n8\tQ\tA\t17999999 0 1 0 0 1")
	f.Fuzz(func(t *testing.T, text string) {
		shapes, err := parse(text)
		if err != nil {
			return
		}
		for i := range shapes {
			s := &shapes[i]
			s.Contains(s.Min)
			if s.Max.Lon < s.Min.Lon || s.Max.Lat < s.Min.Lat {
				t.Fatalf("box %v to %v", s.Min, s.Max)
			}
		}
	})
}
