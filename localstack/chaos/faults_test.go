//go:build chaos && linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/names"
)

// kind is a kind of fault. begin brings it about and returns what ends it. Two faults at a time are of
// different parts.
type kind struct {
	name  string
	part  string
	begin func(*world) (end func())
	hits  func(*world) int // what it has hit so far; nil: it hits at once
	disk  bool             // needs a small file system
	alone bool             // never at the same time as another: a program that is stopped in order must reach its servers
}

// kinds are all of them; a schedule has its share of these, in turn, and some that are drawn.
func kinds() (all []kind) {
	programs := map[string]func(*world) *program{
		"producer":  func(w *world) *program { return w.producer },
		"processor": func(w *world) *program { return w.processor },
		"kinesis":   func(w *world) *program { return w.kinesis },
		"search":    func(w *world) *program { return w.search },
	}
	on := func(what string, parts []string, begin func(*world, *program) func()) {
		for _, part := range parts {
			all = append(all, kind{name: what + " " + part, part: part, begin: func(w *world) func() { return begin(w, programs[part](w)) }})
		}
	}
	each := []string{"producer", "processor", "kinesis", "search"}
	servers := each[2:]
	on("kill -9", each, (*world).killed)
	on("SIGSTOP", each, (*world).stopped)
	on("memory limit", each[:2], (*world).tight)
	on("clock jump", servers, (*world).jumped)
	on("disk full", each[1:], (*world).full)
	for i := range all {
		if all[i].disk = strings.HasPrefix(all[i].name, "disk full"); all[i].disk {
			all[i].hits = fullHits[all[i].part]
		}
		all[i].alone = all[i].disk || strings.HasPrefix(all[i].name, "memory limit")
	}
	network := len(all)
	on("away", servers, (*world).away)
	on("resets", servers, (*world).reset)
	on("cuts", servers, func(w *world, p *program) func() { return w.under(p, &weather{cut: 1000 + w.rnd.Int64N(60_000)}) })
	on("partition", servers, (*world).parted)
	on("delay", servers, func(w *world, p *program) func() {
		return w.under(p, &weather{delay: time.Duration(20+w.rnd.IntN(200)) * time.Millisecond})
	})
	on("bandwidth", servers, func(w *world, p *program) func() { return w.under(p, &weather{rate: 5000 + w.rnd.IntN(50_000)}) })
	on("swallowed answers", servers, func(w *world, p *program) func() { return w.under(p, &weather{swallow: true}) })
	on("throttling", servers, func(w *world, p *program) func() { return w.under(p, &weather{refuse: true}) })
	for i, k := range all[network:] {
		all[network+i].hits = func(w *world) int { return int(programs[k.part](w).proxy.hits.Load()) }
		all[network+i].part += "'s network"
	}
	return append(all, kind{name: "resharding storm", part: "kinesis", begin: (*world).storm})
}

// fullHits counts what failed for want of room, by whose disk is full.
var fullHits = map[string]func(*world) int{
	"kinesis":   func(w *world) int { return w.figure(w.producer, names.MetricPutRetries) },
	"search":    func(w *world) int { return w.figure(w.processor, names.MetricBulkRetries) + ended(w.search) },
	"processor": func(w *world) int { return w.figure(w.processor, names.MetricCheckpointsFailed) + ended(w.processor) },
}

// ended is more than any figure for a program that has.
func ended(p *program) int {
	if p.Ended() {
		return 1 << 30
	}
	return 0
}

// killed kills a program and starts it again.
func (w *world) killed(p *program) func() {
	w.kill(p)
	return func() { p.begin() }
}

// stopped lets a program hang as a machine does that swaps or is paused.
func (w *world) stopped(p *program) func() {
	w.signal(p, syscall.SIGSTOP)
	return func() { w.signal(p, syscall.SIGCONT) }
}

// tight stops a program in order, and starts it with less memory for Go than it takes by itself;
// in the end it is stopped again, and has what it wants.
func (w *world) tight(p *program) func() {
	w.stop(p)
	p.begin("GOMEMLIMIT=12MiB")
	return func() {
		w.stop(p)
		p.begin()
	}
}

