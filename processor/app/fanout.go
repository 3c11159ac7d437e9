package app

import (
	"context"
	"errors"

	"taxistream/internal/kinesis"
	"taxistream/processor/store"
)

// register finds or registers the consumer of -consumer-name; polling needs none.
func (p *Processor) register(ctx context.Context, stream kinesis.Description) (err error) {
	if p.c.Consumer == "" {
		return nil
	}
	if p.consumer, err = p.stream.Register(ctx, stream.ARN, p.c.Consumer, func(m string) { p.log.Warn(m) }); err == nil {
		p.log.Info("reading by enhanced fan-out", "consumer", p.consumer.ARN, "registered", p.consumer.New)
	}
	return err
}

// deregister removes a consumer that this run has registered: it costs for as long as it is
// there. One that was found is somebody else's, or that of a run that was killed; that of a
// job that was taken over is its successor's.
func (p *Processor) deregister() {
	if lost := (*store.LostError)(nil); !p.consumer.New || errors.As(context.Cause(p.life), &lost) {
		return
	}
	if err := p.stream.Deregister(context.WithoutCancel(p.life), p.consumer); err != nil {
		p.log.Warn(err.Error())
	}
}
