package generate

import "testing"

func TestParsePairs(t *testing.T) {
	pairs, rare, err := parsePairs("# head\n1 2 3 4 5 6 7 8\n9 10 11\n")
	if err != nil || len(pairs) != 1 || len(rare) != 1 {
		t.Fatalf("%v, %v, %v", pairs, rare, err)
	}
	if p := pairs[0]; p.pickup != 1 || p.dropoff != 2 || p.total() != 3+4+5+6+7+8 {
		t.Errorf("pair %+v", p)
	}
	if rare[0] != (rareRow{9, 10, 11}) {
		t.Errorf("rare %+v", rare[0])
	}
	for _, bad := range []string{"1 2", "1 2 3 4", "1 2 x", "1 2 3 4 5 6 7 8 9", "1 2 -3"} {
		if _, _, err := parsePairs(bad); err == nil {
			t.Errorf("parsePairs(%q): no error", bad)
		}
	}
}

func TestParseCells(t *testing.T) {
	cells, err := parseCells("# head\n4: 219 321 7 5, 220 322 0 4\n")
	if err != nil || len(cells[4]) != 2 {
		t.Fatalf("%v, %v", cells, err)
	}
	if want := (countRow{40719, -73979, 7, 5}); cells[4][0] != want {
		t.Errorf("square %+v, want %+v", cells[4][0], want)
	}
	for _, bad := range []string{"4", "4: 1 2 3", "x: 1 2 3 4", "4: 1 2 3 4,5 6 7 8", "4: 1 2 3 4 5"} {
		if _, err := parseCells(bad); err == nil {
			t.Errorf("parseCells(%q): no error", bad)
		}
	}
}

// Ensure that the zones of the tables have land to begin and end trips on: if not,
// their trips would be missing. A few lie outside the city's box altogether, in the
// north of the Bronx and at the sea.
func TestTablesAreUsed(t *testing.T) {
	pairs, _, err := parsePairs(pairsText)
	if err != nil {
		t.Fatal(err)
	}
	c := theCity()
	if used := len(c.routes) + len(c.toJFK) + len(c.toLGA); used < len(pairs)-10 {
		t.Errorf("%d of %d pairs are used", used, len(pairs))
	}
}

func FuzzTables(f *testing.F) {
	f.Add("1 2 3 4 5 6 7 8\n9 10 11\n")
	f.Add("4: 219 321 7 5, 220 322 0 4\n")
	f.Add("# comment\n\n: ,")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _, _ = parsePairs(text)
		_, _ = parseCells(text)
	})
}
