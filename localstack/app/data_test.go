package app_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"taxistream/localstack/app"
)

// freePort is an address below the ports that the system gives to connections, so that a
// server can come back to it.
func freePort(t *testing.T) string {
	t.Helper()
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 11_000+rand.IntN(20_000))
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			return address
		}
	}
}

// Ensure the results are the oracle's where the embedded Kinesis is killed with SIGKILL
// and started again under a producer and a processor that run: what was acknowledged
// is there, and the processor's places in the shards, and its checkpoints, still fit.
func TestServeData_Kill(t *testing.T) {
	for _, consumer := range []string{"polling", "fan-out"} {
		t.Run(consumer, func(t *testing.T) { killServer(t, consumer) })
	}
}

func killServer(t *testing.T, consumer string) {
	source := generatedDay(t, 30_000)
	trips := oracleRead(t, source)
	want, _ := oracle(t, trips)
	_, searchURL := serving(t)
	data, address := t.TempDir(), freePort(t)
	serve := func() *process {
		p := start(t, "localstack", "serve", "-data", data, "-shards", "3", "-kinesis-listen", address, "-opensearch-listen", "127.0.0.1:0")
		if line := <-p.Lines(); !strings.Contains(line, "3 shards") {
			t.Fatalf("serve says %q\n%s", line, p.Errors())
		}
		return p
	}
	server := serve()
	checkpoints := t.TempDir()
	begin := func() *process {
		return start(t, "processor", "-endpoint", "http://"+address, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
			"-checkpoint-dir", checkpoints, "-checkpoint-interval", "150ms", "-log-format", "json", "-consumer", consumer)
	}
	processor := begin()
	producer := start(t, "producer", "-endpoint", "http://"+address, "-source", source, "-speedup", "20000")
	for i, share := range []float64{0.2, 0.5} {
		reaches(t, processor.Address(), trips, share)
		if err := server.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		server.WaitExit(10 * time.Second)
		if i == 0 { // the second time it waits for Kinesis to be back
			if err := processor.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			processor.WaitExit(10 * time.Second)
		}
		server = serve()
		if i == 0 {
			processor = begin()
		}
	}
	if code := producer.WaitExit(2 * time.Minute); code != 0 {
		t.Fatalf("producer: status %d: %s", code, producer.Errors())
	}
	url := processor.Address()
	waitFor(t, "the watermark is at the end", func() bool { return watermarkReached(url, trips) })
	stopAndCompare(t, processor, searchURL, want)
}

// Ensure a data folder in use is refused in one line, and that an orderly end gives it back.
func TestServeData_Locked(t *testing.T) {
	data := t.TempDir()
	serve := func(ctx context.Context) (code int, stderr string) {
		var out, errs bytes.Buffer
		code = app.Main(ctx, []string{"serve", "-data", data, "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0"}, &out, &errs)
		return code, errs.String()
	}
	first := start(t, "localstack", "serve", "-data", data, "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", "127.0.0.1:0")
	<-first.Lines()
	code, stderr := serve(t.Context())
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "data folder "+data+" is in use by another process") {
		t.Errorf("status %d: %s", code, stderr)
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := first.WaitExit(30 * time.Second); code != 0 {
		t.Fatalf("serve: status %d: %s", code, first.Errors())
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if code, stderr := serve(stopped); code != 0 {
		t.Errorf("after the end of the first: status %d: %s", code, stderr)
	}
}
