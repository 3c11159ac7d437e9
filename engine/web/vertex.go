package web

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine"
)

// vertexNode is a task: an operator, and those chained to it.
type vertexNode struct {
	id        string
	operators []engine.OperatorStatus
}

// vertices groups a job's operators, each after its inputs.
func vertices(j engine.Snapshot) []*vertexNode {
	var all []*vertexNode
	byOperator := map[string]*vertexNode{}
	for _, o := range j.Operators {
		if o.Chained && len(o.Inputs) > 0 {
			if v := byOperator[o.Inputs[0]]; v != nil {
				v.operators = append(v.operators, o)
				byOperator[o.Name] = v
				continue
			}
		}
		v := &vertexNode{id: ID("vertex", o.Name), operators: []engine.OperatorStatus{o}}
		all = append(all, v)
		byOperator[o.Name] = v
	}
	return all
}

func (v *vertexNode) name() string {
	names := make([]string, len(v.operators))
	for i, o := range v.operators {
		names[i] = o.Name
	}
	return strings.Join(names, " -> ")
}

func (v *vertexNode) parallelism() int { return len(v.operators[0].Subtasks) }

// inputs are the other vertices that this one reads from.
func (v *vertexNode) inputs(all []*vertexNode) (from []*vertexNode) {
	for _, other := range all {
		feeds := func(o engine.OperatorStatus) bool { return slices.Contains(v.operators[0].Inputs, o.Name) }
		if other != v && slices.ContainsFunc(other.operators, feeds) {
			from = append(from, other)
		}
	}
	return from
}

// written is what left the vertex: the records of operators that nobody in it reads.
func (v *vertexNode) written(subtask int) (n int64) {
	for _, o := range v.operators {
		inside := slices.ContainsFunc(v.operators, func(p engine.OperatorStatus) bool { return slices.Contains(p.Inputs, o.Name) })
		if !inside && subtask < len(o.Subtasks) {
			n += o.Subtasks[subtask].Out
		}
	}
	return n
}

func (v *vertexNode) io(subtask int) object {
	t := v.operators[0].Subtasks[subtask]
	return traffic(t, v.written(subtask), v.bytesOut(subtask))
}

// bytesOut is what left the vertex, at whichever of its operators.
func (v *vertexNode) bytesOut(subtask int) (n int64) {
	for _, o := range v.operators {
		if subtask < len(o.Subtasks) {
			n += o.Subtasks[subtask].BytesOut
		}
	}
	return n
}

// traffic is what came in by the first operator and what went out, and what its time went to, in Flink's words.
func traffic(in engine.SubtaskStatus, records, bytes int64) object {
	o := object{
		"read-records": in.In, "read-records-complete": true, "read-bytes": in.BytesIn, "read-bytes-complete": true,
		"write-records": records, "write-records-complete": true, "write-bytes": bytes, "write-bytes-complete": true,
	}
	times(o, in)
	return o
}

// times puts what the time of a task went to, in ms, in Flink's words.
func times(o object, t engine.SubtaskStatus) {
	o["accumulated-busy-time"] = t.Busy.Milliseconds()
	o["accumulated-backpressured-time"] = t.Backpressured.Milliseconds()
	o["accumulated-idle-time"] = t.Idle.Milliseconds()
}

func (s *server) summary(j engine.Snapshot, v *vertexNode) object {
	start, duration := s.since(j.Started)
	var sum engine.SubtaskStatus
	var written, bytes int64
	for i, t := range v.operators[0].Subtasks {
		sum.In += t.In
		sum.BytesIn += t.BytesIn
		bytes += v.bytesOut(i)
		sum.Busy, sum.Backpressured, sum.Idle = sum.Busy+t.Busy, sum.Backpressured+t.Backpressured, sum.Idle+t.Idle
		written += v.written(i)
	}
	return object{
		"id": v.id, "name": v.name(), "maxParallelism": s.o.MaxParallelism, "parallelism": v.parallelism(), "status": state(j),
		"start-time": start, "end-time": -1, "duration": duration, "tasks": object{state(j): v.parallelism()},
		"metrics": traffic(sum, written, bytes),
	}
}

