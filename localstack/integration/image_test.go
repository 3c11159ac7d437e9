//go:build integration

package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"

	"taxistream/localstack/kinesis"
	"taxistream/localstack/localtest"
	"taxistream/localstack/search"
)

// What the image promises: programs on nothing, small, reading soon after the start.
const (
	programs   = "taxistream:local"
	imageLimit = 60 << 20
	startLimit = 2 * time.Second
	startTries = 3 // the best counts: the machine has other work
)

// Ensure the image of `make image` is small and holds no system, and that the processor
// in it, not root and with a read-only root, reads within two seconds of its start.
func TestImage(t *testing.T) {
	if out, err := exec.Command("make", "-C", "../..", "image").CombinedOutput(); err != nil {
		t.Fatalf("make image: %v\n%s", err, out)
	}
	size := inspectImage(t)
	best := time.Duration(math.MaxInt64)
	for range startTries {
		best = min(best, startProcessor(t))
	}
	if best > startLimit {
		t.Errorf("the processor read %v after its start, want %v at most", best, startLimit)
	}
	demo := exec.CommandContext(t.Context(), "docker", "run", "--rm", "--network", "host", "--read-only", programs,
		"localstack", "demo", "-exit-when-done", "-quiet", "-speedup", "0", "-listen", "127.0.0.1:0")
	if out, err := demo.CombinedOutput(); err != nil {
		t.Errorf("the demo in the image: %v\n%s", err, out)
	}
	Note("image: %.1f MB, reading %d ms after its start (best of %d)", float64(size)/1e6, best.Milliseconds(), startTries)
}

// Ensure the image for the other architecture is built on this machine, says which it is
// for (by BuildKit; the builder before it cannot), and that its programs run there: on an
// emulator.
func TestImage_Arm(t *testing.T) {
	qemu, err := exec.LookPath("qemu-aarch64-static")
	if err != nil {
		t.Skip("no qemu-aarch64-static: apt-get install qemu-user-static")
	}
	command := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	command(filepath.Join(root, "tools", "image.sh"), "arm64")
	platform := command("docker", "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", "taxistream:arm64")
	if buildKit := exec.CommandContext(t.Context(), "docker", "buildx", "version").Run() == nil; buildKit && platform != "linux/arm64" {
		t.Errorf("the image says it is for %s", platform)
	}
	container := command("docker", "create", "--platform", platform, "taxistream:arm64", "processor")
	defer command("docker", "rm", container)
	for _, program := range []string{"producer", "processor", "localstack", "data", "dashboards", "gate"} {
		file := filepath.Join(t.TempDir(), program)
		command("docker", "cp", "-L", container+":/usr/local/bin/"+program, file)
		if got := command(qemu, file, "-version"); !strings.HasPrefix(got, program+": ") || !strings.HasSuffix(got, " linux/arm64") {
			t.Errorf("%s -version says %q", program, got)
		}
	}
}

// inspectImage checks what the image says of itself, and gives its size.
func inspectImage(t *testing.T) int64 {
	t.Helper()
	docker, err := testcontainers.NewDockerClientWithOpts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	image, err := docker.ImageInspect(t.Context(), programs)
	if err != nil {
		t.Fatal(err)
	}
	if image.Size > imageLimit {
		t.Errorf("the image has %d bytes, want %d at most", image.Size, imageLimit)
	}
	if strings.Join(image.Config.Cmd, " ") != "localstack demo" {
		t.Errorf("docker run of the image by itself starts %q", image.Config.Cmd)
	}
	if image.Config.User != "65532:65532" {
		t.Errorf("the image runs as %q", image.Config.User)
	}
	if n := len(image.RootFS.Layers); n != 1 {
		t.Errorf("the image has %d layers: it is FROM something", n)
	}
	if _, ok := image.Config.Volumes["/tmp"]; !ok {
		t.Error("/tmp is no volume: the producer has nowhere to sort")
	}
	for _, part := range image.Config.Env {
		if part != "PATH=/usr/local/bin" {
			t.Errorf("the image sets %s", part)
		}
	}
	return image.Size
}

// startProcessor runs the processor in a container as a task on Fargate has it,
// between embedded servers, and gives the time from the process's start to its
// line "reading". The container's health check agrees a moment later.
func startProcessor(t *testing.T) time.Duration {
	t.Helper()
	kinesisAt, searchAt := embeddedServers(t)
	address := freeAddress(t).String()
	c, err := testcontainers.Run(t.Context(), programs,
		testcontainers.WithCmd("processor", "-endpoint", kinesisAt, "-opensearch-endpoint", searchAt,
			"-checkpoint-dir", "/tmp/checkpoints", "-listen", address, "-log-format", "json", "-emf", "TaxiStream"),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
			c.NetworkMode, c.ReadonlyRootfs, c.CapDrop = "host", true, []string{"ALL"}
		}),
	)
	defer func() {
		if err := testcontainers.TerminateContainer(c); err != nil {
			t.Error(err)
		}
	}()
	if err != nil {
		t.Fatal(err)
	}
	localtest.WaitFor(t, "the container is ready", func() bool {
		status, _, err := c.Exec(t.Context(), []string{"processor", "ready", "-address", address})
		return err == nil && status == 0
	})
	if r, err := http.Get("http://" + address + "/readyz"); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %v, %v", r, err)
	} else {
		r.Body.Close()
	}
	refuses(t, c)
	took := reading(t, c).Sub(started(t, c))
	stopped(t, c)
	return took
}

// embeddedServers starts the two servers that the processor needs.
func embeddedServers(t *testing.T) (kinesisAt, searchAt string) {
	t.Helper()
	stream, err := kinesis.New(kinesis.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	if err := stream.CreateStream("taxi-trip-events", 2); err != nil {
		t.Fatal(err)
	}
	if kinesisAt, err = stream.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if searchAt, err = store.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return kinesisAt, searchAt
}

// refuses checks that there is no shell, and that the check of a processor that
// is not there fails.
func refuses(t *testing.T, c *testcontainers.DockerContainer) {
	t.Helper()
	if status, _, err := c.Exec(t.Context(), []string{"sh", "-c", "true"}); err == nil && status == 0 {
		t.Error("the image has a shell")
	}
	if status, _, err := c.Exec(t.Context(), []string{"processor", "ready", "-address", "127.0.0.1:1"}); err != nil || status != 1 {
		t.Errorf("the check of a processor that is not there: status %d, %v", status, err)
	}
}

// started is when Docker started the process.
func started(t *testing.T, c *testcontainers.DockerContainer) time.Time {
	t.Helper()
	state, err := c.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, state.StartedAt)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// reading is the time of the processor's line that says so.
func reading(t *testing.T, c *testcontainers.DockerContainer) time.Time {
	t.Helper()
	logs, err := c.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	var text strings.Builder
	for lines := bufio.NewScanner(io.TeeReader(logs, &text)); lines.Scan(); {
		var line struct {
			Time time.Time
			Msg  string
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "reading" {
			return line.Time
		}
	}
	t.Fatalf("the processor does not say that it reads:\n%s", &text)
	return time.Time{}
}

// stopped checks that an orderly stop, as Fargate asks for it, ends with status 0.
func stopped(t *testing.T, c *testcontainers.DockerContainer) {
	t.Helper()
	patience := 30 * time.Second
	if err := c.Stop(context.Background(), &patience); err != nil {
		t.Fatal(err)
	}
	state, err := c.State(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if state.ExitCode != 0 {
		t.Errorf("the processor was stopped and ended with status %d", state.ExitCode)
	}
}
