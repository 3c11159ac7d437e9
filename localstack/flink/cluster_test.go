//go:build flink

package flink

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"taxistream/localstack/localtest"
)

// cluster is a session cluster of processes, as bin/flink/cluster starts them: ZooKeeper, a JobManager, TaskManagers of two slots.
type cluster struct {
	w         *world
	dir       string
	manager   *localtest.Process
	workers   map[string]*localtest.Process // the TaskManagers by their resource ids
	started   int                           // TaskManagers, ever
	webUI, id string                        // URL, job
}

// newCluster starts one with two TaskManagers.
func newCluster(w *world) *cluster {
	w.t.Helper()
	c := &cluster{w: w, dir: filepath.Join(w.t.TempDir(), "cluster"), workers: map[string]*localtest.Process{}}
	w.dir = filepath.Join(c.dir, "checkpoints")
	c.startZooKeeper()
	c.startManager()
	c.startWorker()
	c.startWorker()
	return c
}

func (c *cluster) command(args ...string) *localtest.Process {
	c.w.t.Helper()
	cmd := exec.Command(program(c.w.t, "cluster"), args...)
	cmd.Env = append(cmd.Environ(), "CHECKPOINT_INTERVAL=200 ms", "JAVA_OPTS=-XX:TieredStopAtLevel=1")
	return localtest.Run(c.w.t, cmd)
}

// startZooKeeper finds a free port for it: one that was free may be taken when ZooKeeper comes to it.
func (c *cluster) startZooKeeper() {
	c.w.t.Helper()
	for range 5 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			c.w.t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		_, port, _ := net.SplitHostPort(address)
		if p := c.command("configure", c.dir, port, "0"); p.WaitExit(inTime) != 0 {
			c.w.t.Fatal(p.Errors())
		}
		if p := c.command("zookeeper", c.dir); c.answers(p, address) {
			return
		}
	}
	c.w.t.Fatal("ZooKeeper finds no port")
}

// answers waits until a process listens, or has ended.
func (c *cluster) answers(p *localtest.Process, address string) (listens bool) {
	c.w.t.Helper()
	localtest.WaitFor(c.w.t, "ZooKeeper listens", func() bool {
		if p.Ended() {
			return true
		}
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			listens = true
		}
		return listens
	})
	return listens && !p.Ended()
}

var listening = regexp.MustCompile(`Rest endpoint listening at (\S+)`)

func (c *cluster) startManager() {
	c.w.t.Helper()
	c.manager = c.command("jobmanager", c.dir)
	localtest.WaitFor(c.w.t, "the JobManager listens", func() bool {
		found := listening.FindStringSubmatch(c.manager.Errors())
		if found != nil {
			c.webUI = "http://" + found[1]
		}
		if c.manager.Ended() {
			c.w.t.Fatal(c.manager.Errors())
		}
		return found != nil
	})
}

func (c *cluster) startWorker() {
	c.w.t.Helper()
	c.started++
	name := fmt.Sprint("taskmanager-", c.started)
	c.workers[name] = c.command("taskmanager", c.dir, name)
}

// run submits the job.
func (c *cluster) run(args ...string) {
	c.w.t.Helper()
	p := c.command(append([]string{"run", c.dir, "-endpoint", c.w.url, "-opensearch-endpoint", c.w.store.url, "-p", "2"}, args...)...)
	if p.WaitExit(inTime) != 0 {
		c.w.t.Fatal(p.Errors())
	}
	for line := range p.Lines() {
		if _, id, ok := strings.Cut(line, "JobID "); ok {
			c.id = id
		}
	}
	if c.id == "" {
		c.w.t.Fatalf("no job: %s", p.Errors())
	}
}

// get asks the JobManager; false while it does not answer, as in the time after a kill.
func (c *cluster) get(path string, into any) bool {
	resp, err := http.Get(c.webUI + path)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK && json.NewDecoder(resp.Body).Decode(into) == nil
}

