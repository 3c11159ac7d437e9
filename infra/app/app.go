package app

import (
	"github.com/aws/constructs-go/constructs/v10"

	"taxistream/infra/config"
)

// Parts are the stacks of a deployment; what the configuration leaves out is nil.
type Parts struct {
	Stream  *Stream
	Archive *Archive
}

// New makes the stacks, each after those whose outputs it needs.
func New(app constructs.Construct, cfg config.Config) Parts {
	var p Parts
	p.Stream = NewStream(app, cfg)
	if cfg.Archive.On {
		p.Archive = NewArchive(app, cfg, p.Stream)
	}
	newExtras(app, cfg, p)
	return p
}
