package app

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// clockPoll is the time between two looks at the file of -clock.
const clockPoll = 50 * time.Millisecond

// movedClock is the machine's clock, moved by what a file says. Without a file it is the machine's.
type movedClock struct {
	file  string
	ahead atomic.Int64 // ns
}

// openClock reads the file for the first time, so that the servers start at its time.
func openClock(file string) (*movedClock, error) {
	c := &movedClock{file: file}
	if file == "" {
		return c, nil
	}
	_, err := c.read()
	return c, err
}

func (c *movedClock) now() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load()))
}

// read takes what the file says now, and reports whether that is new.
func (c *movedClock) read() (moved bool, err error) {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return false, fmt.Errorf("-clock: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return false, fmt.Errorf("-clock: %s holds %.40q: write a time, for example 2h or -90m", c.file, text)
	}
	return c.ahead.Swap(int64(ahead)) != int64(ahead), nil
}

// follow looks at the file until ctx ends. It tells each jump, and once what is wrong with the file;
// the clock then stays as it is.
func (c *movedClock) follow(ctx context.Context, jumped func(ahead time.Duration), wrong func(error)) {
	if c.file == "" {
		return
	}
	ticks := time.NewTicker(clockPoll)
	defer ticks.Stop()
	var last string
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		moved, err := c.read()
		switch {
		case err != nil && err.Error() != last:
			last = err.Error()
			wrong(err)
		case err == nil:
			last = ""
		}
		if moved {
			jumped(time.Duration(c.ahead.Load()))
		}
	}
}