// busy is a TaskManager that runs a subtask of the job: one whose loss is felt.
func (c *cluster) busy() (name string) {
	c.w.t.Helper()
	localtest.WaitFor(c.w.t, "a TaskManager runs a subtask", func() bool {
		var job struct{ Vertices []struct{ ID string } }
		if !c.get("/jobs/"+c.id, &job) || len(job.Vertices) == 0 {
			return false
		}
		var vertex struct {
			Subtasks []struct {
				Status  string
				Manager string `json:"taskmanager-id"`
			}
		}
		if !c.get("/jobs/"+c.id+"/vertices/"+job.Vertices[0].ID, &vertex) {
			return false
		}
		for _, s := range vertex.Subtasks {
			if s.Status == "RUNNING" && c.workers[s.Manager] != nil {
				name = s.Manager
			}
		}
		return name != ""
	})
	return name
}

// restored is how many times the job has gone on from a checkpoint under this JobManager.
func (c *cluster) restored() int {
	var checkpoints struct{ Counts struct{ Restored int } }
	c.get("/jobs/"+c.id+"/checkpoints", &checkpoints)
	return checkpoints.Counts.Restored
}

// killWorker ends a TaskManager that is at work without a word, and waits until the job goes on from a checkpoint.
func (c *cluster) killWorker() {
	c.w.t.Helper()
	name, before := c.busy(), c.restored()
	c.w.kill(c.workers[name])
	delete(c.workers, name)
	localtest.WaitFor(c.w.t, "the job goes on without "+name, func() bool { return c.restored() > before })
}

// killManager does so with the JobManager; the next one finds the job in ZooKeeper.
func (c *cluster) killManager() {
	c.w.t.Helper()
	c.w.kill(c.manager)
	c.startManager()
	localtest.WaitFor(c.w.t, "the job goes on under another JobManager", func() bool { return c.restored() > 0 })
}

// killAll does so with the JobManager and all TaskManagers at once.
func (c *cluster) killAll() {
	c.w.t.Helper()
	n := len(c.workers)
	for name, p := range c.workers {
		c.w.kill(p)
		delete(c.workers, name)
	}
	c.w.kill(c.manager)
	for range n {
		c.startWorker()
	}
	c.startManager()
	localtest.WaitFor(c.w.t, "the job goes on in another cluster", func() bool { return c.restored() > 0 })
}

// Ensure that kill -9 of a TaskManager, of which another takes the subtasks over, of that one, and of the JobManager changes
// nothing, while trips come in and the stream is resharded.
func TestCluster(t *testing.T) {
	file := source(t)
	w := newWorld(t, 3)
	c := newCluster(w)
	progress := filepath.Join(t.TempDir(), "progress")
	producer := w.producer(file, "-speedup", "2000", "-resume", progress) // a day in 43 seconds
	c.run()
	w.settled()
	c.killWorker()
	c.startWorker()
	w.split(0)
	w.settled()
	c.killWorker()
	c.startWorker()
	w.settled()
	c.killManager()
	w.merge(2)
	w.settled()
	w.finish(producer, file, progress)
	export, rejects := w.reference(lastWatermark(t, file))
	want, _ := localtest.Documents(t, localtest.Read(t, file))
	if diff := localtest.Diff([]byte(export), want); diff != "" {
		t.Fatal(diff)
	}
	w.await(c.manager, export, rejects)
}

// finish ends a paced producer and sends the rest at once.
func (w *world) finish(producer *localtest.Process, file, progress string) {
	w.t.Helper()
	_ = producer.Process.Signal(syscall.SIGTERM) // it may be at its end on a slow machine
	if code := producer.WaitExit(inTime); code != 0 {
		w.t.Fatalf("status %d: %s", code, producer.Errors())
	}
	if p := w.producer(file, "-speedup", "0", "-resume", progress); p.WaitExit(inTime) != 0 {
		w.t.Fatal(p.Errors())
	}
}
