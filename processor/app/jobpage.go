package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"taxistream/dashboards/jobpage"
	"taxistream/engine"
	"taxistream/processor/job"
	"taxistream/processor/source"
)

// pageState is what the job page draws.
func (p *Processor) pageState() jobpage.State {
	s, health := p.Status(), p.Health()
	out := jobpage.State{
		ID: p.id(), Name: jobName, State: string(s.State), Condition: string(health.Condition), Cause: health.Cause, Troubles: health.Troubles,
		Now: p.now().UnixMilli(), Started: millis(s.Started), Began: millis(s.Began), Attempts: s.Attempts,
		Parallelism: cmp.Or(s.Parallelism, p.c.Parallelism), MaxParallelism: job.MaxParallelism, Watermark: known(s.Watermark),
		Token: p.c.TokenFile != "", Vertices: pageVertices(s), Checkpoints: p.pageCheckpoints(s), Events: p.parts().Read.In(s),
	}
	for _, split := range s.Splits {
		out.Shards = append(out.Shards, pageShard(split))
	}
	out.Failures, out.Warnings = pageFailures(s), warnings(p.logged())
	for reason, n := range p.Rejects() {
		if n > 0 {
			out.Rejects = append(out.Rejects, jobpage.Reject{Reason: string(reason), Count: n})
		}
	}
	slices.SortFunc(out.Rejects, func(a, b jobpage.Reject) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Reason, b.Reason))
	})
	for _, setting := range p.c.settings() {
		out.Settings = append(out.Settings, jobpage.Setting{Name: setting.Key, Value: setting.Value})
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// known is a watermark; nil: there is none yet.
func known(watermark int64) *int64 {
	if watermark == engine.NoWatermark {
		return nil
	}
	// Past the end of a drain, JavaScript has no number for it.
	watermark = min(watermark, 1<<53-1)
	return &watermark
}

// pageVertices groups operators by the task that they run in.
func pageVertices(s engine.Snapshot) (list []jobpage.Vertex) {
	at := map[string]int{} // the vertex, by operator
	for _, o := range s.Operators {
		if o.Chained && len(o.Inputs) > 0 {
			i := at[o.Inputs[0]]
			at[o.Name] = i
			v := &list[i]
			v.Operators = append(v.Operators, o.Name)
			for k, t := range o.Subtasks {
				v.Subtasks[k].Out += t.Sent
				v.Subtasks[k].BytesOut += t.BytesOut
				v.Subtasks[k].Entries += t.StateEntries
				v.Subtasks[k].Late += t.Late
			}
			continue
		}
		at[o.Name] = len(list)
		v := jobpage.Vertex{Name: o.Name, Operators: []string{o.Name}, Ship: o.Ship}
		for _, in := range o.Inputs {
			if from := list[at[in]].Name; !slices.Contains(v.Inputs, from) {
				v.Inputs = append(v.Inputs, from)
			}
		}
		for _, t := range o.Subtasks {
			v.Subtasks = append(v.Subtasks, jobpage.Subtask{
				In: t.In, Out: t.Sent, BytesIn: t.BytesIn, BytesOut: t.BytesOut, Watermark: known(t.Watermark), Entries: t.StateEntries, Late: t.Late,
				Busy: t.BusyShare, Backpressured: t.BackpressuredShare, Idle: t.IdleShare, Queue: t.QueueFill,
			})
		}
		list = append(list, v)
	}
	return list
}

func pageShard(s engine.SplitStatus) jobpage.Shard {
	var notes []string
	for _, n := range []struct {
		holds bool
		text  string
	}{{s.Idle, "idle"}, {s.Paused, "held back"}, {s.AtTip && s.State == engine.SplitReading, "at its tip"}} {
		if n.holds {
			notes = append(notes, n.text)
		}
	}
	return jobpage.Shard{
		ID: s.ID, Subtask: s.Subtask, State: string(s.State), Watermark: known(s.Watermark), Lag: s.Lag.Milliseconds(),
		Sequence: source.PlaceOf(s.Offset), Notes: strings.Join(notes, ", "),
	}
}

// pageFailures are the attempts and the checkpoints that failed, the newest first.
func pageFailures(s engine.Snapshot) (list []jobpage.Failure) {
	for _, f := range s.Failures {
		list = append(list, pageFailure(f))
	}
	for _, c := range s.Checkpoints.History {
		if c.Err == nil {
			continue
		}
		f := jobpage.Failure{Time: c.Started.Add(c.Duration).UnixMilli(), Where: "checkpoint " + strconv.FormatInt(c.ID, 10), Text: c.Err.Error()}
		for _, t := range c.Tasks {
			if t.Err != nil {
				f.Where += ", " + t.Operator + " " + strconv.Itoa(t.Subtask)
			}
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b jobpage.Failure) int { return cmp.Compare(b.Time, a.Time) })
	return list
}

// warningsShown is how many lines the page has.
const warningsShown = 10

// warnings are the newest lines of a log that tell of trouble, the newest first.
func warnings(log []byte) (lines []string) {
	for _, line := range slices.Backward(strings.Split(strings.TrimSpace(string(log)), "\n")) {
		if len(lines) < warningsShown && (strings.Contains(line, " level=WARN ") || strings.Contains(line, " level=ERROR ")) {
			lines = append(lines, line)
		}
	}
	return lines
}

func pageFailure(f engine.Failure) jobpage.Failure {
	out := jobpage.Failure{Time: f.Time.UnixMilli(), Attempt: f.Attempt, Repeats: f.Repeats, Text: f.Err.Error()}
	var o *engine.OperatorError
	if errors.As(f.Err, &o) {
		out.Where, out.Text = o.Operator+" "+strconv.Itoa(o.Subtask), o.Err.Error()
		out.Element, out.Shard, out.Sequence = o.Element, o.Split, source.PlaceOf(o.Offset)
	}
	return out
}

func (p *Processor) pageCheckpoints(s engine.Snapshot) jobpage.Checkpoints {
	c := s.Checkpoints
	out := jobpage.Checkpoints{
		Interval: p.c.CheckpointInterval.Milliseconds(), Storage: p.storage(), Completed: c.Completed, Failed: c.Failed, Restored: c.RestoredID,
	}
	if c.Current != nil {
		now := pageCheckpoint(c.Current)
		now.Running, now.Duration = true, p.now().Sub(c.Current.Started).Milliseconds()
		out.History = append(out.History, now)
	}
	for _, r := range slices.Backward(c.History) {
		out.History = append(out.History, pageCheckpoint(r))
	}
	return out
}

func pageCheckpoint(r *engine.CheckpointRecord) jobpage.Checkpoint {
	c := jobpage.Checkpoint{
		ID: r.ID, Savepoint: r.Savepoint, Began: r.Started.UnixMilli(), Duration: r.Duration.Milliseconds(), Bytes: r.Bytes, NewBytes: r.NewBytes,
		Answered: r.Acknowledged, Expected: r.Expected,
	}
	if r.Err != nil {
		c.Error = r.Err.Error()
	}
	for _, t := range r.Tasks {
		i := slices.IndexFunc(c.Parts, func(p jobpage.Part) bool { return p.Vertex == t.Operator })
		if i < 0 {
			i = len(c.Parts)
			c.Parts = append(c.Parts, jobpage.Part{Vertex: t.Operator})
		}
		add(&c.Parts[i], t)
	}
	return c
}

// add puts a subtask's part to that of its vertex.
func add(p *jobpage.Part, t engine.TaskCheckpoint) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	p.Start, p.Alignment = max(p.Start, ms(t.StartDelay)), max(p.Alignment, ms(t.Alignment))
	p.Sync, p.Async = max(p.Sync, ms(t.Sync)), max(p.Async, ms(t.Async))
	p.Bytes, p.NewBytes = p.Bytes+t.Bytes, p.NewBytes+t.NewBytes
	for _, o := range t.Operators {
		i := slices.IndexFunc(p.Operators, func(known jobpage.Operator) bool { return known.Name == o.Operator })
		if i < 0 {
			i = len(p.Operators)
			p.Operators = append(p.Operators, jobpage.Operator{Name: o.Operator})
		}
		p.Operators[i].Bytes += o.Bytes
	}
}
