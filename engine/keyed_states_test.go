package engine_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/state"
)

type numbers = enginetest.Record[int64]

// sums adds up each key's numbers in a state, and emits what they come to.
func sums(codec engine.Codec[int64], options ...engine.StateOption) func(*engine.Subtask) (engine.KeyedProcess[int64, numbers, string], error) {
	return func(s *engine.Subtask) (engine.KeyedProcess[int64, numbers, string], error) {
		sum := engine.NewReducingState(s, "sum", codec, func(a, b int64) int64 { return a + b }, options...)
		return engine.KeyedProcess[int64, numbers, string]{
			Element: func(k *engine.Key[int64], e *engine.Element[numbers], out *engine.Collector[string]) error {
				out.Emit(fmt.Sprint(k.Value(), "=", sum.Add(e.Value.Value)), e.EventTime)
				return nil
			},
		}, nil
	}
}

// kept is a job whose states of two keys are in its newest checkpoint.
func kept(t *testing.T, k *keyedJob) {
	t.Helper()
	d := k.start(t, 2)
	k.log.Append("a", 1, 1)
	k.log.Append("a", 2, 2)
	if err := errors.Join(d.Run(), d.Checkpoint()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); !errors.Is(err, engine.ErrCancelled) {
		t.Fatal(err)
	}
	k.out.Take()
}

