package objects_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"taxistream/dashboards/objects"
)

// Ensure the map has the control room's classes: its edges and its colours on paper.
func TestPalette_IsTheControlRooms(t *testing.T) {
	source, err := os.ReadFile("../live/web/src/scale.ts")
	if err != nil {
		t.Fatal(err)
	}
	list := func(name string) []string {
		found := regexp.MustCompile(`const ` + name + ` = \[(.*)\]`).FindSubmatch(source)
		if found == nil {
			t.Fatalf("scale.ts has no %s", name)
		}
		return strings.Split(strings.ReplaceAll(string(found[1]), `"`, ""), ", ")
	}
	text := string(objects.Encode(objects.Build("")))
	colours, edges := list("light"), list("usual")
	if want := `[\\\"` + strings.Join(colours, `\\\",\\\"`) + `\\\"]`; !strings.Contains(text, want) {
		t.Errorf("the map has not the colours %v", colours)
	}
	for i, edge := range edges[1:] {
		if !strings.Contains(text, "datum.most >= "+edge+" ?") {
			t.Errorf("class %d does not begin with %s", i+1, edge)
		}
	}
	if len(colours) != 6 || len(edges) != 6 {
		t.Errorf("%d colours, %d edges", len(colours), len(edges))
	}
}
