package job

import "taxistream/engine"

// Operator is one of the dataflow's operators, by the name under which the engine
// tells its figures.
type Operator string

// Operators are those that tell how the job does.
type Operators struct {
	Read     Operator // takes in everything that is read, watermarks, too
	Judge    Operator // takes in every record that is no watermark
	Counted  Operator // takes in every trip that counts, and nothing else
	Hotspots Operator // these two hold the open windows
	Airports Operator
}

// Subtasks are an operator's figures, none before it runs.
func (o Operator) Subtasks(s engine.Snapshot) []engine.SubtaskStatus {
	for _, status := range s.Operators {
		if status.Name == string(o) {
			return status.Subtasks
		}
	}
	return nil
}

// In counts what an operator took in.
func (o Operator) In(s engine.Snapshot) (n int64) {
	for _, t := range o.Subtasks(s) {
		n += t.In
	}
	return n
}
