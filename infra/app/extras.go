package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"taxistream/infra/config"
)

// newExtras makes the stacks that are off unless asked for. Nothing depends on
// them: each can be deployed and destroyed alone.
func newExtras(app constructs.Construct, cfg config.Config, p Parts) {
	if cfg.Telemetry.On {
		NewTelemetry(app, cfg, p.Stream)
	}
	if cfg.Scaling.On {
		NewScaling(app, cfg, p.Stream)
	}
	if cfg.Pipeline.On {
		NewPipeline(app, cfg)
	}
	if cfg.Trail.On {
		var buckets []awss3.IBucket
		if p.Processor != nil {
			buckets = append(buckets, p.Processor.Checkpoints)
		}
		if p.Archive != nil {
			buckets = append(buckets, p.Archive.Bucket)
		}
		NewTrail(app, cfg, p.Stream, buckets...)
	}
}
