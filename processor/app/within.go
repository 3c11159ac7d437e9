package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taxistream/processor/also"
)

// StopWithin is Stop for at most that long: then Run ends without a last
// checkpoint, with an error that names what could not be written.
func (p *Processor) StopWithin(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.life), limit)
	defer cancel()
	if err := p.Stop(ctx); errors.Is(err, context.DeadlineExceeded) {
		p.stop(&unflushedError{p.unflushed(limit)})
	}
}

// unflushedError says what a stop could not wait for.
type unflushedError struct{ what string }

func (e *unflushedError) Error() string { return e.what }

func (p *Processor) unflushed(limit time.Duration) string {
	where := fmt.Sprintf("checkpoints in %s were not taken", p.c.CheckpointDir)
	if n := p.Documents().Queued; n > 0 {
		where = fmt.Sprintf("%d documents were not taken by OpenSearch at %s", n, p.search.Endpoint())
	}
	if b, ok := p.second.place.(*also.Bucket); ok && b.Waiting() {
		where = fmt.Sprintf("files were not taken by %s", b)
	}
	from := "from the beginning"
	if id := p.Status().Checkpoints.LastID; id > 0 {
		from = fmt.Sprintf("from checkpoint %d", id)
	}
	return fmt.Sprintf("stopped without a last checkpoint: %s within %v; the next start goes on %s and writes them again", where, limit, from)
}
