package app

import "taxistream/infra/config"

// watched names what the watch looks at, as CloudWatch knows it; what the
// deployment has not is nil.
type watched struct {
	stream           *string // of Kinesis
	cluster, service *string // of the processor
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
		w.cluster, w.service = p.Processor.Cluster.ClusterName(), p.Processor.Service.ServiceName()
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
