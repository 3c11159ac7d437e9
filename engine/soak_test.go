//go:build soak

package engine_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/window"
)

// soakKeys is the number of keys in an open window; soakAgain how many elements each
// split has for the process that goes on.
const (
	soakKeys  = 1_000_000
	soakAgain = 1_000_000
)

func init() { children["soak"] = soakChild }

// cyclic is a source of two splits that go through all keys again and again. It ends
// some time after a restart.
type cyclic struct{ opened func() }

func (cyclic) Bounded() bool { return true }

func (cyclic) Splits(context.Context) ([]engine.Split, error) {
	return []engine.Split{{ID: "a"}, {ID: "b"}}, nil
}

func (c cyclic) Open(_ context.Context, s engine.Split) (engine.SplitReader[int64], error) {
	r := &cyclicReader{split: s.ID, end: -1}
	if s.Offset != nil {
		r.next = int64(binary.BigEndian.Uint64(s.Offset))
		r.end = r.next + soakAgain
		c.opened()
	}
	return r, nil
}

type cyclicReader struct {
	split     string
	next, end int64
}

func (r *cyclicReader) Close() error { return nil }

func (r *cyclicReader) Next(context.Context) (engine.Read[int64], error) {
	var read engine.Read[int64]
	for range 1000 {
		read.Elements = append(read.Elements, engine.Element[int64]{Value: (2*r.next + int64(r.split[0]-'a')) % soakKeys, EventTime: 5})
		r.next++
	}
	read.Offset = binary.BigEndian.AppendUint64(nil, uint64(r.next))
	switch r.next {
	case soakKeys / 2:
		fmt.Println("loaded", r.split)
	case r.end:
		read.End = true
		fmt.Println("elements", r.next)
	}
	return read, nil
}

// soakChild counts by key, with checkpoints, until it is killed or, after a restart, at the end.
func soakChild(dir string) error {
	began := time.Now()
	var opened, first sync.Once
	since := func(what string) func() {
		return func() { fmt.Println(what, time.Since(began).Milliseconds()) }
	}
	store, err := checkpoint.OpenFolder(filepath.Join(dir, "checkpoints"), checkpoint.FolderOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	job := engine.NewJob(engine.Config{
		Name: "soak", Parallelism: 2, Store: store, CheckpointInterval: time.Second,
		Hooks: engine.Hooks{OnCheckpoint: func(e engine.CheckpointEvent) {
			fmt.Println("checkpoint", e.Duration.Milliseconds(), e.Bytes, e.Err)
		}},
	})
	in := engine.FromSource(job, "in", cyclic{opened: func() { opened.Do(since("restored")) }}, engine.NoWatermarks[int64]())
	counts, _ := engine.Aggregate(engine.KeyBy(in, func(k *int64) int64 { return *k }, int64Codec{}), "count", window.Tumbling(time.Hour), engine.Aggregation[int64, int64, int64, int64]{
		Add: func(n *int64, _ *engine.Element[int64]) {
			*n++
			first.Do(since("processing"))
		},
		Result: func(_ int64, _ window.Window, n *int64) (int64, bool) { return *n, true },
		Codec:  int64Codec{},
	})
	var total sumSink
	engine.SinkTo(counts, "total", &total)
	if err := job.Run(context.Background()); err != nil {
		return err
	}
	fmt.Println("total", total.sum, total.keys)
	return nil
}

// sumSink adds up what it is given.
type sumSink struct {
	discard[int64]
	mu        sync.Mutex
	sum, keys int64
}

func (s *sumSink) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[int64], error) {
	return s, nil
}

func (s *sumSink) Write(_ context.Context, batch []engine.Element[int64]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range batch {
		s.sum += e.Value
		s.keys++
	}
	return nil
}

// soakProcess is a child and the lines that it prints.
type soakProcess struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startSoak(t *testing.T, dir string) *soakProcess {
	cmd := childCommand("soak", dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &soakProcess{t: t, cmd: cmd, lines: bufio.NewScanner(out)}
}

// until reads lines to the next one that begins with a word, and scans the rest of it.
func (p *soakProcess) until(word string, values ...any) {
	p.t.Helper()
	for p.lines.Scan() {
		if rest, ok := strings.CutPrefix(p.lines.Text(), word+" "); ok {
			_, _ = fmt.Sscan(rest, values...)
			return
		}
	}
	p.t.Fatalf("the process ended before %q", word)
}

// Ensure that a process with a million keys takes a checkpoint within a second, and that
// after kill -9 the next one restores it within a second, processes again within two, and
// ends with every element counted once. These are times of this machine: run it by hand.
func TestSoak_KillNine(t *testing.T) {
	dir := t.TempDir()
	first := startSoak(t, dir)
	var split string
	first.until("loaded", &split)
	first.until("loaded", &split)
	var checkpointMs, bytes, restoreMs, childMs, elements, more, total, keys int64
	for range 3 { // the first may have begun before all was loaded
		first.until("checkpoint", &checkpointMs, &bytes)
	}
	killed := time.Now()
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.cmd.Wait()
	second := startSoak(t, dir)
	second.until("restored", &restoreMs)
	second.until("processing", &childMs)
	again := time.Since(killed)
	second.until("elements", &elements)
	second.until("elements", &more)
	second.until("total", &total, &keys)
	if err := second.cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d keys, %.1f MB, parallelism 2: checkpoint %d ms beside processing; after kill -9 restored in %d ms, processing again after %d ms",
		keys, float64(bytes)/1e6, checkpointMs, restoreMs, again.Milliseconds())
	if total != elements+more || keys != soakKeys {
		t.Errorf("%d elements of %d keys are counted, there were %d", total, keys, elements+more)
	}
	if checkpointMs >= 1000 || restoreMs >= 1000 || again >= 2*time.Second {
		t.Error("that is too slow: a checkpoint and a restore are to take less than 1 s, processing again less than 2 s")
	}
}
