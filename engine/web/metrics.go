package web

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
)

// metricsOf are the figures of one subtask of a vertex, by Flink's names: those of its task, and those of each operator in it.
func (s *server) metricsOf(v *vertexNode, i int) map[string]float64 {
	t := v.operators[0].Subtasks[i]
	m := map[string]float64{
		"numRecordsIn": float64(t.In), "numRecordsOut": float64(v.written(i)), "numBytesIn": float64(t.BytesIn), "numBytesOut": float64(v.bytesOut(i)),
		"busyTimeMsPerSecond": t.BusyShare * 1000, "backPressuredTimeMsPerSecond": t.BackpressuredShare * 1000,
		"idleTimeMsPerSecond": t.IdleShare * 1000, "accumulateBusyTimeMs": float64(t.Busy.Milliseconds()),
		"accumulateBackPressuredTimeMs": float64(t.Backpressured.Milliseconds()), "accumulateIdleTimeMs": float64(t.Idle.Milliseconds()),
		"buffers.inPoolUsage": t.QueueFill,
	}
	if rate, ok := s.rates.of(v.operators[0].Name, i); ok {
		m["numRecordsInPerSecond"], m["numRecordsOutPerSecond"], m["numBytesInPerSecond"], m["numBytesOutPerSecond"] = rate[0], rate[1], rate[2], rate[3]
	}
	if t.Watermark != engine.NoWatermark {
		m["currentInputWatermark"] = float64(t.Watermark)
	}
	for _, o := range v.operators {
		if i >= len(o.Subtasks) {
			continue
		}
		t := o.Subtasks[i]
		m[o.Name+".numRecordsIn"], m[o.Name+".numRecordsOut"] = float64(t.In), float64(t.Out)
		m[o.Name+".numLateRecordsDropped"] = float64(t.Late)
		if t.Watermark != engine.NoWatermark {
			m[o.Name+".currentOutputWatermark"] = float64(t.Watermark)
		}
	}
	return m
}

// listed are names, or the values of those that a request asks for by get=a,b.
func listed(r *http.Request, values map[string]float64) []object {
	list := []object{}
	asked, some := r.URL.Query()["get"]
	wanted := strings.Split(strings.Join(asked, ","), ",")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !some:
			list = append(list, object{"id": name})
		case slices.Contains(wanted, name):
			list = append(list, object{"id": name, "value": text(values[name])})
		}
	}
	return list
}

// text is a figure as Flink writes it; the greatest watermark is beyond what a float64 tells apart.
func text(v float64) string {
	if v >= math.MaxInt64 {
		return strconv.FormatInt(math.MaxInt64, 10)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func (s *server) vertexMetrics(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for i := range v.parallelism() {
		for name, n := range s.metricsOf(v, i) {
			values[fmt.Sprintf("%d.%s", i, name)] = n
		}
	}
	return listed(r, values), nil
}

func (s *server) jobMetrics(r *http.Request, j engine.Snapshot) (any, error) {
	c := j.Checkpoints
	values := map[string]float64{
		"uptime": float64(s.span(j.Began, j.Ended).duration), "numRestarts": float64(max(0, j.Attempts-1)),
		"numberOfCompletedCheckpoints": float64(c.Completed), "numberOfFailedCheckpoints": float64(c.Failed),
		"totalNumberOfCheckpoints": float64(c.Completed + c.Failed), "numberOfInProgressCheckpoints": 0,
		"lastCheckpointDuration": float64(c.LastDuration.Milliseconds()), "lastCheckpointSize": float64(c.LastBytes),
	}
	if c.Current != nil {
		values["numberOfInProgressCheckpoints"] = 1
	}
	return listed(r, values), nil
}

// The aggregates that there are.
var aggregates = map[string]func([]float64) float64{
	"min":  func(v []float64) float64 { least, _ := extremes(v); return least },
	"max":  func(v []float64) float64 { _, greatest := extremes(v); return greatest },
	"sum":  total,
	"avg":  func(v []float64) float64 { return total(v) / float64(len(v)) },
	"skew": skew,
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// aggregatedMetrics sums up metrics over a vertex's subtasks, or those of subtasks=0,2-4: agg=min,max,avg,sum,skew.
func (s *server) aggregatedMetrics(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	wanted, err := wantedAggregates(r)
	if err != nil {
		return nil, err
	}
	chosen, err := chosenSubtasks(r, v.parallelism())
	if err != nil {
		return nil, err
	}
	values := map[string][]float64{}
	for _, i := range chosen {
		for name, n := range s.metricsOf(v, i) {
			values[name] = append(values[name], n)
		}
	}
	asked, some := r.URL.Query()["get"]
	names := strings.Split(strings.Join(asked, ","), ",")
	list := []object{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if some && !slices.Contains(names, name) {
			continue
		}
		o := object{"id": name}
		for _, a := range wanted {
			if some {
				o[a] = aggregates[a](values[name])
			}
		}
		list = append(list, o)
	}
	return list, nil
}

func wantedAggregates(r *http.Request) ([]string, error) {
	asked := r.URL.Query()["agg"]
	if len(asked) == 0 {
		return slices.Collect(maps.Keys(aggregates)), nil
	}
	wanted := strings.Split(strings.ToLower(strings.Join(asked, ",")), ",")
	for _, a := range wanted {
		if aggregates[a] == nil {
			return nil, badRequest{fmt.Sprintf("agg %q: choose of min, max, avg, sum and skew", a)}
		}
	}
	return wanted, nil
}

// chosenSubtasks reads subtasks=0,2-4; without it all of them. Those that are not there are left out.
func chosenSubtasks(r *http.Request, parallelism int) (chosen []int, err error) {
	asked := strings.Join(r.URL.Query()["subtasks"], ",")
	if asked == "" {
		asked = fmt.Sprintf("0-%d", parallelism-1)
	}
	for part := range strings.SplitSeq(asked, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil {
			return nil, badRequest{fmt.Sprintf("subtasks %q: write numbers and ranges, as 0,2-4", asked)}
		}
		for i := max(from, 0); i <= min(to, parallelism-1); i++ {
			if !slices.Contains(chosen, i) {
				chosen = append(chosen, i)
			}
		}
	}
	return chosen, nil
}
