package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/telemetry"
)

// block is the status as /status gives it to the verb top: StatusLines, and the
// events that were read, of which top works out the rate between two answers.
type block struct {
	Lines  []string `json:"lines"`
	Events *int64   `json:"events"` // null: not known yet
	Now    int64    `json:"now"`    // by the processor's clock, ms
}

func (p *Processor) serveStatus(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(block{p.StatusLines(), p.Events(), p.now().UnixMilli()}) // the reader went away
}

// leastLook is the shortest time between two looks, longestLook how long an answer may take.
const leastLook, longestLook = 100 * time.Millisecond, 10 * time.Second

// topVerb shows the block that the processor itself shows on its terminal.
func topVerb(set *flags.Set) func(context.Context, *remote, string, io.Writer) error {
	interval := set.Duration("interval", time.Second, "`time` between two looks, 100ms or more")
	return func(ctx context.Context, r *remote, _ string, stdout io.Writer) error {
		if *interval < leastLook {
			return usageError{fmt.Errorf("-interval %s: choose %s or more", *interval, leastLook)}
		}
		screen := telemetry.OpenScreen(stdout)
		defer screen.Close()
		var rate telemetry.Rate
		for looks := 1; ; looks++ {
			lines, err := r.block(ctx, &rate)
			if ctx.Err() != nil || err != nil {
				screen.Keep()
				if ctx.Err() != nil { // told to end
					err = nil
				}
				return err
			}
			screen.Draw(lines)
			if !screen.Terminal() && looks == 2 { // the second knows the rate
				_, err := fmt.Fprintln(stdout, strings.Join(lines, "\n"))
				return err
			}
			select {
			case <-time.After(*interval):
			case <-ctx.Done():
			}
		}
	}
}

// block asks for the status; the control room's address is the one that was asked.
func (r *remote) block(ctx context.Context, rate *telemetry.Rate) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	var b block
	if err := r.call(ctx, http.MethodGet, "/status", nil, &b); err != nil {
		return nil, err
	}
	if len(b.Lines) < 2 {
		return nil, errors.New(r.url("/status") + " has no status: is it a processor?")
	}
	b.Lines[0] = controlRoom(r.url("/"))
	return WithEvents(b.Lines, rate, time.UnixMilli(b.Now), b.Events), nil
}
