package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/data/generate"
	"taxistream/data/sort"
	"taxistream/data/trips"
	"taxistream/engine"
	"taxistream/internal/kinesis"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/trip"
	"taxistream/localstack/localtest"
	"taxistream/localstack/search"
	"taxistream/processor/job"
)

const benchTrips = 100_000

// cpu is the process's user and system time.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stage runs f, which handles n events, as often as the benchmark asks, and
// reports the process's CPU an event.
func stage(b *testing.B, name string, n int, f func(b *testing.B)) (perEvent float64) {
	b.Run(name, func(b *testing.B) {
		began := cpu(b)
		b.ReportAllocs()
		for b.Loop() {
			f(b)
		}
		perEvent = float64(cpu(b)-began) / float64(b.N) / float64(n)
		b.ReportMetric(perEvent, "cpu-ns/event")
		b.ReportMetric(0, "ns/op")
	})
	return perEvent
}

// BenchmarkStages measures the CPU an event of each stage, and of the whole
// process, beside the stock SDK's own put plus get without a network.
func BenchmarkStages(b *testing.B) {
	day := benchDay(b)
	csv := benchCSV(b, day)
	stage(b, "generate", len(day), func(b *testing.B) { benchDay(b) })
	read := stage(b, "read", len(day), func(b *testing.B) { benchRead(b, csv) })
	sorted := stage(b, "read+sort", len(day), func(b *testing.B) { benchSort(b, csv) })
	events := make([][]byte, len(day))
	for i := range day {
		day[i].ID = int64(i) + 1
		events[i] = trip.AppendTrip(nil, &day[i])
	}
	stage(b, "encode", len(day), func(b *testing.B) {
		var buf []byte
		for i := range day {
			buf = trip.AppendTrip(buf[:0], &day[i])
		}
	})
	packed := pack(events)
	stock, ours := sdk.NewFromConfig(canned(b, events)), kinesis.New(canned(b, events), stream).API
	oursPacked := kinesis.New(canned(b, packed), stream).API
	stockPut := stage(b, "put/stock", len(events), func(b *testing.B) { benchPut(b, stock, events) })
	stockGet := stage(b, "get/stock", len(events), func(b *testing.B) { benchGet(b, stock, len(events)) })
	put := stage(b, "put", len(events), func(b *testing.B) { benchPut(b, ours, events) })
	stage(b, "put/aggregated", len(events), func(b *testing.B) { benchPut(b, oursPacked, pack(events)) })
	stage(b, "get", len(events), func(b *testing.B) { benchGet(b, ours, len(events)) })
	stage(b, "get/aggregated", len(events), func(b *testing.B) { benchGet(b, oursPacked, len(packed)) })
	stage(b, "decode", len(events), func(b *testing.B) {
		var ev trip.Event
		for _, e := range events {
			if err := trip.Decode(e, &ev); err != nil {
				b.Fatal(err)
			}
		}
	})
	stage(b, "engine", len(day), func(b *testing.B) { benchEngine(b, day, events) })
	stage(b, "sink", len(day), func(b *testing.B) { benchSink(b, len(day)/10) })
	whole, memory, n := benchProcess(b, true)
	alone, _, _ := benchProcess(b, false)
	fmt.Printf("\nstock SDK, put and get           %6.2f us an event\n", (stockPut+stockGet)/1000)
	fmt.Printf("sort alone                       %6.2f us an event, put %.2f of the stock's\n", (sorted-read)/1000, put/stockPut)
	fmt.Printf("whole process, one trip a record %6.2f us an event, %.2f times the stock SDK's put and get\n", alone/1000, alone/(stockPut+stockGet))
	fmt.Printf("whole process, aggregated        %6.2f us an event over %d events, peak memory %d MiB\n\n", whole/1000, n, memory>>20)
}

func benchDay(b *testing.B) []trip.Trip { return benchDays(b, 1, benchTrips) }

