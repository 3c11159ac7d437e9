package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	client "taxistream/internal/kinesis"
	"taxistream/internal/names"
	"taxistream/processor/source"
)

// eventsOfShard is how many events of a shard tail shows, unless told otherwise.
const eventsOfShard = 10

// tailRun is one run of the verb tail.
type tailRun struct {
	stream *client.Client
	at     client.Position
	limit  int // of events of a shard; 0: none
	follow bool
	notify func(string)

	mu  sync.Mutex // guards out: a batch is written whole
	out *bufio.Writer
	put func(*bufio.Writer, *event)
}

func tail(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack tail", "shows the stream's records, decoded, by shard; aggregates are unfolded")
	set.Example("localstack tail -endpoint http://127.0.0.1:4566 -n 3")
	set.Example("localstack tail -endpoint http://127.0.0.1:4566 -follow -position LATEST -json")
	stream := set.String("stream", names.Stream, "`name` or ARN of the stream")
	region := set.String("region", "", "AWS `region`; by default the AWS configuration's")
	endpoint := set.String("endpoint", "", "`URL` of Kinesis, as of localstack serve; by default AWS")
	position := set.String("position", "TRIM_HORIZON", "`where` to begin: TRIM_HORIZON, LATEST or AT_TIMESTAMP=time")
	var shards []string
	set.StringsVar(&shards, "shard", "only this shard: its `id` or its number; may be repeated")
	limit := set.Int("n", eventsOfShard, "show at most this `number` of events of each shard; 0: all. With -follow all, unless given")
	follow := set.Bool("follow", false, "go on at the end of the stream until Ctrl-C, into the shards of a split or a merge, too")
	asJSON := set.Bool("json", false, "one JSON object a line: shard, sequence numbers, arrival, type, and the event; of a malformed record its bytes (base64) and what is wrong")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	at, err := source.ParsePosition(*position)
	switch {
	case err != nil:
		err = fmt.Errorf("-position %s: %w", *position, err)
	case *limit < 0:
		err = fmt.Errorf("-n %d: choose 1 or more, or 0 for all", *limit)
	case at.Kind == "LATEST" && !*follow:
		err = errors.New("-position LATEST has nothing to show without -follow")
	default:
		err = client.CheckStream(*stream, *region)
	}
	if err != nil {
		return set.Usage(stderr, err)
	}
	if *follow && !set.Given("n") {
		*limit = 0
	}
	notify := func(m string) { fmt.Fprintln(stderr, "localstack tail: "+m) }
	t := &tailRun{at: client.Position{Kind: at.Kind, Time: at.Time}, limit: *limit, follow: *follow, notify: notify, out: bufio.NewWriter(stdout), put: putLine}
	if *asJSON {
		t.put = putJSON
	}
	if *region == "" {
		*region = client.StreamRegion(*stream)
	}
	err = t.run(ctx, *stream, awsconf.Options{Region: *region, Endpoint: *endpoint, Service: awsconf.Kinesis}, shards)
	if err = errors.Join(err, t.out.Flush()); err != nil && ctx.Err() == nil {
		return set.Fail(stderr, err)
	}
	return 0
}

func (t *tailRun) run(ctx context.Context, stream string, o awsconf.Options, only []string) error {
	cfg, err := awsconf.Load(ctx, o)
	if err != nil {
		return err
	}
	t.stream = client.New(cfg, stream)
	if _, err := t.stream.WaitActive(ctx, t.notify); err != nil {
		return err
	}
	all, err := t.stream.Shards(ctx)
	if err != nil {
		return err
	}
	ids, err := chosen(all, only)
	if err != nil {
		return err
	}
	if t.follow {
		return t.followAll(ctx, ids, len(only) == 0)
	}
	for _, id := range ids {
		if _, err := t.shard(ctx, id, t.at); err != nil {
			return err
		}
	}
	return nil
}

// chosen are the ids of all shards, or of those that are named by id or number.
func chosen(all []client.Shard, only []string) (ids []string, err error) {
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	if len(only) == 0 {
		return ids, nil
	}
	var some []string
	for _, name := range only {
		i := slices.IndexFunc(ids, func(id string) bool {
			digits := strings.TrimLeft(strings.TrimPrefix(id, "shardId-"), "0")
			return id == name || digits == strings.TrimLeft(name, "0") && name != ""
		})
		if i < 0 {
			return nil, fmt.Errorf("-shard %s: the stream has %s", name, strings.Join(ids, ", "))
		}
		some = append(some, ids[i])
	}
	return some, nil
}

// followAll reads the shards at once, and with children those that they are split or
// merged into, each once. The first error ends all.
func (t *tailRun) followAll(ctx context.Context, ids []string, children bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	var mu sync.Mutex // guards seen
	seen := make(map[string]bool)
	var begin func(id string, at client.Position)
	begin = func(id string, at client.Position) {
		mu.Lock()
		defer mu.Unlock()
		if seen[id] {
			return
		}
		seen[id] = true
		group.Go(func() {
			next, err := t.shard(ctx, id, at)
			if err != nil {
				cancel(err)
				return
			}
			for _, child := range next {
				if children {
					begin(child.ID, client.Position{Kind: "TRIM_HORIZON"})
				}
			}
		})
	}
	for _, id := range ids {
		begin(id, t.at)
	}
	group.Wait()
	return context.Cause(ctx)
}

// shard shows a shard's records up to the limit, the tip, unless it is followed, or its end,
// behind which are its children.
func (t *tailRun) shard(ctx context.Context, id string, at client.Position) (children []client.Shard, err error) {
	r := t.stream.NewReader(id, at, client.ReaderOptions{Notify: t.notify, TipPause: 200 * time.Millisecond})
	shown := 0
	for {
		b, err := r.Next(ctx)
		if err != nil {
			return nil, err
		}
		if shown = t.write(id, b, shown); t.limit > 0 && shown >= t.limit {
			return nil, t.flush()
		}
		if err := t.flush(); err != nil || b.End || b.AtTip && !t.follow {
			return b.Children, err
		}
	}
}

// write shows a batch's events, of which so many of the shard were shown before.
func (t *tailRun) write(id string, b client.Batch, shown int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := range events(id, b) {
		if t.limit > 0 && shown >= t.limit {
			break
		}
		t.put(t.out, e)
		shown++
	}
	return shown
}

func (t *tailRun) flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Flush()
}
