package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/internal/flags"
	"taxistream/localstack/app"
	"taxistream/localstack/search"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// Ensure what is wrong at the start is one line that says what, where and what
// to do, with the right status, and nothing else.
func TestOneLineErrors(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	w := newWorld(t, 1)
	wrong := filepath.Join(t.TempDir(), "wrong.csv")
	if err := os.WriteFile(wrong, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := map[string]func(context.Context, []string) (int, string, string){
		"localstack": program(app.Main), "producer": program(producer.Main), "processor": program(processor.Main),
	}
	ends := []string{"-endpoint", w.kinesisAt, "-opensearch-endpoint", w.searchAt, "-checkpoint-dir", w.dir, "-listen", "127.0.0.1:0"}
	for name, c := range map[string]struct {
		program string
		args    []string
		status  int
		holds   string
	}{
		"NoVerb":            {"localstack", nil, 2, "see -h"},
		"UnknownVerb":       {"localstack", []string{"fly"}, 2, `unknown verb "fly"; see -h`},
		"UnknownFlag":       {"localstack", []string{"demo", "-foo"}, 2, "unknown flag -foo; see -h"},
		"ProducerFlag":      {"producer", []string{"-source", "x", "-foo"}, 2, "unknown flag -foo; see -h"},
		"ProducerNoSource":  {"producer", nil, 2, "flag -source is needed; see -h"},
		"ProcessorFlag":     {"processor", []string{"-foo=1"}, 2, "unknown flag -foo; see -h"},
		"ProcessorNeeds":    {"processor", nil, 2, "flag -opensearch-endpoint is needed; see -h"},
		"MissingFile":       {"localstack", []string{"demo", "-source", "none.csv", "-listen", "127.0.0.1:0"}, 1, "none.csv: no such file"},
		"WrongColumns":      {"producer", []string{"-source", wrong, "-endpoint", w.kinesisAt}, 1, "wrong.csv: unknown columns a,b"},
		"NoStream":          {"producer", []string{"-source", "generate:2016-01-05", "-stream", "none", "-endpoint", w.kinesisAt}, 1, "aws kinesis create-stream --stream-name none"},
		"BusyListen":        {"processor", append([]string{"-listen", busy.Addr().String()}, ends[:6]...), 1, "listen on " + busy.Addr().String()},
		"BusyKinesis":       {"localstack", []string{"serve", "-kinesis-listen", busy.Addr().String()}, 1, busy.Addr().String()},
		"OutsideLoopback":   {"processor", append([]string{"-listen", "0.0.0.0:0"}, ends[:6]...), 1, "-listen-token-file"},
		"BadEndpoint":       {"processor", []string{"-opensearch-endpoint", "nowhere", "-endpoint", w.kinesisAt, "-listen", "127.0.0.1:0"}, 1, "nowhere"},
		"BadPosition":       {"processor", append([]string{"-position", "START"}, ends...), 2, "TRIM_HORIZON"},
		"BadEventTime":      {"processor", append([]string{"-event-time", "moon"}, ends...), 2, "bounded=10s"},
		"BadParallelism":    {"processor", append([]string{"-p", "0"}, ends...), 2, "-parallelism 0"},
		"BadPrefix":         {"processor", append([]string{"-index-prefix", "A*"}, ends...), 2, "lower case"},
		"CheckpointNoDir":   {"processor", append([]string{"-checkpoint-dir", filepath.Join(wrong, "x")}, "-endpoint", w.kinesisAt, "-opensearch-endpoint", w.searchAt, "-listen", "127.0.0.1:0"), 1, "wrong.csv"},
		"ExportNoServer":    {"localstack", []string{"export", "-export", "x"}, 2, "-opensearch-endpoint is needed"},
		"ProcessorNoStream": {"processor", append([]string{"-stream", "none"}, ends...), 1, "aws kinesis create-stream --stream-name none"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run[c.program](context.Background(), c.args)
			if status != c.status || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, c.program) || !strings.Contains(stderr, c.holds) {
				t.Errorf("status %d, stdout %q, stderr %q; want status %d and one line with %q", status, stdout, stderr, c.status, c.holds)
			}
		})
	}
	for name, f := range run {
		args := []string{"-h"}
		if status, stdout, stderr := f(context.Background(), args); status != 0 || stdout == "" || stderr != "" {
			t.Errorf("%s -h: status %d, stdout %d bytes, stderr %q", name, status, len(stdout), stderr)
		}
	}
}

