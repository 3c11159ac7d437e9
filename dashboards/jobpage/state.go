package jobpage

// State is the job at one moment, as the page draws it. Times are Unix milliseconds, durations milliseconds; an
// unknown watermark is nil.
type State struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	State     string   `json:"state"`
	Condition string   `json:"condition"` // as the control room's
	Cause     string   `json:"cause"`
	Troubles  []string `json:"troubles"`

	Now            int64  `json:"now"`
	Started        int64  `json:"started"` // 0: not yet
	Began          int64  `json:"began"`   // the newest attempt
	Attempts       int    `json:"attempts"`
	Parallelism    int    `json:"parallelism"`
	MaxParallelism int    `json:"maxParallelism"`
	Watermark      *int64 `json:"watermark"`
	Token          bool   `json:"token"` // who changes the job is asked for it

	Vertices    []Vertex    `json:"vertices"`
	Shards      []Shard     `json:"shards"`
	Checkpoints Checkpoints `json:"checkpoints"`
	Failures    []Failure   `json:"failures"` // the newest first
	Warnings    []string    `json:"warnings"` // lines of the log, the newest first
	Events      int64       `json:"events"`   // read
	Rejects     []Reject    `json:"rejects"`
	Settings    []Setting   `json:"settings"`
}

// Vertex is an operator with those chained to it.
type Vertex struct {
	Name      string    `json:"name"`
	Operators []string  `json:"operators"`
	Inputs    []string  `json:"inputs"` // other vertices, by name
	Ship      string    `json:"ship"`   // how their elements come
	Subtasks  []Subtask `json:"subtasks"`
}

// Subtask counts since the attempt began; the shares, 0 to 1, are of the last second.
type Subtask struct {
	In            int64   `json:"in"`
	Out           int64   `json:"out"`
	BytesIn       int64   `json:"bytesIn"`
	BytesOut      int64   `json:"bytesOut"`
	Watermark     *int64  `json:"watermark"`
	Entries       int64   `json:"entries"` // of state
	Late          int64   `json:"late"`
	Busy          float64 `json:"busy"`
	Backpressured float64 `json:"backpressured"`
	Idle          float64 `json:"idle"`
	Queue         float64 `json:"queue"` // how full its fullest input is
}

// Shard is one of the stream's.
type Shard struct {
	ID        string `json:"id"`
	Subtask   int    `json:"subtask"`
	State     string `json:"state"`
	Watermark *int64 `json:"watermark"`
	Lag       int64  `json:"lag"` // of reading behind the shard's tip
	Sequence  string `json:"sequence"`
	Notes     string `json:"notes"` // at its tip, idle, held back
}

// Checkpoints are those of this run.
type Checkpoints struct {
	Interval  int64        `json:"interval"`
	Storage   string       `json:"storage"`
	Completed int64        `json:"completed"`
	Failed    int64        `json:"failed"`
	Restored  int64        `json:"restored"` // 0: it started from nothing
	History   []Checkpoint `json:"history"`  // the newest first
}

// Checkpoint is one, or a savepoint.
type Checkpoint struct {
	ID        int64  `json:"id"`
	Savepoint bool   `json:"savepoint"`
	Running   bool   `json:"running"`
	Began     int64  `json:"began"`
	Duration  int64  `json:"duration"`
	Bytes     int64  `json:"bytes"`
	NewBytes  int64  `json:"newBytes"`
	Error     string `json:"error"`
	Answered  int    `json:"answered"` // tasks, of Expected
	Expected  int    `json:"expected"`
	Parts     []Part `json:"parts"` // by vertex
}

// Part is what one vertex did for a checkpoint: of its slowest subtask the times, of all of them the sizes.
type Part struct {
	Vertex    string     `json:"vertex"`
	Start     float64    `json:"start"` // until the barrier came
	Alignment float64    `json:"alignment"`
	Sync      float64    `json:"sync"`
	Async     float64    `json:"async"`
	Bytes     int64      `json:"bytes"`
	NewBytes  int64      `json:"newBytes"`
	Operators []Operator `json:"operators"`
}

// Operator is how much state one has in a checkpoint.
type Operator struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// Failure is what ended an attempt, or a checkpoint that failed.
type Failure struct {
	Time     int64  `json:"time"`
	Attempt  int    `json:"attempt"` // 0: of a checkpoint
	Repeats  int    `json:"repeats"`
	Where    string `json:"where"` // operator and subtask; "": of the job
	Text     string `json:"text"`
	Element  string `json:"element"` // what it was working at
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
}

// Reject is a reason for which records were not counted.
type Reject struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// Setting is one value of the configuration.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
