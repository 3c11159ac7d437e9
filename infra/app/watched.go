package app

import (
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// watched names what the watch looks at, as CloudWatch knows it; what the
// deployment has not is nil.
type watched struct {
	stream           *string // of Kinesis
	cluster, service *string // of the processor
	flink            *string // of the processor's other edition: the application
	logs             *string // of the processor: the log group
	domain           *string // of OpenSearch
	volumeGB         int     // of each of its nodes
	delivery         *string // of Firehose
	producer         bool    // there is one
}

func watch(p Parts, cfg config.Config) watched {
	w := watched{volumeGB: cfg.Search.VolumeGB, producer: p.Producer != nil}
	if p.Stream != nil {
		w.stream = p.Stream.Stream.StreamName()
	}
	if p.Processor != nil {
		if p.Processor.Service != nil {
			w.cluster, w.service = p.Processor.Cluster.ClusterName(), jsii.String(serviceName(cfg))
		} else {
			w.flink = jsii.String(cfg.ApplicationName()) // no import, which would hold it fast
		}
		w.logs = p.Processor.Logs.LogGroupName()
	}
	if p.Search != nil {
		w.domain = p.Search.Domain.DomainName()
	}
	if p.Archive != nil {
		w.delivery = p.Archive.Delivery.Ref()
	}
	return w
}
