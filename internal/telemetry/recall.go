package telemetry

import (
	"context"
	"log/slog"
	"sync"
)

// recallLimit bounds the lines that are kept, in bytes.
const recallLimit = 64 << 10

// Recall gives a logger that writes what log writes and keeps the newest lines, as text, for who asks for
// them over HTTP.
func Recall(log *slog.Logger) (keeping *slog.Logger, lines func() []byte) {
	kept := &recalled{}
	h := log.Handler()
	return slog.New(both{h, slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelDebug})}), kept.all
}

// recalled are lines, the oldest first: bytes of them, recallLimit at most.
type recalled struct {
	mu    sync.Mutex
	lines [][]byte
	bytes int
}

// Write implements io.Writer; a handler writes one line at a time.
func (r *recalled) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := append([]byte(nil), line[:min(len(line), recallLimit)]...)
	r.lines, r.bytes = append(r.lines, kept), r.bytes+len(kept)
	for r.bytes > recallLimit {
		r.bytes -= len(r.lines[0])
		r.lines[0], r.lines = nil, r.lines[1:]
	}
	return len(line), nil
}

func (r *recalled) all() (text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		text = append(text, line...)
	}
	return text
}

// both hands records to two handlers; the first says which.
type both struct{ first, second slog.Handler }

// Enabled implements slog.Handler.
func (b both) Enabled(ctx context.Context, l slog.Level) bool { return b.first.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (b both) Handle(ctx context.Context, r slog.Record) error {
	_ = b.second.Handle(ctx, r.Clone()) // into memory
	return b.first.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (b both) WithAttrs(attrs []slog.Attr) slog.Handler {
	return both{b.first.WithAttrs(attrs), b.second.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (b both) WithGroup(name string) slog.Handler {
	return both{b.first.WithGroup(name), b.second.WithGroup(name)}
}
