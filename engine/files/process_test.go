package files_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/files"
)

// childDir tells the test binary that it is a process to be killed, and where it works.
const childDir = "FILES_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim copies dir/in to dir/out, and says a line for each checkpoint.
func victim(dir string) error {
	store, err := checkpoint.OpenFolder(filepath.Join(dir, "checkpoints"), checkpoint.FolderOptions{})
	if err != nil {
		return err
	}
	defer store.Close()
	place, err := files.OpenFolder(filepath.Join(dir, "out"))
	if err != nil {
		return err
	}
	job := engine.NewJob(engine.Config{
		Name: "victim", Parallelism: 1 + os.Getpid()%3, Store: store, CheckpointInterval: time.Millisecond,
		Hooks: engine.Hooks{OnCheckpoint: func(e engine.CheckpointEvent) { fmt.Println("checkpoint", e.ID, e.Err) }},
	})
	source := slowly(readNumbers(filepath.Join(dir, "in")))
	decode := source.Decode
	source.Decode = func(line []byte) (engine.Element[number], error) {
		time.Sleep(time.Millisecond) // so that many checkpoints fall in between
		return decode(line)
	}
	in := engine.FromSource(job, "in", source, engine.NoWatermarks[number]())
	engine.SinkTo(engine.Rebalance(in, "spread"), "out", numbers(place))
	if err := job.Run(context.Background()); !errors.Is(err, engine.ErrFinished) {
		return err
	}
	return nil // the life before was killed behind its very last step
}

// writeNumbers makes files that hold 0 to n-1.
func writeNumbers(t *testing.T, dir string, n, count int) {
	t.Helper()
	for i := range count {
		var text string
		for k := range n / count {
			text += fmt.Sprintf("{\"n\":%d}\n", i*n/count+k)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d/part.ndjson", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Ensure that a process killed by the kernel at any moment, many times, at any parallelism,
// ends with every line of its input in one visible file, and leaves nothing else.
func TestKillNine(t *testing.T) {
	dir := t.TempDir()
	writeNumbers(t, filepath.Join(dir, "in"), 600, 5)
	random, kills := rand.New(rand.NewPCG(1, 1)), 0
	for life := 0; ; life++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+dir)
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		left, last := 1+life*random.IntN(3), ""
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			last = lines.Text()
			if left--; left == 0 && life < 6 {
				_ = child.Process.Kill() // in the middle of whatever it does
			}
		}
		err = child.Wait()
		if strings.HasPrefix(last, "error") {
			t.Fatal(last)
		}
		if err != nil {
			kills++
			continue
		}
		break
	}
	t.Logf("killed %d times", kills)
	if kills == 0 {
		t.Error("no process was killed")
	}
	exactlyOnce(t, filepath.Join(dir, "out"), 600)
}
