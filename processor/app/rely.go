package app

import (
	"context"

	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
	"taxistream/internal/results"
)

// rely waits for what the processor relies on, each for at most 5 minutes, and
// checks it before the first record is read: the stream and the right to read it,
// OpenSearch, its templates and indexes and the right to write them, the place of
// the checkpoints. What would fail later, and for every document, fails here, in
// one line.
func (p *Processor) rely() (kinesis.Description, error) {
	var stream kinesis.Description
	for _, check := range []func(context.Context) error{
		func(ctx context.Context) (err error) {
			if stream, err = p.stream.WaitActive(ctx, func(m string) { p.log.Warn(m) }); err != nil {
				return err
			}
			return p.stream.CheckRead(ctx)
		},
		func(ctx context.Context) error {
			if err := results.Check(ctx, p.search, p.c.IndexPrefix); err != nil {
				return err
			}
			return results.PutTemplates(ctx, p.search, p.c.IndexPrefix, p.c.meta(), defaults.meta())
		},
		p.openSavepoint,
		p.openBucket,
		p.openAlsoBucket,
		func(ctx context.Context) error { return p.register(ctx, stream) },
	} {
		ctx, cancel := fault.Start(p.life, p.c.StartWait)
		err := check(ctx)
		cancel()
		if err != nil {
			return stream, err
		}
	}
	return stream, nil
}
