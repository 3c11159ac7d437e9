package web

import (
	"net/http"
	"slices"
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

// vertexOf finds the vertex of a request.
func vertexOf(r *http.Request, j engine.Snapshot) (all []*vertexNode, v *vertexNode, err error) {
	all = vertices(j)
	for _, v := range all {
		if v.id == strings.ToLower(r.PathValue("vertex")) {
			return all, v, nil
		}
	}
	return nil, nil, errNotFound
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

// written is what left the vertex, at whichever of its operators.
func (v *vertexNode) written(subtask int) (n int64) {
	for _, o := range v.operators {
		if subtask < len(o.Subtasks) {
			n += o.Subtasks[subtask].Sent
		}
	}
	return n
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
