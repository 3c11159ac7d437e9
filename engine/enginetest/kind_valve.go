package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"taxistream/engine/watermark"
)

func init() {
	kinds["valve"] = kind{about: "how watermarks and idleness of input channels are merged", begin: beginValve}
}

// valveCase drives a watermark.Valve by itself.
type valveCase struct {
	v        *watermark.Valve
	channels int
}

func beginValve(_ context.Context, s *Step) (running, error) {
	n := int(s.Int("channels", 1))
	if err := s.Err(); err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, errors.New("a valve has at least one channel")
	}
	return &valveCase{v: watermark.NewValve(n), channels: n}, nil
}

func (c *valveCase) step(_ context.Context, s *Step) (lines []string, err error) {
	s.Need("channel")
	channel := int(s.Int("channel", 0))
	words := s.Words()
	if channel < 0 || channel >= c.channels {
		s.wrong(fmt.Errorf("there are channels 0 to %d, not %d", c.channels-1, channel))
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	before := c.v.Idle()
	var combined int64
	var moved bool
	switch {
	case s.Verb == "watermark" && len(words) == 1:
		var at int64
		if at, err = millis(words[0]); err != nil {
			return nil, err
		}
		combined, moved = c.v.Advance(channel, at)
	case s.Verb == "idle" && len(words) == 0:
		combined, moved = c.v.SetIdle(channel, true)
	case s.Verb == "active" && len(words) == 0:
		combined, moved = c.v.SetIdle(channel, false)
	default:
		return nil, errors.New("a step of a valve is watermark TIME channel=N, idle channel=N or active channel=N")
	}
	if moved {
		lines = append(lines, "watermark "+strconv.FormatInt(combined, 10))
	}
	if now := c.v.Idle(); now != before {
		lines = append(lines, map[bool]string{true: "idle", false: "active"}[now])
	}
	return lines, nil
}

func (c *valveCase) close() error { return nil }
