package files_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/enginetest"
	"taxistream/engine/files"
)

// rides are JSON lines.
var rides = files.Lines(".ndjson", func(b []byte, e *engine.Element[ride]) ([]byte, error) {
	line, err := json.Marshal(e.Value)
	return append(b, line...), err
})

type ride struct {
	ID   int64
	Hour int
}

// Rides in a folder for each hour. What is visible when the job ends, or after any crash and
// restart, holds every ride once.
func ExampleSink() {
	log := enginetest.NewLog[ride]("shard")
	log.Append("shard", ride{1, 7}, 1_000)
	log.Append("shard", ride{2, 8}, 2_000)
	log.Append("shard", ride{3, 7}, 3_000)
	log.Seal()

	job := engine.NewJob(engine.Config{Name: "archive", Store: checkpoint.NewMemory(3)})
	records := engine.FromSource(job, "rides", &enginetest.LogSource[ride]{Log: log}, enginetest.Watermarks[ride]())
	in := engine.Map(records, "ride", func(r *enginetest.Record[ride]) ride { return r.Value })
	place := files.NewMemory() // a folder: files.OpenFolder
	engine.SinkTo(in, "archive", &files.Sink[ride]{
		Place: place, Format: rides,
		Bucket: func(e *engine.Element[ride]) string { return fmt.Sprintf("hour=%02d", e.Value.Hour) },
		ID:     func() string { return "x" }, // for this example; by default names are random
	})
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	all := place.Files()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Printf("%s:\n%s", name, all[name])
	}
	// Output:
	// hour=07/part-0-x-1.ndjson:
	// {"ID":1,"Hour":7}
	// {"ID":3,"Hour":7}
	// hour=08/part-0-x-2.ndjson:
	// {"ID":2,"Hour":8}
}

// The lines of every file below a folder.
func ExampleSource() {
	folder, err := os.MkdirTemp("", "rides-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	for name, text := range map[string]string{"hour=07.ndjson": `{"ID":1,"Hour":7}`, "hour=08.ndjson": `{"ID":2,"Hour":8}`, ".hidden": "x"} {
		if err := os.WriteFile(folder+"/"+name, []byte(text+"\n"), 0o600); err != nil {
			fmt.Println(err)
		}
	}

	job := engine.NewJob(engine.Config{Name: "read", Store: checkpoint.NewMemory(3)})
	in := engine.FromSource(job, "rides", &files.Source[ride]{
		FS: files.Dir(folder),
		Decode: func(line []byte) (e engine.Element[ride], err error) {
			err = json.Unmarshal(line, &e.Value)
			e.EventTime = int64(e.Value.Hour) * 3_600_000
			return e, err
		},
	}, engine.Monotonous[ride]())
	var out enginetest.Collect[ride]
	engine.SinkTo(in, "rides out", &out)
	if err := job.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	var lines []string
	for _, e := range out.Elements() {
		lines = append(lines, e.String())
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
	// Output:
	// {1 7}@1970-01-01T07:00:00.000Z
	// {2 8}@1970-01-01T08:00:00.000Z
}

func ExampleLines() {
	var out bytes.Buffer
	encoder := rides.Encoder(&out)
	if err := encoder.Encode(&engine.Element[ride]{Value: ride{1, 7}}); err != nil {
		fmt.Println(err)
	}
	fmt.Print(out.String())
	// Output: {"ID":1,"Hour":7}
}

// A file gets its visible name all at once; until then readers of the folder do not see it.
func ExampleOpenFolder() {
	dir, err := os.MkdirTemp("", "files-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	folder, err := files.OpenFolder(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := folder.Create(ctx, ".pending/me/1")
	if err == nil {
		_, err = f.Write([]byte("ready"))
	}
	if err == nil {
		err = f.Finish(ctx)
	}
	pending := files.Pending{Hidden: ".pending/me/1", Visible: "2016/1.txt", Bytes: 5}
	for range 2 { // again after a crash: it is the same
		fresh, publishErr := folder.Publish(ctx, pending)
		fmt.Println(fresh, err, publishErr)
	}
	text, err := fs.ReadFile(files.Dir(dir), "2016/1.txt")
	fmt.Println(string(text), err)
	// Output:
	// true <nil> <nil>
	// false <nil> <nil>
	// ready <nil>
}