func (s *server) vertex(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	start, duration := s.since(j.Started)
	subtasks := []object{}
	for i := range v.operators[0].Subtasks {
		subtasks = append(subtasks, object{"subtask": i, "status": state(j), "attempt": max(0, j.Attempts-1), "start-time": start, "end-time": -1, "duration": duration, "metrics": v.io(i)})
	}
	return object{"id": v.id, "name": v.name(), "parallelism": v.parallelism(), "maxParallelism": s.o.MaxParallelism, "now": s.o.Now().UnixMilli(), "subtasks": subtasks}, nil
}

func (s *server) watermarks(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for i, t := range v.operators[0].Subtasks {
		if t.Watermark != engine.NoWatermark {
			list = append(list, object{"id": strconv.Itoa(i) + ".currentInputWatermark", "value": strconv.FormatInt(t.Watermark, 10)})
		}
	}
	return list, nil
}

// The levels of Flink's documentation ("Monitoring back pressure").
const lowRatio, highRatio = 0.1, 0.5

func level(ratio float64) string {
	switch {
	case ratio > highRatio:
		return "high"
	case ratio > lowRatio:
		return "low"
	}
	return "ok"
}

// backpressure tells, for each subtask, the shares of the last second that its task was kept
// waiting, idle and at work. The vertex's level is that of its worst subtask.
func (s *server) backpressure(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	worst := 0.0
	subtasks := []object{}
	for i, t := range v.operators[0].Subtasks {
		worst = max(worst, t.BackpressuredShare)
		l := level(t.BackpressuredShare)
		subtasks = append(subtasks, object{
			"subtask": i, "backpressure-level": l, "backpressureLevel": l,
			"ratio": t.BackpressuredShare, "idleRatio": t.IdleShare, "busyRatio": t.BusyShare,
		})
	}
	l := level(worst)
	return object{"status": "ok", "backpressure-level": l, "backpressureLevel": l, "end-timestamp": s.o.Now().UnixMilli(), "subtasks": subtasks}, nil
}

// perSecond is a share as ms of a second.
func perSecond(share float64) int64 { return int64(math.Round(share * 1000)) }

// metrics lists the names there are, or gives those asked for by get=a,b.
func (s *server) metrics(r *http.Request, j engine.Snapshot) (any, error) {
	_, v, err := vertexOf(r, j)
	if err != nil {
		return nil, err
	}
	values := map[string]int64{}
	var names []string
	set := func(name string, n int64) {
		names = append(names, name)
		values[name] = n
	}
	for i, t := range v.operators[0].Subtasks {
		set(fmt.Sprintf("%d.numRecordsIn", i), t.In)
		set(fmt.Sprintf("%d.numRecordsOut", i), v.written(i))
		set(fmt.Sprintf("%d.numBytesIn", i), t.BytesIn)
		set(fmt.Sprintf("%d.numBytesOut", i), v.bytesOut(i))
		set(fmt.Sprintf("%d.busyTimeMsPerSecond", i), perSecond(t.BusyShare))
		set(fmt.Sprintf("%d.backPressuredTimeMsPerSecond", i), perSecond(t.BackpressuredShare))
		set(fmt.Sprintf("%d.idleTimeMsPerSecond", i), perSecond(t.IdleShare))
	}
	for _, o := range v.operators {
		for i, t := range o.Subtasks {
			operator := fmt.Sprintf("%d.%s.", i, o.Name)
			set(operator+"numRecordsIn", t.In)
			set(operator+"numRecordsOut", t.Out)
			set(operator+"numLateRecordsDropped", t.Late)
			if t.Watermark != engine.NoWatermark {
				set(operator+"currentOutputWatermark", t.Watermark)
			}
		}
	}
	list := []object{}
	asked, some := r.URL.Query()["get"]
	wanted := strings.Split(strings.Join(asked, ","), ",")
	for _, name := range names {
		switch {
		case !some:
			list = append(list, object{"id": name})
		case slices.Contains(wanted, name):
			list = append(list, object{"id": name, "value": strconv.FormatInt(values[name], 10)})
		}
	}
	return list, nil
}
