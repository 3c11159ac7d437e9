//go:build infra

package app

import (
	"math"
	"strings"
	"testing"

	"taxistream/infra/cost"
)

// What the templates hold, by the month, is what the bill counts with: in the
// default deployment with every extra, and in one that is as different as can be.
func TestCostOfTemplates(t *testing.T) {
	t.Run("Everything", func(t *testing.T) { compareCost(t, synthesized(t)) })
	t.Run("Otherwise", func(t *testing.T) { compareCost(t, otherwise(t)) })
	t.Run("Known", func(t *testing.T) { compareCost(t, known(t)) })
	t.Run("Guarded", func(t *testing.T) { compareCost(t, guarded(t)) })
	t.Run("Flink", func(t *testing.T) { compareCost(t, onFlink(t)) })
	t.Run("FlinkInside", func(t *testing.T) { compareCost(t, flinkInside(t)) })
}

func compareCost(t *testing.T, d *deployment) {
	e, err := cost.Of(&d.Config, &cost.USEast1)
	if err != nil {
		t.Fatal(err)
	}
	billed, unknown := map[string]bool{}, map[string]string{}
	for _, l := range e.Lines {
		billed[l.Stack] = true
	}
	for name, tmpl := range d.Stacks {
		want := map[cost.Item]float64{}
		for _, r := range tmpl.resources("") {
			if count, ok := counted[r.Type]; ok {
				for item, amount := range count(r) {
					want[item] += amount
				}
			} else if uncounted[r.Type] == "" && !strings.HasPrefix(r.Type, "Custom::") { // what is custom runs at a deployment, for seconds
				unknown[r.Type] = name
			}
		}
		for item, got := range standing(&e, name) {
			if inTemplates(item) && math.Abs(got-want[item]) > 1e-6 {
				t.Errorf("%s: the bill has %v %s a month, the template %v", name, got, item, want[item])
			}
			delete(want, item)
		}
		for item, amount := range want {
			if amount != 0 {
				t.Errorf("%s: the template has %v %s a month, the bill none", name, amount, item)
			}
		}
		delete(billed, name)
	}
	for kind, name := range unknown {
		t.Errorf("%s has a %s, of which the estimate knows nothing: price it in infra/cost and add it to counted or uncounted", name, kind)
	}
	for name := range billed {
		t.Errorf("the bill has lines of %s, which is no stack", name)
	}
}

// standing is what the bill of a stack has whether or not trips are replayed, in the prices' units.
func standing(e *cost.Estimate, stack string) map[cost.Item]float64 {
	all := map[cost.Item]float64{}
	for _, l := range e.Lines {
		if l.Stack == stack && !l.Replay {
			all[l.Item] += l.Quantity
		}
	}
	return all
}