// goesOn starts the job again, and reads one number more.
func goesOn(t *testing.T, k *keyedJob, want string) {
	t.Helper()
	d := k.start(t, 3)
	k.log.Append("a", 8, 3) // of key 1
	if err := errors.Join(d.Run(), d.Drain()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(k.lines(), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// littleEndian is the second version of the numbers' codec.
var littleEndian = engine.FuncCodec[int64]{
	AppendFunc: func(dst []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(dst, uint64(v)) },
	DecodeFunc: func(src []byte) (int64, []byte, error) {
		if len(src) < 8 {
			return 0, nil, io.ErrUnexpectedEOF
		}
		return int64(binary.LittleEndian.Uint64(src)), src[8:], nil
	},
	Number: 2, Older: map[int]func([]byte) (int64, []byte, error){1: engine.Int64Codec{}.Decode},
}

// Ensure that a state is read by a newer version of its codec, from either backend, with and
// without a time to live.
func TestProcessKeyed_NewerCodec(t *testing.T) {
	for name, backend := range backends(t) {
		for _, options := range [][]engine.StateOption{nil, {engine.WithTTL(engine.TTL{After: time.Hour})}} {
			t.Run(fmt.Sprint(name, len(options)), func(t *testing.T) {
				k := newKeyedJob(sums(engine.Int64Codec{}, options...))
				k.state = backend
				kept(t, k)
				k.open = sums(littleEndian, options...)
				goesOn(t, k, "1=9@3")
			})
		}
	}
}

// Ensure that a checkpoint whose states a program cannot read is refused, with what does not fit.
func TestProcessKeyed_Refused(t *testing.T) {
	older := littleEndian
	older.Older = nil
	for name, backend := range backends(t) {
		for want, open := range map[string]func(*engine.Subtask) (engine.KeyedProcess[int64, numbers, string], error){
			"version 1 of":      sums(older),
			"a time to live":    sums(engine.Int64Codec{}, engine.WithTTL(engine.TTL{After: time.Hour})),
			`has a state "sum"`: everyState2,
		} {
			k := newKeyedJob(sums(engine.Int64Codec{}))
			k.state = backend
			kept(t, k)
			k.open = open
			_, err := enginetest.Drive(t.Context(), k.job(2), k.clock, nil)
			var refused *engine.IncompatibleError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
}

// everyState2 has none of the states of sums.
func everyState2(s *engine.Subtask) (engine.KeyedProcess[int64, numbers, string], error) {
	engine.NewValueState(s, "other", engine.Int64Codec{})
	return engine.KeyedProcess[int64, numbers, string]{
		Element: func(*engine.Key[int64], *engine.Element[numbers], *engine.Collector[string]) error { return nil },
	}, nil
}

// Ensure that a checkpoint of state on disk asks for its backend, and that a savepoint of it
// is read by any.
func TestProcessKeyed_OtherBackend(t *testing.T) {
	k := newKeyedJob(sums(engine.Int64Codec{}))
	k.state = backends(t)["disk"]
	kept(t, k)
	k.state = nil
	_, err := enginetest.Drive(t.Context(), k.job(2), k.clock, nil)
	if err == nil || !strings.Contains(err.Error(), "set Config.State to that backend") {
		t.Errorf("in memory: %v", err)
	}
	k.state = backends(t)["disk"]
	job := k.job(2)
	done := make(chan error, 1)
	go func() { done <- job.Run(t.Context()) }()
	wait(t, "the job runs", func() bool { return job.Status().State == engine.JobRunning })
	dir := filepath.Join(t.TempDir(), "savepoint")
	if _, err := job.StopWithSavepoint(t.Context(), checkpoint.NewSavepoint(dir), false); err != nil {
		t.Fatal(err, <-done)
	}
	if k.savepoint, err = checkpoint.Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	k.state, k.store = nil, checkpoint.NewMemory(1)
	goesOn(t, k, "1=9@3")
}

// brokenBackend fails once it has taken some rows.
type brokenBackend struct {
	state.InMemory
	left *int
}

func (b brokenBackend) Open(operator string, subtask int) (state.Backend, error) {
	inner, err := b.InMemory.Open(operator, subtask)
	return brokenRows{inner, b.left}, err
}

type brokenRows struct {
	state.Backend
	left *int
}

func (b brokenRows) Put(key, value []byte) (bool, error) {
	if *b.left--; *b.left < 0 {
		return false, errors.New("no space left")
	}
	return b.Backend.Put(key, value)
}

// Ensure that a backend that fails fails the job, and that the failure names state and element.
func TestProcessKeyed_BackendFails(t *testing.T) {
	left := 1
	k := newKeyedJob(sums(engine.Int64Codec{}))
	k.state = brokenBackend{left: &left}
	d := k.start(t, 1)
	k.log.Append("a", 1, 1)
	k.log.Append("a", 2, 2)
	err := d.Run()
	var failed *engine.StateError
	var at *engine.OperatorError
	if !errors.As(err, &failed) || failed.State != "sum" || !errors.As(err, &at) || at.Operator != "function" || !strings.HasSuffix(at.Element, "1970-01-01T00:00:00.002Z") {
		t.Errorf("run: %v, %+v", err, at)
	}
}

// Ensure that entries whose time is over are removed, also where nobody asks for them.
func TestWithTTL_Swept(t *testing.T) {
	for name, backend := range backends(t) {
		k := newKeyedJob(sums(engine.Int64Codec{}, engine.WithTTL(engine.TTL{After: time.Second})))
		k.state = backend
		job := k.job(1)
		d, err := enginetest.Drive(t.Context(), job, k.clock, nil)
		if err != nil {
			t.Fatal(err)
		}
		entries := func() (n int64) {
			for _, s := range job.Status().Operators[1].Subtasks {
				n += s.StateEntries
			}
			return n
		}
		for i := range int64(7) {
			k.log.Append("a", i, i)
		}
		if err := d.Run(); err != nil || entries() != 7 {
			t.Fatalf("%s: %d entries, %v", name, entries(), err)
		}
		k.clock.Advance(2 * time.Second)
		for range 2 {
			if err := d.Tick(); err != nil {
				t.Fatal(err)
			}
			k.clock.Advance(time.Second)
		}
		if entries() != 0 {
			t.Errorf("%s: %d entries are left", name, entries())
		}
		if err := d.Close(); !errors.Is(err, engine.ErrCancelled) {
			t.Fatal(err)
		}
	}
}

// Ensure that what a timer of processing time does is saved, also where no element follows.
func TestProcessKeyed_ProcessingTimerSaved(t *testing.T) {
	k := newKeyedJob(everyState)
	k.interval = 100 * time.Millisecond
	job := k.job(1)
	d, err := enginetest.Drive(t.Context(), job, k.clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	k.log.Append("a", 900, 1) // its timer is at 900 ms
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	after := func(by time.Duration) engine.CheckpointStatus {
		t.Helper()
		k.clock.Advance(by)
		if err := d.Tick(); err != nil {
			t.Fatal(err)
		}
		return job.Status().Checkpoints
	}
	for range 4 {
		after(150 * time.Millisecond)
	}
	quiet := after(150 * time.Millisecond)
	if !quiet.Unsaved.IsZero() || len(k.out.Elements()) != 0 {
		t.Fatalf("before the timer: %+v, %v", quiet, k.lines())
	}
	after(200 * time.Millisecond)
	if got := after(200 * time.Millisecond); got.LastID == quiet.LastID || !got.Unsaved.IsZero() || len(k.out.Elements()) != 1 {
		t.Errorf("behind the timer: %+v, before %+v, %v", got, quiet, k.lines())
	}
	if err := d.Close(); !errors.Is(err, engine.ErrCancelled) {
		t.Fatal(err)
	}
}

// Ensure that a state which cannot be is refused in words.
func TestStates_Declared(t *testing.T) {
	for want, open := range map[string]func(*engine.Subtask){
		"two states of":        func(s *engine.Subtask) { twice(s, "a", "a") },
		"needs a name without": func(s *engine.Subtask) { twice(s, "a/b", "b") },
	} {
		k := newKeyedJob(func(s *engine.Subtask) (engine.KeyedProcess[int64, numbers, string], error) {
			open(s)
			return engine.KeyedProcess[int64, numbers, string]{}, nil
		})
		if _, err := enginetest.Drive(t.Context(), k.job(1), k.clock, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func twice(s *engine.Subtask, a, b string) {
	engine.NewValueState(s, a, engine.Int64Codec{})
	engine.NewListState(s, b, engine.Int64Codec{})
}
