// Wordcount counts the words of a text, the job that every stream processor begins with.
//
//	go run ./engine/examples/wordcount
//	go run ./engine/examples/wordcount -file README.md -least 10
//	cat README.md | go run ./engine/examples/wordcount -file -
//
// It shows the shape of every job: a source, operators that make elements of elements (FlatMap), a key that brings
// equal words to one subtask (KeyBy), an aggregation, a sink. The text ends, so one window over all of it will do:
// the global window has no end of its own, and fires when the source has ended. Of a text that does not end the
// words would be counted by the minute (window.Tumbling), or anew with each word (engine.Reduce).
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"taxistream/engine"
	"taxistream/engine/window"
	"taxistream/internal/flags"
)

const rain = `The rain came down on the town, on the roofs and the road,
and the road ran down to the river, and the river ran on.
On the bridge a man in the rain counted the cars on the road:
one for the road, one for the rain, and one that ran on to the town.`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	f := flags.New("wordcount", "Counts the words of a text, the most frequent first.")
	file := f.String("file", "", "`FILE` with the text; - is standard input; without it a few lines about rain")
	least := f.Int("least", 2, "leave out words that come less than `N` times")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	text, err := read(*file, stdin)
	if err != nil {
		return f.Fail(stderr, err)
	}
	if err := count(text, int64(*least), *parallelism, stdout); err != nil {
		return f.Fail(stderr, err)
	}
	return 0
}

func read(file string, stdin io.Reader) (text string, err error) {
	var data []byte
	switch file {
	case "":
		return rain, nil
	case "-":
		data, err = io.ReadAll(stdin)
	default:
		data, err = os.ReadFile(file)
	}
	return string(data), err
}

func count(text string, least int64, parallelism int, out io.Writer) error {
	lines := strings.Split(text, "\n")
	source := engine.Sequence[string]{Count: int64(len(lines)), At: func(i int64) engine.Element[string] {
		return engine.Element[string]{Value: lines[i]} // all at event time 0: nothing here depends on time
	}}

	job := engine.NewJob(engine.Config{Name: "wordcount", Parallelism: parallelism})
	in := engine.FromSource(job, "lines", source, engine.NoWatermarks[string]())
	words := engine.FlatMap(in, "words", func(line *string, emit func(string)) {
		for _, w := range strings.FieldsFunc(strings.ToLower(*line), func(r rune) bool { return !unicode.IsLetter(r) }) {
			emit(w)
		}
	})
	byWord := engine.KeyBy(words, func(w *string) string { return *w }, engine.StringCodec{})
	counts, _ := engine.Aggregate(byWord, "count", window.Global(), engine.Count[string, string]())
	frequent := engine.Filter(counts, "frequent", func(c *engine.Aggregated[string, int64]) bool { return c.Value >= least })
	var result []engine.Aggregated[string, int64]
	engine.SinkTo(frequent, "result", engine.SinkFunc(func(batch []engine.Element[engine.Aggregated[string, int64]]) error {
		for _, e := range batch {
			result = append(result, e.Value)
		}
		return nil
	}))
	if err := job.Run(context.Background()); err != nil {
		return err
	}

	slices.SortFunc(result, func(a, b engine.Aggregated[string, int64]) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Key, b.Key))
	})
	for _, c := range result {
		fmt.Fprintf(out, "%6d %s\n", c.Value, c.Key)
	}
	return nil
}
