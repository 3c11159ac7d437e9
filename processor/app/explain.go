package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"taxistream/engine"
)

// explain adds to the engine's errors where, and what to do.
func explain(err error, c Config) error {
	var (
		other *engine.FingerprintError
		none  *engine.NoneWholeError
		full  *engine.StateLimitError
	)
	where := "checkpoints in " + c.CheckpointDir
	if c.FromSavepoint != "" {
		where = "savepoint " + c.FromSavepoint
	}
	switch {
	case errors.As(err, &none):
		return fmt.Errorf("checkpoints in %s: %w; mend or restore them, or start anew with -allow-fresh-start (what they held is then read again, or lost)", c.CheckpointDir, none)
	case errors.As(err, &full):
		return fmt.Errorf("%w with -max-state-entries", err)
	case errors.As(err, &other):
		return fmt.Errorf("%s: %w%s", where, other, c.elsewhere(other.Differs))
	case errors.Is(err, engine.ErrFinished):
		return fmt.Errorf("%s: %w%s", where, engine.ErrFinished, c.elsewhere(nil))
	}
	return err
}

// elsewhere is the command that continues in a folder of its own, which a stream
// made anew has by its time of creation.
func (c Config) elsewhere(differs []engine.FingerprintDifference) string {
	if c.Again == nil {
		return ""
	}
	name := "new"
	for _, d := range differs {
		if at, err := time.Parse(time.RFC3339Nano, d.Job); d.Key == "stream_created" && err == nil {
			name = at.UTC().Format("20060102T150405Z")
		}
	}
	return ": " + c.Again(strings.TrimRight(c.CheckpointDir, "/")+"-"+name)
}
