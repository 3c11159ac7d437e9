package telemetry

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// Progress tells a person how far a long piece of work is: on a terminal one line
// that changes, elsewhere a key=value line now and then. Work that is quickly done
// says nothing. A nil Progress says nothing either, so that work need not ask
// whether anybody looks on. Its methods may be called by several goroutines.
type Progress struct {
	now    func() time.Time
	out    io.Writer
	screen *Screen
	stop   chan struct{}
	ended  chan struct{}

	mu         sync.Mutex // of all below
	step, unit string
	last       mark // of the work
	old, mid   mark // older ones, from which the rate is taken
	began      time.Time
	said       time.Time // zero: nothing yet
}

// mark is how far a step was at one time.
type mark struct {
	at    time.Time
	count int64
	part  float64 // of the step, 0 to 1; negative: not known
}

// UnknownPart is the part of a step whose end is not known.
const UnknownPart = -1.0

const (
	progressPatience = 2 * time.Second // shorter work says nothing
	progressLine     = 10 * time.Second
	progressDraw     = 200 * time.Millisecond
	progressSpan     = 3 * time.Second // the rate is of once to twice as long
)

// InBytes is the unit of steps that count bytes.
const InBytes = "bytes"

// StartProgress begins to tell of work on out, a program's standard error. End it.
func StartProgress(out io.Writer, now func() time.Time) *Progress {
	p := &Progress{now: now, out: out, screen: OpenScreen(out), stop: make(chan struct{}), ended: make(chan struct{})}
	p.began = now()
	go p.tell()
	return p
}

// Step begins a step of the work. unit is what its count is of, in the plural.
func (p *Progress) Step(name, unit string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.unit = name, unit
	p.last = mark{at: p.now(), part: UnknownPart}
	p.old, p.mid = p.last, p.last
}

// Set says how far the step is: its count so far, and which part of it that is.
func (p *Progress) Set(count int64, part float64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last.count, p.last.part = count, min(part, 1)
}

// Logs is where whole lines for people go meanwhile: above the progress.
func (p *Progress) Logs(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return p.screen.Logs(w)
}

// End takes the line off the terminal. The work is done, or has failed.
func (p *Progress) End() {
	if p == nil {
		return
	}
	close(p.stop)
	<-p.ended
	p.screen.Close()
}

func (p *Progress) tell() {
	defer close(p.ended)
	tick := time.NewTicker(progressDraw)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.say(p.now())
		}
	}
}

// say writes what is due.
func (p *Progress) say(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last.at = now
	if now.Sub(p.mid.at) >= progressSpan {
		p.old, p.mid = p.mid, p.last
	}
	if p.step == "" || now.Sub(p.began) < progressPatience {
		return
	}
	if p.screen.Terminal() {
		p.screen.Draw([]string{p.line()})
		return
	}
	if p.said.IsZero() || now.Sub(p.said) >= progressLine {
		p.said = now
		fmt.Fprintln(p.out, KeyValues("progress", p.pairs()...))
	}
}

// speed is the count a second, and the time that the rest of the step takes at
// that speed; negative: not known.
func (p *Progress) speed() (perSecond float64, left time.Duration) {
	seconds := p.last.at.Sub(p.old.at).Seconds()
	if seconds <= 0 {
		return -1, -1
	}
	left = -1
	from := max(p.old.part, 0)
	if done := p.last.part - from; p.last.part >= 0 && done > 0 {
		left = time.Duration((1 - p.last.part) / done * seconds * float64(time.Second)).Round(time.Second)
	}
	return float64(p.last.count-p.old.count) / seconds, left
}

// line is the progress for people.
func (p *Progress) line() string {
	amount := func(n int64) string {
		if p.unit == InBytes {
			return megabytes(n)
		}
		return Group(n) + " " + p.unit
	}
	text := p.step + "  " + amount(p.last.count)
	if p.last.part >= 0 {
		text += fmt.Sprintf("  %.0f %%", 100*p.last.part)
	}
	perSecond, left := p.speed()
	if perSecond >= 0 {
		text += "  " + amount(int64(perSecond)) + "/s"
	}
	if left >= 0 {
		text += "  " + left.String() + " left"
	}
	return text
}

// pairs are the progress for programs.
func (p *Progress) pairs() []any {
	percent, rate, remaining := Unknown, Unknown, Unknown
	if p.last.part >= 0 {
		percent = strconv.FormatFloat(100*p.last.part, 'f', 0, 64)
	}
	perSecond, left := p.speed()
	if perSecond >= 0 {
		rate = strconv.FormatInt(int64(perSecond), 10)
	}
	if left >= 0 {
		remaining = left.String()
	}
	return []any{"step", p.step, p.unit, p.last.count, "percent", percent, p.unit + "_per_second", rate, "remaining", remaining}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
