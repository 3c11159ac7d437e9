package objects_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"taxistream/dashboards/objects"
)

// Ensure the committed NDJSON is what the definitions give, and reads back.
func TestObjects_MatchTheirDefinitions(t *testing.T) {
	all := objects.Build("")
	generated(t, "taxi-trips.ndjson", objects.Encode(all))
	back, err := objects.Decode(objects.Encode(all))
	if err != nil || len(back) != len(all) {
		t.Fatalf("%d of %d objects, %v", len(back), len(all), err)
	}
	if !reflect.DeepEqual(objects.Encode(back), objects.Encode(all)) {
		t.Error("the objects change on their way through NDJSON")
	}
}

func TestCheck_FindsNothing(t *testing.T) {
	for _, prefix := range []string{"", "v2-"} {
		for _, f := range objects.Check(objects.Build(prefix), prefix) {
			t.Errorf("prefix %q: %v", prefix, f)
		}
	}
}

// Ensure a wrong dashboard is found wrong: each case changes the text of one
// attribute, or an object.
func TestCheck_Finds(t *testing.T) {
	replace := func(id, attribute, old, new string) func([]objects.Object) []objects.Object {
		return func(all []objects.Object) []objects.Object {
			for i := range all {
				if all[i].ID == id {
					s := all[i].Attributes[attribute].(string)
					if !strings.Contains(s, old) {
						t.Fatalf("%s of %s does not hold %s", attribute, id, old)
					}
					all[i].Attributes[attribute] = strings.ReplaceAll(s, old, new)
				}
			}
			return all
		}
	}
	const spec = "visState"
	for name, c := range map[string]struct {
		change func([]objects.Object) []objects.Object
		want   string
	}{
		"MissingField":      {replace("taxi-trips-rides", spec, "sum_trip_duration", "sum_duration"), `"sum_duration", which the template of trip_duration does not have`},
		"MissingSource":     {replace("taxi-trips-map", spec, `\"_source\":[\"boundary\"`, `\"_source\":[\"outline\"`), `"outline"`},
		"MissingSortField":  {replace("taxi-trips-map", spec, `\"sort\":[{\"pickup_count\"`, `\"sort\":[{\"pickups\"`), `"pickups"`},
		"MissingRangeField": {replace("taxi-trips-cells", spec, `\"timestamp\":{`, `\"time\":{`), `"time"`},
		"MissingIndex":      {replace("taxi-trips-cells", spec, `\"index\":\"pickup_count\"`, `\"index\":\"pickups\"`), `"pickups", which is none of the aliases`},
		"TextField":         {replace("taxi-trips-rejects", spec, `\"field\":\"reason\"`, `\"field\":\"detail\"`), "cannot aggregate a field of type text"},
		"UnreversedRing":    {replace("taxi-trips-map", spec, "reverse(", "("), "without reverse()"},
		"Size":              {replace("taxi-trips-hours", spec, `\"height\":\"container\"`, `\"height\":300`), "another size than its panel"},
		"NewerVega":         {replace("taxi-trips-hours", spec, "vega-lite/v5.json", "vega-lite/v6.json"), "$schema"},
		"OtherHost":         {replace("taxi-trips-hours", spec, `\"url\":{`, `\"url\":\"http://example.com/\",\"old\":{`), "asks another host"},
		"NoJSON":            {replace("taxi-trips-dashboard", "panelsJSON", "[", ""), "panelsJSON is not JSON"},
		"PanelReference":    {replace("taxi-trips-dashboard", "panelsJSON", "panel_3", "panel_9"), `"panel_9", which is not among its references`},
		"Overlap":           {replace("taxi-trips-dashboard", "panelsJSON", `"y":19`, `"y":15`), "overlap"},
		"ControlField":      {replace("taxi-trips-controls", spec, "airport_code", "airport"), `"airport" is no keyword`},
		"PatternField":      {replace("taxi-trips-pickup_count", "fields", `"pickup_count"`, `"pickups"`), "the field pickups is not in the template"},
		"TimeField":         {replace("taxi-trips-taxi_rejects", "timeFieldName", "timestamp", "reason"), `"reason" is no date`},
		"PatternTitle":      {replace("taxi-trips-taxi_rejects", "title", "taxi_rejects", "rejects-*"), "none of the aliases"},
		"DanglingReference": {func(all []objects.Object) []objects.Object { return append(all[:1:1], all[2:]...) }, "leads to index-pattern taxi-trips-trip_duration, which is not there"},
		"MissingPanel":      {func(all []objects.Object) []objects.Object { return append(all[:3:3], all[4:]...) }, "leads to visualization taxi-trips-map, which is not there"},
		"Twice":             {func(all []objects.Object) []objects.Object { return append(all, all[0]) }, "two objects have this id"},
		"NewerForm": {func(all []objects.Object) []objects.Object {
			all[3].MigrationVersion = map[string]string{"visualization": "7.11.0"}
			return all
		}, `migrationVersion "7.11.0"`},
		"OtherType": {func(all []objects.Object) []objects.Object { all[3].Type = "lens"; return all }, "not part of the set"},
		"CounterClockwise": {func(all []objects.Object) []objects.Object {
			return replace("taxi-trips-map", spec, outerRing(t, all), `[[0,0],[1,0],[1,1],[0,0]]`)(all)
		}, "a ring runs counter-clockwise"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := objects.Check(c.change(objects.Build("")), "")
			if !strings.Contains(fmt.Sprint(faults), c.want) || len(faults) == 0 {
				t.Errorf("got %v, want %s", faults, c.want)
			}
		})
	}
}

// outerRing is the text of one ring of the map's outlines.
func outerRing(t *testing.T, all []objects.Object) string {
	t.Helper()
	for _, o := range all {
		if o.ID == "taxi-trips-map" {
			s := o.Attributes["visState"].(string)
			from := strings.Index(s, `\"coordinates\":[[[[`) + len(`\"coordinates\":[[`)
			to := strings.Index(s[from:], "]]") + 2
			if !json.Valid([]byte(s[from : from+to])) {
				t.Fatalf("no ring: %.100s", s[from:])
			}
			return s[from : from+to]
		}
	}
	t.Fatal("no map")
	return ""
}

// Ensure faults come in one order: a map has another one each time.
func TestCheck_IsTheSameEveryTime(t *testing.T) {
	wrong := strings.NewReplacer("trip_count", "trips", "sum_trip_duration", "sum", "airport_code", "airport", "window_start", "start")
	var want string
	for range 20 {
		all := objects.Build("")
		for i := range all {
			for name, v := range all[i].Attributes {
				s, ok := v.(string)
				switch {
				case ok && all[i].Type == objects.Dashboard:
					all[i].Attributes[name] = s + "{" // which of its attributes is named?
				case ok:
					all[i].Attributes[name] = wrong.Replace(s)
				}
			}
		}
		faults := objects.Check(all, "")
		got := fmt.Sprint(faults)
		if want == "" {
			want = got
		}
		if got != want || len(faults) < 10 {
			t.Fatalf("got %d faults\n%s\nwant\n%s", len(faults), got, want)
		}
	}
}
