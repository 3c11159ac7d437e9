package kinesis

import (
	"strings"
)

type shardIteratorRequest struct {
	streamRef
	ShardId                string
	ShardIteratorType      string
	StartingSequenceNumber string
	Timestamp              *timestamp
}

// getShardIterator answers GetShardIterator: a place in a shard, good for TokenLife.
func (s *Server) getShardIterator(in *shardIteratorRequest) (any, *apiError) {
	if apiErr := in.check(); apiErr != nil {
		return nil, apiErr
	}
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	sh := st.shard(in.ShardId)
	if sh == nil || st.gone {
		return nil, notFound("Shard %s in stream %s under account %s does not exist", in.ShardId, st.name, s.options.Account)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	at, apiErr := s.position(st, sh, in)
	if apiErr != nil {
		return nil, apiErr
	}
	t := token{kind: 'i', stream: st.number, shard: uint32(sh.number), at: at, issued: s.now()}
	return struct{ ShardIterator string }{t.String()}, nil
}

// check holds the request to the API's patterns, and to itself.
func (in *shardIteratorRequest) check() *apiError {
	if !streamName.MatchString(in.ShardId) {
		return validation("shardId", namePattern)
	}
	if in.StartingSequenceNumber == "" {
		return nil
	}
	if !decimal(in.StartingSequenceNumber, 129) {
		return validation("startingSequenceNumber", "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})")
	}
	if in.ShardIteratorType == "TRIM_HORIZON" || in.ShardIteratorType == "LATEST" {
		return invalid("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and also a StartingSequenceNumber.", in.ShardIteratorType)
	}
	return nil
}

// position is the counter that an iterator of the request starts from; sh.mu is held.
func (s *Server) position(st *stream, sh *shard, in *shardIteratorRequest) (uint64, *apiError) {
	switch in.ShardIteratorType {
	case "TRIM_HORIZON":
		return 0, nil
	case "LATEST":
		return sh.tip(), nil
	case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
		counter, apiErr := s.sequence(st, sh, in.StartingSequenceNumber)
		if apiErr == nil && strings.HasPrefix(in.ShardIteratorType, "AFTER") {
			counter++
		}
		return counter, apiErr
	case "AT_TIMESTAMP":
		return s.timePosition(sh, in.Timestamp)
	}
	return 0, validation("shardIteratorType",
		"Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
}

func (s *Server) sequence(st *stream, sh *shard, text string) (uint64, *apiError) {
	if text == "" {
		return 0, invalid("Must specify startingSequenceNumber parameter for iterators of type AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER.")
	}
	counter, ok := sh.form.parse(text)
	if !ok || counter < sh.startCounter || counter > st.counter.Load() || (!sh.open() && counter > sh.endCounter) {
		return 0, invalid("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid because it did not come from this stream and shard.",
			text, sh.id, st.name, s.options.Account)
	}
	return counter, nil
}

func (s *Server) timePosition(sh *shard, at *timestamp) (uint64, *apiError) {
	if at == nil {
		return 0, invalid("Must specify timestamp parameter for iterator of type AT_TIMESTAMP.")
	}
	if now := s.now(); int64(*at) > now {
		return 0, invalid("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: %d, currentTimestampInMillis: %d", int64(*at), now)
	}
	counter, err := sh.counterAt(int64(*at))
	if err != nil {
		return 0, internalFailure("%v", err)
	}
	return counter, nil
}