func benchDays(b *testing.B, days, trips int) []trip.Trip {
	g, err := generate.New(generate.Options{First: generate.Date{Year: 2016, Month: 1, Day: 5}, Days: days, Seed: 1, TripsPerDay: trips})
	if err != nil {
		b.Fatal(err)
	}
	day := make([]trip.Trip, 0, days*trips*11/10)
	buf := make([]trip.Trip, 1000)
	for {
		n, err := g.Next(buf)
		day = append(day, buf[:n]...)
		if err == io.EOF {
			return day
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func benchCSV(b *testing.B, day []trip.Trip) string {
	var out bytes.Buffer
	out.WriteString("vendor_id,pickup_datetime,dropoff_datetime,passenger_count,trip_distance,pickup_longitude,pickup_latitude,rate_code,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,surcharge,mta_tax,tip_amount,tolls_amount,total_amount\n")
	clock := func(ms int64) string { return time.UnixMilli(ms).In(trip.NewYorkZone()).Format(time.DateTime) }
	for i := len(day) - 1; i >= 0; i-- { // backwards, so that there is something to sort
		t := &day[i]
		fmt.Fprintf(&out, "VTS,%s,%s,1,2.5,%v,%v,1,N,%v,%v,CSH,12.5,0.5,0.5,0,0,%v\n", clock(t.Pickup), clock(t.Dropoff), t.PickupLon, t.PickupLat, t.DropoffLon, t.DropoffLat, t.TotalAmount)
	}
	file := filepath.Join(b.TempDir(), "day.csv")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

func benchRead(b *testing.B, file string) {
	in, err := trips.Expand(file)
	if err != nil {
		b.Fatal(err)
	}
	r, err := trips.Open(b.Context(), in[0])
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var t trip.Trip
	for err == nil {
		err = r.Read(&t)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}

func benchSort(b *testing.B, file string) {
	s, err := sort.Open(b.Context(), []string{file}, sort.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	buf := make([]trip.Trip, 1000)
	for err == nil {
		_, err = s.Next(buf)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}

// pack makes aggregates of events as the producer does.
func pack(events [][]byte) (records [][]byte) {
	a := kinesis.NewAggregator(48<<10, "0")
	var key []byte
	for i, e := range events {
		key = strconv.AppendInt(key[:0], int64(i), 10)
		if !a.Add(key, e) {
			records = append(records, a.AppendTo(nil))
			a.Reset()
			a.Add(key, e)
		}
	}
	records = append(records, a.AppendTo(nil))
	kinesis.Seal(records)
	return records
}

// canned is a configuration whose HTTP client answers without a network: what a
// call costs is the SDK's.
func canned(b *testing.B, records [][]byte) aws.Config {
	b.Helper()
	var get bytes.Buffer
	get.WriteString(`{"MillisBehindLatest":0,"NextShardIterator":"next","Records":[`)
	for i, r := range records {
		if i > 0 {
			get.WriteByte(',')
		}
		fmt.Fprintf(&get, `{"ApproximateArrivalTimestamp":1.451997000123E9,"Data":"%s","PartitionKey":"%d","SequenceNumber":"49590338271490256608559692538361571095921575989136588898"}`, base64.StdEncoding.EncodeToString(r), i)
	}
	get.WriteString(`]}`)
	return aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), BaseEndpoint: aws.String("http://127.0.0.1:1"),
		HTTPClient: cannedClient{get.Bytes()},
	}
}

type cannedClient struct{ get []byte }

func (c cannedClient) Do(r *http.Request) (*http.Response, error) {
	body := c.get
	if r.Header.Get("X-Amz-Target") == "Kinesis_20131202.PutRecords" {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		body = putAnswer
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// putAnswer is that of 500 records, whatever was put: the answer to fewer costs less.
var putAnswer = func() []byte {
	var b bytes.Buffer
	b.WriteString(`{"FailedRecordCount":0,"Records":[`)
	for i := range 500 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}`)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}()

func benchPut(b *testing.B, client *sdk.Client, records [][]byte) {
	for len(records) > 0 {
		var entries []types.PutRecordsRequestEntry
		size := 0
		for len(records) > 0 && len(entries) < 500 && size < 4<<20 {
			entries = append(entries, types.PutRecordsRequestEntry{Data: records[0], PartitionKey: aws.String("1234567890123456789")})
			size += len(records[0])
			records = records[1:]
		}
		if _, err := client.PutRecords(b.Context(), &sdk.PutRecordsInput{StreamName: aws.String(stream), Records: entries}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchGet(b *testing.B, client *sdk.Client, want int) {
	out, err := client.GetRecords(b.Context(), &sdk.GetRecordsInput{ShardIterator: aws.String("next")})
	if err != nil || len(out.Records) != want {
		b.Fatalf("%d records, %v", len(out.Records), err)
	}
}

// daySplit is a source of one split that holds a day in memory.
type daySplit struct {
	elements []engine.Element[job.Record]
	at       int
}

func (d *daySplit) Splits(context.Context) ([]engine.Split, error) {
	return []engine.Split{{ID: "day"}}, nil
}

func (d *daySplit) Bounded() bool { return true }

func (d *daySplit) Open(context.Context, engine.Split) (engine.SplitReader[job.Record], error) {
	return d, nil
}

func (d *daySplit) Next(context.Context) (engine.Read[job.Record], error) {
	n := min(d.at+5000, len(d.elements))
	r := engine.Read[job.Record]{Elements: append([]engine.Element[job.Record](nil), d.elements[d.at:n]...), End: n == len(d.elements)}
	d.at = n
	return r, nil
}

func (d *daySplit) Close() error { return nil }

// nothing is a sink that takes everything.
type nothing struct{}

func (nothing) Open(context.Context, engine.Subtask, [][]byte) (engine.SinkWriter[opensearch.Document], error) {
	return nothing{}, nil
}
func (nothing) Write(context.Context, []engine.Element[opensearch.Document]) error { return nil }
func (nothing) Prepare(context.Context, int64) ([]byte, error)                     { return nil, nil }
func (nothing) Committed(context.Context, int64) error                             { return nil }
func (nothing) Close() error                                                       { return nil }

func benchEngine(b *testing.B, day []trip.Trip, events [][]byte) {
	source := &daySplit{elements: make([]engine.Element[job.Record], len(day))}
	origin := &job.Origin{Shard: "shardId-000000000000", Sequence: "1"}
	for i := range day {
		source.elements[i] = engine.Element[job.Record]{EventTime: day[i].Dropoff, Value: job.Record{Kind: trip.KindTrip, Trip: day[i], Data: events[i], Origin: origin}}
	}
	j := engine.NewJob(engine.Config{Name: "bench", Parallelism: 2})
	job.Build(j, job.Config{
		EventTime: job.EventTime{Mode: job.Bounded, Bound: time.Second}, Rules: trip.DefaultRules, HotspotResolution: 9, AirportResolution: 8, HotspotMin: 2,
		Now: time.Now, Counts: &job.Counts{},
	}, source, nothing{})
	if err := j.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// benchSink writes documents as a day makes them: about one for ten trips.
func benchSink(b *testing.B, documents int) {
	server, err := search.New(search.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	url, err := server.Start("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	client, err := opensearch.New(opensearch.Options{Endpoint: url})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	if err := results.PutTemplates(b.Context(), client, "", map[string]string{}, nil); err != nil {
		b.Fatal(err)
	}
	w := opensearch.NewWriter(client, opensearch.WriterOptions{})
	defer w.Close()
	source := []byte(`{"cell":"892a100c32bffff","resolution":9,"location":{"lat":40.699399486229844,"lon":-73.89823640027163},"boundary":{"type":"Polygon","coordinates":[[[-73.89830205140389,40.70115907294488],[-73.90040488572372,40.70022306975837],[-73.90033915702814,40.69846350344596],[-73.8981707540606,40.6976399384245],[-73.89606799462011,40.6985758720723],[-73.89613356326741,40.70033544027746],[-73.89830205140389,40.70115907294488]]]},"pickup_count":2,"window_start":"2016-01-05T12:30:00.000Z","window_end":"2016-01-05T12:40:00.000Z","timestamp":"2016-01-05T12:39:59.999Z"}`)
	for i := range documents {
		if err := w.Add(b.Context(), opensearch.Document{Index: "pickup_count-2016.01", ID: strconv.Itoa(i), Version: 2, Source: source}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// benchProcess runs `localstack demo` over a whole generated day.
func benchProcess(b *testing.B, aggregate bool) (cpuPerEvent float64, memory int64, events int) {
	dir, err := localtest.Programs()
	if err != nil {
		b.Fatal(err)
	}
	events = 441_000
	name := "process/single"
	if aggregate {
		name = "process/aggregated"
	}
	b.Run(name, func(b *testing.B) {
		var total time.Duration
		for b.Loop() {
			cmd := exec.Command(filepath.Join(dir, "localstack"), "demo", "-exit-when-done", "-quiet", "-speedup", "0", "-listen", "127.0.0.1:0", "-aggregate="+strconv.FormatBool(aggregate))
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for running := true; running; {
				select {
				case err := <-ended:
					if err != nil {
						b.Fatalf("%v\n%s", err, &out)
					}
					running = false
				case <-time.After(20 * time.Millisecond):
					memory = max(memory, peakMemory(cmd.Process.Pid))
				}
			}
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
		cpuPerEvent = float64(total) / float64(b.N) / float64(events)
		b.ReportMetric(cpuPerEvent, "cpu-ns/event")
		b.ReportMetric(float64(memory>>20), "MiB")
	})
	return cpuPerEvent, memory, events
}

// peakMemory is a running process's peak resident memory in bytes, 0 where the
// system does not tell. (A finished child's figure would be that of the parent
// it was forked from, where that is larger.)
func peakMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kib int64
	if _, rest, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
		if _, err := fmt.Sscan(string(rest), &kib); err != nil {
			return 0
		}
	}
	return kib << 10
}
