package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
)

// childKind and childDir tell the test binary that it is a process to be killed, which
// one, and where it works.
const (
	childKind = "ENGINE_TEST_CHILD"
	childDir  = "ENGINE_TEST_CHILD_DIR"
)

// children are what such processes do.
var children = map[string]func(dir string) error{"victim": victim}

// childCommand runs this test binary as a child.
func childCommand(kind, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childKind+"="+kind, childDir+"="+dir)
	return cmd
}

func TestMain(m *testing.M) {
	if child := children[os.Getenv(childKind)]; child != nil {
		if err := child(os.Getenv(childDir)); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	if raceChecks != "" {
		if err := flag.Set("rapid.checks", raceChecks); err != nil { // the command line has the last word
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// killLog is the same log in every process.
func killLog() *enginetest.Log[ride] {
	random := rand.New(rand.NewSource(7))
	log := enginetest.NewLog[ride]("a", "b", "c")
	at := int64(0)
	for i := range int64(6000) {
		at += random.Int63n(20)
		open := log.Open()
		log.Append(open[random.Intn(len(open))], rideAt(at, i-random.Int63n(30), 20), at)
		if i%50 == 0 {
			log.WatermarkAll(at - 1)
		}
		switch i {
		case 1500:
			log.Split("a", "a1", "a2")
		case 3000:
			log.Merge("a2", "b", "m")
		case 4500:
			log.Merge("m", "c", "n")
		}
	}
	log.Seal()
	return log
}

// victim runs the job over killLog, with results appended to files and a line for
// each checkpoint.
func victim(dir string) error {
	store, err := checkpoint.OpenFolder(filepath.Join(dir, "checkpoints"), checkpoint.FolderOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	r := &rides{source: &enginetest.LogSource[ride]{Log: killLog(), ReadSize: 5, Fail: func(string, int) error {
		time.Sleep(2 * time.Millisecond) // so that many checkpoints fall in between
		return nil
	}}}
	job := r.job(engine.Config{
		Name: "victim", Parallelism: 1 + os.Getpid()%4, Store: store, CheckpointInterval: 2 * time.Millisecond,
		Hooks: engine.Hooks{OnCheckpoint: func(e engine.CheckpointEvent) { fmt.Println("checkpoint", e.ID, e.Err) }},
	})
	out, err := os.OpenFile(filepath.Join(dir, "results"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	r.counts.OnWrite = func(batch []engine.Element[cellCount]) error {
		for _, e := range batch {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return nil
	}
	if err := job.Run(context.Background()); !errors.Is(err, engine.ErrFinished) {
		return err
	}
	return nil // the life before was killed behind its very last step
}

// Ensure that a process killed by the kernel at any moment, many times, ends with
// the results of the model: nothing lost, nothing counted twice.
func TestKillNine(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewSource(11))
	kills := 0
	for life := 0; ; life++ {
		child := childCommand("victim", dir)
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		left, done, last := 1+random.Intn(12), false, ""
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			last = lines.Text()
			done = done || last == "done"
			if left--; left == 0 && life < 6 {
				_ = child.Process.Kill() // kill -9, in the middle of whatever it does
				kills++
			}
		}
		err = child.Wait()
		var exit *exec.ExitError
		if done && err == nil {
			break
		}
		if !errors.As(err, &exit) || exit.ExitCode() > 0 {
			t.Fatalf("life %d: %v: %s", life, err, last)
		}
	}
	if kills < 3 {
		t.Errorf("killed %d times only", kills)
	}
	r := &rides{}
	data, err := os.Open(filepath.Join(dir, "results"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	for lines := bufio.NewScanner(data); lines.Scan(); {
		var e engine.Element[cellCount]
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		r.counts.Add(e)
	}
	want := model.Run(killLog())
	if len(want.Late) != 0 {
		t.Fatal("the log is meant to keep its promise")
	}
	want.Duplicates = 0 // the victim's duplicates are not written down
	compare(t, r, want)
}
