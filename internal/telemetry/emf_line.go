package telemetry

import (
	"encoding/json"
	"math"
	"time"

	"taxistream/internal/names"
)

// The parts of a line that CloudWatch reads; the values stand beside them.
type (
	emfDirective struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []emfMetric
	}
	emfMetric struct {
		Name string
		Unit Unit
	}
	emfMetadata struct {
		Timestamp         int64 // ms
		CloudWatchMetrics []emfDirective
	}
)

// maxMagnitude is beyond what CloudWatch takes as a value, 2^360.
const maxMagnitude = 0x1p360

// appendLine adds the line of values, which has them in the order of the
// figures; with label and value they are those of one value of the label.
func (o *EMFOptions) appendLine(out []byte, now time.Time, label, value string, values map[int]float64) []byte {
	dimensions := []string{names.DimensionProgram}
	members := map[string]any{names.DimensionProgram: o.Program}
	if label != "" {
		dimensions = append(dimensions, label)
		members[label] = value
	}
	var metrics []emfMetric
	for i, f := range o.Figures {
		v, there := values[i]
		if !there || math.IsNaN(v) || math.Abs(v) > maxMagnitude {
			continue
		}
		name := names.CloudWatch(f.Metric)
		metrics = append(metrics, emfMetric{name, f.Unit})
		members[name] = v
	}
	if len(metrics) == 0 {
		return out
	}
	members["_aws"] = emfMetadata{now.UnixMilli(), []emfDirective{{o.Namespace, [][]string{dimensions}, metrics}}}
	line, err := json.Marshal(members) // sorts the members
	if err != nil {
		panic("telemetry: " + err.Error()) // strings and finite numbers only
	}
	return append(append(out, line...), '\n')
}
