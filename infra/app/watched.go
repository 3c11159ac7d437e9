package app

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

func watch(p Parts) watched {
	var w watched
	if p.Stream != nil {
		w.stream = p.Stream.Stream.StreamName()
	}
	if p.Archive != nil {
		w.delivery = p.Archive.Delivery.Ref()
	}
	return w
}
