package app

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Parts are the stacks of a deployment; what the configuration leaves out is nil.
type Parts struct {
	Stream    *Stream
	Search    *Search
	Processor *Processor
	Producer  *Producer
	Archive   *Archive
	Watch     *Watch
}

// New makes the stacks, each after those whose outputs it needs.
func New(app constructs.Construct, cfg config.Config) Parts {
	var p Parts
	p.Stream = NewStream(app, cfg)
	network := sharedNetwork(app, cfg)
	p.Search = NewSearch(app, cfg, network)
	p.Processor = NewProcessor(app, cfg, p.Stream, p.Search, network)
	p.Producer = NewProducer(app, cfg, p.Stream, p.Processor)
	if cfg.FanOut.On {
		p.Processor.AddStackDependency(NewFanOut(app, cfg, p.Stream).Stack, jsii.String("the processor reads by its consumer"))
	}
	if cfg.Archive.On {
		p.Archive = NewArchive(app, cfg, p.Stream)
	}
	if cfg.Watch.On {
		p.Watch = NewWatch(app, cfg, p)
	}
	newExtras(app, cfg, p)
	return p
}
