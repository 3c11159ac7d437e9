package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"
)

// LogOptions are the values of -log-level, -log-format and -quiet.
type LogOptions struct {
	Level  string // debug, info, warn or error; empty is info
	Format string // text or json; empty is text on a terminal, else json
	Quiet  bool   // only errors, whatever Level says
}

// NewLogger returns a logger that writes to w. It fails on a level or a format
// that does not exist; the error names what is allowed.
func NewLogger(w io.Writer, o LogOptions) (*slog.Logger, error) {
	var level slog.Level
	switch strings.ToLower(o.Level) {
	case "debug":
		level = slog.LevelDebug
	case "", "info":
		level = slog.LevelInfo
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	default:
		return nil, fmt.Errorf("log level %q: choose debug, info, warn or error", o.Level)
	}
	if o.Quiet {
		level = max(level, slog.LevelError)
	}
	h := &slog.HandlerOptions{Level: level}
	format := o.Format
	if format == "" {
		format = "json"
		if IsTerminal(w) {
			format = "text"
		}
	}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, h)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, h)), nil
	}
	return nil, fmt.Errorf("log format %q: choose text or json", o.Format)
}

// IsTerminal reports whether w is a terminal that a person looks at and that can
// move its cursor, or the way to one.
func IsTerminal(w io.Writer) bool {
	if l, ok := w.(*logs); ok {
		w = l.w
	}
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}
