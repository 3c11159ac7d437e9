package cost_test

import (
	"strings"
	"testing"
	"time"

	"taxistream/infra/cost"
)

// Each price names its page and a unit that is understood, and the table its date.
func TestTable(t *testing.T) {
	if _, err := time.Parse(time.DateOnly, cost.USEast1.Date); err != nil {
		t.Errorf("the table's date: %v", err)
	}
	for item, p := range cost.USEast1.Prices {
		if !strings.HasPrefix(p.Page, "/") || !strings.HasSuffix(p.Page, "/") || !(p.USD > 0 && p.USD < 100) || p.Unit == "" {
			t.Errorf("%s: %+v is no price with a unit and a page", item, p)
		}
	}
}

// No price stands in the table that no bill uses, but those of instance types to choose from.
func TestTable_Used(t *testing.T) {
	extras := map[string]any{
		"telemetry.on": true, "trail.on": true, "fan-out.on": true, "pipeline.on": true, "network.flow-logs": true,
	}
	used := map[cost.Item]bool{}
	for _, values := range []map[string]any{
		and(pipeline, "", nil, extras),
		and(room, "room.on", true, map[string]any{"search.waf": true}),
		and(nil, "processor.edition", "flink"),
		and(extras, "stream.retention-hours", 8760, pipeline),
		and(extras, "stream.retention-hours", 8760, pipeline, map[string]any{"stream.shards": 0, "cpu": "amd64", "network.mode": "endpoints"}),
	} {
		e := estimate(t, values)
		for _, l := range e.Lines {
			used[l.Item] = true
		}
	}
	for item := range cost.USEast1.Prices {
		if !used[item] && !strings.HasSuffix(string(item), ".search") {
			t.Errorf("no bill uses the price of %s", item)
		}
	}
}
