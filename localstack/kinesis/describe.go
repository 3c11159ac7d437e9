package kinesis

import (
	"cmp"

	"taxistream/localstack/kinesis/protocol"
)

const (
	modeProvisioned = "PROVISIONED"
	modeOnDemand    = "ON_DEMAND"

	// onDemandShards is how many shards an on-demand stream begins with.
	onDemandShards = 4
)

type createStreamRequest struct {
	StreamName         string `check:"required len=1..128 pattern=name"`
	ShardCount         int    `check:"range=1.."`
	MaxRecordSizeInKiB int    `check:"range=1024..10240"`
	StreamModeDetails  *streamMode
	Tags               map[string]string `check:"len=1..200 keys=1..128 values=0..256"`
}

func (s *Server) createStream(in *createStreamRequest) (any, *apiError) {
	settings := streamSettings{recordSize: DefaultRecordSize, mode: modeProvisioned, tags: in.Tags}
	if in.StreamModeDetails != nil {
		settings.mode = in.StreamModeDetails.StreamMode
	} else if in.ShardCount == 0 {
		settings.mode = modeOnDemand // a name alone, as the developer guide makes such a stream
	}
	switch {
	case settings.mode == modeOnDemand:
		settings.shards = onDemandShards
	case in.ShardCount > 0:
		settings.shards = in.ShardCount
	default:
		return nil, validation("null", "shardCount", "Member must not be null")
	}
	if in.MaxRecordSizeInKiB > 0 {
		settings.recordSize = in.MaxRecordSizeInKiB << 10
	}
	if err := s.checkTags(in.StreamName, in.Tags, len(in.Tags)); err != nil {
		return nil, err
	}
	return nil, s.create(in.StreamName, settings)
}

type deleteStreamRequest struct {
	streamRef
	EnforceConsumerDeletion bool
}

func (s *Server) deleteStream(in *deleteStreamRequest) (any, *apiError) {
	return nil, s.remove(in.streamRef, in.EnforceConsumerDeletion)
}

type streamMode struct {
	StreamMode string `check:"required enum=PROVISIONED|ON_DEMAND"`
}

type enhancedMonitoring struct{ ShardLevelMetrics []string }

// streamFacts are what both descriptions of a stream tell.
type streamFacts struct {
	StreamName              string
	StreamARN               string
	StreamStatus            string
	StreamModeDetails       streamMode
	StreamCreationTimestamp protocol.Millis
	RetentionPeriodHours    int
	EnhancedMonitoring      []enhancedMonitoring
	EncryptionType          string
	KeyId                   string `json:",omitempty"`
}

// facts describes a stream; its lock is held.
func (s *Server) facts(st *stream) streamFacts {
	return streamFacts{
		StreamName: st.name, StreamARN: st.arn, StreamStatus: s.status(st),
		StreamModeDetails: streamMode{st.mode}, StreamCreationTimestamp: protocol.Millis(st.createdMs),
		RetentionPeriodHours: st.retentionHours, EncryptionType: st.accepted.encryption(), KeyId: st.accepted.KeyID,
		EnhancedMonitoring: []enhancedMonitoring{{ShardLevelMetrics: append([]string{}, st.accepted.Metrics...)}},
	}
}

type describeStreamRequest struct {
	streamRef
	ExclusiveStartShardId string `check:"len=1..128 pattern=name"`
	Limit                 int    `check:"range=1..10000"`
}

// describeStream answers DescribeStream: the stream and up to Limit (100) shards.
func (s *Server) describeStream(in *describeStreamRequest) (any, *apiError) {
	st, apiErr := s.stream(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	limit := cmp.Or(in.Limit, 100)
	now := s.now()
	st.mu.RLock()
	defer st.mu.RUnlock()
	var description struct {
		streamFacts
		Shards        []shardFacts
		HasMoreShards bool
	}
	description.streamFacts = s.facts(st)
	description.Shards = []shardFacts{}
	if description.StreamStatus != statusCreating {
		after := numberAfter(in.ExclusiveStartShardId)
		for _, sh := range s.listed(st, now) {
			if sh.number <= after {
				continue
			}
			if len(description.Shards) == limit {
				description.HasMoreShards = true
				break
			}
			description.Shards = append(description.Shards, sh.facts())
		}
	}
	return struct{ StreamDescription any }{description}, nil
}

func (s *Server) describeStreamSummary(in *struct{ streamRef }) (any, *apiError) {
	st, apiErr := s.stream(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	var summary struct {
		streamFacts
		OpenShardCount, ConsumerCount, MaxRecordSizeInKiB int
		WarmThroughput                                    *warmThroughput `json:",omitempty"`
	}
	summary.streamFacts = s.facts(st)
	summary.OpenShardCount, summary.ConsumerCount = len(st.open), len(st.consumers)
	summary.MaxRecordSizeInKiB = st.recordSize >> 10
	if warm := st.accepted.WarmMiB; warm > 0 {
		summary.WarmThroughput = &warmThroughput{warm, warm}
	}
	return struct{ StreamDescriptionSummary any }{summary}, nil
}

// describeLimits answers DescribeLimits with the options' limits.
func (s *Server) describeLimits(*struct{}) (any, *apiError) {
	onDemand := 0
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		st.mu.RLock()
		if st.mode == modeOnDemand {
			onDemand++
		}
		st.mu.RUnlock()
	}
	return struct {
		ShardLimit, OpenShardCount, OnDemandStreamCount, OnDemandStreamCountLimit int
	}{s.options.MaxShards, s.openShards(), onDemand, s.options.MaxStreams}, nil
}

type listStreamsRequest struct {
	Limit                    int    `check:"range=1..10000"`
	ExclusiveStartStreamName string `check:"len=1..128 pattern=name"`
	NextToken                string `check:"len=1..1048576"`
}

// listStreams answers ListStreams in the order of names. The page token is the last name.
func (s *Server) listStreams(in *listStreamsRequest) (any, *apiError) {
	limit := cmp.Or(in.Limit, 100)
	type summary struct {
		StreamName, StreamARN, StreamStatus string
		StreamModeDetails                   streamMode
		StreamCreationTimestamp             protocol.Millis
	}
	answer := struct {
		StreamNames     []string
		StreamSummaries []summary
		HasMoreStreams  bool
		NextToken       string `json:",omitempty"`
	}{StreamNames: []string{}, StreamSummaries: []summary{}}
	for _, name := range s.names() {
		if name <= max(in.ExclusiveStartStreamName, in.NextToken) {
			continue
		}
		if len(answer.StreamNames) == limit {
			answer.HasMoreStreams = true
			answer.NextToken = answer.StreamNames[limit-1]
			break
		}
		st, apiErr := s.stream(streamRef{StreamName: name})
		if apiErr != nil {
			continue // deleted meanwhile
		}
		st.mu.RLock()
		facts := s.facts(st)
		st.mu.RUnlock()
		answer.StreamNames = append(answer.StreamNames, name)
		answer.StreamSummaries = append(answer.StreamSummaries, summary{
			facts.StreamName, facts.StreamARN, facts.StreamStatus, facts.StreamModeDetails, facts.StreamCreationTimestamp,
		})
	}
	return answer, nil
}