// jumped moves a server's clock by hours, there and back. It stays below the retention of a day.
func (w *world) jumped(p *program) func() {
	ahead := time.Duration(10+w.rnd.IntN(10*60)) * time.Minute
	if w.rnd.IntN(2) == 0 {
		ahead = -ahead
	}
	w.jump(p, ahead)
	return func() { w.jump(p, 0) }
}

// full takes all room of a program's disk. One that ends by that is started again, as a supervisor does,
// when there is room.
func (w *world) full(p *program) func() {
	name := filepath.Join(p.dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		w.t.Fatal(err)
	}
	block := make([]byte, 4096)
	stop, done := make(chan struct{}), make(chan struct{})
	fill := func() (full bool) {
		for {
			if _, err := f.Write(block); err != nil {
				return errors.Is(err, syscall.ENOSPC)
			}
		}
	}
	if !fill() {
		w.t.Fatalf("the disk of %s does not fill", p.name)
	}
	go func() { // what is let go is taken again
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				fill()
			}
		}
	}()
	return func() {
		close(stop)
		<-done
		f.Close()
		if err := os.Remove(name); err != nil {
			w.t.Fatal(err)
		}
		if p.Ended() {
			w.t.Logf("%s ended while its disk was full: %s", p.name, lastLine(p.Errors()))
			p.begin()
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// under gives a server's network some weather.
func (w *world) under(p *program, next *weather) func() {
	p.proxy.weather.Store(next)
	return func() { p.proxy.weather.Store(&weather{}) }
}

// away: nobody listens.
func (w *world) away(p *program) func() {
	p.proxy.away()
	return p.proxy.open
}

// reset resets all connections again and again.
func (w *world) reset(p *program) func() {
	stop, done := make(chan struct{}), make(chan struct{})
	every := time.Duration(5+w.rnd.IntN(100)) * time.Millisecond
	go func() {
		defer close(done)
		for {
			p.proxy.reset()
			select {
			case <-stop:
				return
			case <-time.After(every):
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}

// parted: nothing passes, and no connection ends.
func (w *world) parted(p *program) func() {
	held := make(chan struct{})
	p.proxy.weather.Store(&weather{held: held})
	return func() {
		p.proxy.weather.Store(&weather{})
		close(held)
	}
}

// storm splits and merges shards in a row.
func (w *world) storm() func() {
	api, _ := clients(w.t, w.kinesis.url, w.search.url)
	for n := range 3 + w.rnd.IntN(4) {
		if err := w.reshard(api, n%2 == 0 || w.rnd.IntN(3) == 0); err != nil {
			w.t.Fatalf("reshard: %v", err)
		}
	}
	return func() {}
}

// reshard splits an open shard in the middle, or merges two that are side by side.
func (w *world) reshard(api *sdk.Client, split bool) error {
	ctx := context.Background()
	list, err := api.ListShards(ctx, &sdk.ListShardsInput{StreamName: aws.String(names.Stream)})
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(list.Shards, func(s types.Shard) bool { return s.SequenceNumberRange.EndingSequenceNumber != nil })
	slices.SortFunc(open, func(a, b types.Shard) int {
		return hashKey(*a.HashKeyRange.StartingHashKey).Cmp(hashKey(*b.HashKeyRange.StartingHashKey))
	})
	if split && len(open) < 8 || len(open) < 2 {
		s := open[w.rnd.IntN(len(open))]
		half := new(big.Int).Add(hashKey(*s.HashKeyRange.StartingHashKey), hashKey(*s.HashKeyRange.EndingHashKey))
		_, err = api.SplitShard(ctx, &sdk.SplitShardInput{StreamName: aws.String(names.Stream), ShardToSplit: s.ShardId, NewStartingHashKey: aws.String(half.Rsh(half, 1).String())})
		return err
	}
	i := w.rnd.IntN(len(open) - 1)
	_, err = api.MergeShards(ctx, &sdk.MergeShardsInput{StreamName: aws.String(names.Stream), ShardToMerge: open[i].ShardId, AdjacentShardToMerge: open[i+1].ShardId})
	return err
}

func hashKey(text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic(fmt.Sprintf("hash key %q", text))
	}
	return n
}
