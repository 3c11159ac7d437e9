// Fraud raises an alarm where a card is tried out: a tiny payment, and within a minute a large one.
//
//	go run ./engine/examples/fraud
//	go run ./engine/examples/fraud -large 800 -within 30s
//
// Whoever steals a card number tries it with a small amount before the large one. The pattern needs memory for each card
// and a sense of time, so it is a process function over a keyed stream: a state that remembers the tiny payment, and a
// timer that forgets it a minute later. Both are in checkpoints, so the pattern is found over a crash. The timer is one of event
// time: it fires when the watermark reaches it, and so at the same place in the stream in every run, however fast that is.
// A large payment may come out of order behind the timer's time, so its own time is compared, too.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"taxistream/engine"
	"taxistream/engine/examples/example"
	"taxistream/internal/flags"
)

// payment is an amount in cents that a card was charged.
type payment struct {
	card   int64
	amount int64
}

// pattern is what an alarm is raised for: at most tiny, then at least large, with at most within between them.
type pattern struct {
	tiny, large int64 // cents
	within      time.Duration
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flags.New("fraud", "Finds cards that are tried out: a tiny payment, then a large one.")
	tiny := f.Int("tiny", 1, "a payment of up to so many `dollars` is tiny")
	large := f.Int("large", 500, "a payment of so many `dollars` or more is large")
	within := f.Duration("within", time.Minute, "the most `time` between the two")
	count := f.Int("payments", 20_000, "make up `N` payments")
	parallelism := f.Int("parallelism", 2, "`N` subtasks of each operator")
	if done, code := f.Parse(args, stdout, stderr); done {
		return code
	}
	p := pattern{tiny: int64(*tiny) * 100, large: int64(*large) * 100, within: *within}
	if p.tiny >= p.large || *count < 0 {
		return f.Usage(stderr, errors.New("-tiny must be less than -large, and -payments not negative"))
	}
	payments := generate(*count)
	alarms, err := p.find(payments, *parallelism)
	if err != nil {
		return f.Fail(stderr, err)
	}
	alarms.Print(stdout)
	return 0
}

func (p pattern) find(payments []engine.Element[payment], parallelism int) (*example.Lines, error) {
	source := engine.Sequence[payment]{Count: int64(len(payments)), At: func(i int64) engine.Element[payment] { return payments[i] }}

	job := engine.NewJob(engine.Config{Name: "fraud", Parallelism: parallelism})
	in := engine.FromSource(job, "payments", source, engine.Monotonous[payment]())
	byCard := engine.KeyBy(in, func(p *payment) int64 { return p.card }, engine.Int64Codec{})
	alarms := engine.ProcessKeyed(byCard, "tried out", p.open)
	var result example.Lines
	engine.SinkTo(alarms, "alarms", result.Sink())
	return &result, job.Run(context.Background())
}

// open makes the function of one subtask. The state holds the time of a card's last tiny payment.
func (p pattern) open(s *engine.Subtask) (engine.KeyedProcess[int64, payment, string], error) {
	tried := engine.NewValueState(s, "tried", engine.Int64Codec{})
	within := p.within.Milliseconds()
	return engine.KeyedProcess[int64, payment, string]{
		Element: func(card *engine.Key[int64], e *engine.Element[payment], out *engine.Collector[string]) error {
			at, ok := tried.Get()
			if ok && e.Value.amount >= p.large && e.EventTime-at <= within {
				out.Emit(fmt.Sprintf("%s  card %4d: $%.2f, %.0f s after a tiny payment",
					example.Clock(e.EventTime), card.Value(), float64(e.Value.amount)/100, float64(e.EventTime-at)/1000), e.EventTime)
			}
			if ok { // whatever comes next ends the pattern
				card.DeleteEventTimer(at + within + 1)
				tried.Clear()
			}
			if e.Value.amount <= p.tiny {
				tried.Set(e.EventTime)
				card.SetEventTimer(e.EventTime + within + 1)
			}
			return nil
		},
		Timer: func(*engine.Key[int64], engine.Timer, *engine.Collector[string]) error {
			tried.Clear() // nothing came in time
			return nil
		},
	}, nil
}

// generate makes up a second of payments after the other, most of them harmless.
func generate(count int) (payments []engine.Element[payment]) {
	random := rand.New(rand.NewPCG(3, 4))
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	for len(payments) < count {
		at += random.Int64N(2_000)
		p := payment{card: random.Int64N(1000), amount: 200 + random.Int64N(40_000)}
		switch random.IntN(40) {
		case 0:
			p.amount = 1 + random.Int64N(100)
		case 1:
			p.amount = 50_000 + random.Int64N(100_000)
		case 2:
			if n := len(payments); n > 0 && payments[n-1].Value.amount <= 100 { // the thief goes on at once
				p = payment{card: payments[n-1].Value.card, amount: 50_000 + random.Int64N(100_000)}
			}
		}
		payments = append(payments, engine.Element[payment]{Value: p, EventTime: at})
	}
	return payments
}