// Ensure every program and verb answers -version, and a misspelt verb is told.
func TestVersion(t *testing.T) {
	for name, main := range map[string]func(context.Context, []string) (int, string, string){
		"localstack": program(app.Main), "localstack demo": program(app.Main), "localstack serve": program(app.Main), "localstack export": program(app.Main),
		"producer": program(producer.Main), "processor": program(processor.Main), "processor ready": program(processor.Main),
	} {
		words := append(strings.Fields(name), "-version")
		status, stdout, stderr := main(context.Background(), words[1:])
		if status != 0 || stderr != "" || stdout != flags.Version(words[0])+"\n" {
			t.Errorf("%s -version: status %d, %q, %q", name, status, stdout, stderr)
		}
	}
	for line, hint := range map[string]string{"localstack dmeo": "did you mean demo?", "processor raedy": "did you mean ready?", "producer -sorce x": "did you mean -source?"} {
		words := strings.Fields(line)
		main := map[string]func(context.Context, []string) (int, string, string){
			"localstack": program(app.Main), "producer": program(producer.Main), "processor": program(processor.Main),
		}[words[0]]
		status, stdout, stderr := main(context.Background(), words[1:])
		if status != flags.StatusUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, hint) {
			t.Errorf("%s: status %d, %q, %q", line, status, stdout, stderr)
		}
	}
}

func program(main func(context.Context, []string, io.Writer, io.Writer) int) func(context.Context, []string) (int, string, string) {
	return func(ctx context.Context, args []string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		return main(ctx, args, &stdout, &stderr), stdout.String(), stderr.String()
	}
}

// Ensure a 2 MiB record is a counted reject that holds the whole record.
func TestHugeRecord(t *testing.T) {
	w := newWorld(t, 1)
	name := aws.String("huge")
	if _, err := w.k.API.CreateStream(context.Background(), &sdk.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(4096)}); err != nil {
		t.Fatal(err)
	}
	huge := `{"x":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, data := range []string{huge, fmt.Sprintf(watermark, "2016-01-05T13:59:59.000Z")} {
		if _, err := w.k.API.PutRecord(context.Background(), &sdk.PutRecordInput{StreamName: name, Data: []byte(data), PartitionKey: name}); err != nil {
			t.Fatal(err)
		}
	}
	p, stop := w.processor("-stream", *name)
	w.reaches(p, 1)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	got := w.rejects()
	if len(got) != 1 || got[0].Reason != "malformed" || string(got[0].Record) != huge {
		t.Fatalf("got %d rejects", len(got))
	}
}

// Ensure an unreachable results store is waited for, said so once, and gone on
// from when it is there.
func TestUnreachableOpenSearch(t *testing.T) {
	w := newWorld(t, 1)
	addr := strings.TrimPrefix(w.searchAt, "http://")
	if err := w.search.Close(); err != nil {
		t.Fatal(err)
	}
	w.put(0, fmt.Sprintf(goodTrip, 1, "2016-01-05T12:30:00.000Z"))
	w.put(0, fmt.Sprintf(goodTrip, 2, "2016-01-05T12:30:00.000Z"))
	w.put(0, fmt.Sprintf(watermark, "2016-01-05T13:59:59.000Z"))
	p, stop := w.processor()
	waitFor(t, "the processor says that it waits", func() bool { return strings.Contains(w.log.String(), "level=WARN") })
	again, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Start(addr); err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	w.reaches(p, 1)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.export(), `"pickup_count":2`) {
		t.Error("the documents are not there")
	}
	if n := strings.Count(w.log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, w.log.String())
	}
}
