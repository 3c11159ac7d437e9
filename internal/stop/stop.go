// Package stop ends programs by the contract's rules: the first SIGINT or SIGTERM
// is an orderly stop, the second is out at once with status 1, and a program that
// is told to stop has ended within 30 s.
package stop

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// Flush is how long a program that is told to stop may go on with what it has
	// begun, such as to write to a server that is silent.
	Flush = 20 * time.Second
	// grace is when it is ended, whatever it does.
	grace = 28 * time.Second

	statusFailure = 1
)

// Program is what Run ends.
type Program struct {
	Name   string    // begins its lines
	Stderr io.Writer // where they go
	AtOnce string    // what a second signal leaves undone

	grace time.Duration // for tests; 0: grace
}

// Run calls a program's work and returns its status. The work is told to stop by
// the end of told: with ctx, or with the first SIGINT or SIGTERM, which are heard
// from the first instruction on. It then ends in good order; life lasts until Run
// returns. The work is left where it is after a second signal, or 28 s: its process
// is to end with the status returned.
func Run(ctx context.Context, p Program, work func(told, life context.Context) int) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	told, tell := context.WithCancel(ctx)
	defer tell()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan int, 1)
	go func() { ended <- work(told, life) }() // ends with the work, or with the process
	select {
	case status := <-ended:
		return status
	case <-signals:
		tell()
	case <-ctx.Done():
	}
	if p.grace == 0 {
		p.grace = grace
	}
	late := time.NewTimer(p.grace)
	defer late.Stop()
	select {
	case status := <-ended:
		return status
	case <-signals:
		fmt.Fprintf(p.Stderr, "%s: ended at once: %s\n", p.Name, p.AtOnce)
	case <-late.C:
		fmt.Fprintf(p.Stderr, "%s: not ended %v after it was told to stop: %s\n", p.Name, p.grace, p.AtOnce)
	}
	return statusFailure
}
