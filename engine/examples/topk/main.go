// Topk prints the words that are written about most in each minute.
//
//	go run ./engine/examples/topk
//	go run ./engine/examples/topk -k 5 -every 5m
//
// The most of all cannot be found key by key, so the job counts twice. First each word's mentions are counted by minute, in
// parallel. Then the counts of a minute meet in one window, where the k greatest are kept: a count carries the last
// instant of its own window as its event time, so it falls into the same minute again. What reaches the second step is
// one element a word and minute, however many mentions there were.
package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/examples/example"
	"taxistream/engine/window"
	"taxistream/internal/flags"
)

// counted is a word with its mentions in one window.
type counted struct {
	word string
	n    int64
}

// countedCodec is how what a window keeps of counted is written into checkpoints.
var countedCodec = engine.FuncCodec[counted]{
	AppendFunc: func(dst []byte, c counted) []byte {
		return binary.BigEndian.AppendUint64(engine.StringCodec{}.Append(dst, c.word), uint64(c.n))
	},
	DecodeFunc: func(src []byte) (c counted, rest []byte, err error) {
		if c.word, src, err = (engine.StringCodec{}).Decode(src); err == nil {
			c.n, src, err = engine.Int64Codec{}.Decode(src)
		}
		return c, src, err
	},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flags.New("topk", "Prints the words that are written about most in each minute.")
	k := f.Int("k", 3, "print `N` words of each window")
	every := f.Duration("every", time.Minute, "`length` of a window")
	count := f.Int("mentions", 20_000, "make up `N` mentions, 50 a second")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	if *k < 1 || *every < time.Millisecond || *count < 0 {
		return f.Usage(stderr, errors.New("-k must be at least 1, -every 1ms, -mentions 0"))
	}
	result, err := top(*k, *every, engine.Sequence[string]{Count: int64(*count), At: mention}, *parallelism)
	if err != nil {
		return f.Fail(stderr, err)
	}
	result.Print(stdout)
	return 0
}

func top(k int, every time.Duration, mentions engine.Sequence[string], parallelism int) (*example.Lines, error) {
	job := engine.NewJob(engine.Config{Name: "topk", Parallelism: parallelism})
	in := engine.FromSource(job, "mentions", mentions, engine.Monotonous[string]())
	byWord := engine.KeyBy(in, func(w *string) string { return *w }, engine.StringCodec{})
	counts, _ := engine.Aggregate(byWord, "count", window.Tumbling(every), engine.Count[string, string]())
	words := engine.Map(counts, "counted", func(c *engine.Aggregated[string, int64]) counted { return counted{c.Key, c.Value} })

	together := engine.KeyBy(words, func(*counted) int64 { return 0 }, engine.Int64Codec{})
	// Of two words with equal counts the one earlier in the alphabet is kept: without this, which one would be chance.
	greater := func(a, b counted) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(b.word, a.word)) }
	greatest, _ := engine.Aggregate(together, "top", window.Tumbling(every), engine.TopK[int64](k, greater, countedCodec))
	lines := engine.Map(greatest, "print", func(t *engine.Aggregated[int64, []counted]) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s ", example.Clock(t.Window.Start))
		for i, c := range t.Value {
			fmt.Fprintf(&b, " %d. %-8s %4d ", i+1, c.word, c.n)
		}
		return strings.TrimRight(b.String(), " ")
	})
	var result example.Lines
	engine.SinkTo(lines, "result", result.Sink())
	return &result, job.Run(context.Background())
}

var words = strings.Fields("rain sun snow traffic bridge taxi harbour concert election football museum market")

// mention makes up the i-th mention: each word has minutes in which it is on many people's minds.
func mention(i int64) engine.Element[string] {
	random := rand.New(rand.NewPCG(5, uint64(i)))
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli() + i*20
	w := random.IntN(len(words))
	if random.IntN(4) == 0 {
		w = int(at/180_000) % len(words)
	}
	return engine.Element[string]{Value: words[w], EventTime: at}
}
