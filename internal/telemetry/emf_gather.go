package telemetry

import (
	"maps"
	"slices"
	"strings"

	"taxistream/internal/names"
)

// series are the last values of counters, by name and labels.
type series map[string]float64

// gathered are the figures of one line, by their index in the options.
type gathered struct {
	total map[int]float64
	by    map[string]map[string]map[int]float64 // label, value of the label
	seen  series
}

// gather folds what Collect lists. A counter counts from its value in last; one
// that is new, or has fallen, counts from zero.
func gather(o EMFOptions, last series) gathered {
	g := gathered{make(map[int]float64), make(map[string]map[string]map[int]float64), make(series)}
	index := make(map[string]int, len(o.Figures))
	for i, f := range o.Figures {
		index[names.MetricPrefix+f.Metric] = i
		if strings.HasSuffix(f.Metric, "_total") {
			g.total[i] = 0
		}
	}
	o.Collect(func(m Metric) {
		i, wanted := index[m.Name]
		if !wanted {
			return
		}
		f, value := o.Figures[i], m.Value
		if m.Kind == Counter {
			key := m.Name + "\x00" + strings.Join(m.Labels, "\x00")
			g.seen[key] = value
			if before := last[key]; before <= value {
				value -= before
			}
		}
		f.fold(g.total, i, value)
		if reason, found := label(m.Labels, f.By); found {
			g.fold(f, i, reason, value)
		}
	})
	return g
}

// fold joins value to those that are there.
func (f *Figure) fold(values map[int]float64, i int, value float64) {
	old, there := values[i]
	switch {
	case f.Fold == Sum:
		value += old
	case there:
		value = max(value, old)
	}
	values[i] = value
}

func (g *gathered) fold(f Figure, i int, value string, amount float64) {
	values := g.by[f.By]
	if values == nil {
		values = make(map[string]map[int]float64)
		g.by[f.By] = values
	}
	if values[value] == nil {
		if len(values) == maxReasons {
			return
		}
		values[value] = make(map[int]float64)
	}
	f.fold(values[value], i, amount)
}

// labels are the By labels in order, values those of one.
func (g *gathered) labels() []string             { return slices.Sorted(maps.Keys(g.by)) }
func (g *gathered) values(label string) []string { return slices.Sorted(maps.Keys(g.by[label])) }

// label is the value of one of a metric's labels; an empty value, which
// CloudWatch refuses as a dimension's, is none.
func label(labels []string, name string) (string, bool) {
	for i := 0; name != "" && i+1 < len(labels); i += 2 {
		if labels[i] == name && labels[i+1] != "" {
			return labels[i+1], true
		}
	}
	return "", false
}
