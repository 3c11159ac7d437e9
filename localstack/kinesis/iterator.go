package kinesis

import (
	"strconv"
	"strings"

	"taxistream/localstack/kinesis/protocol"
)

type shardIteratorRequest struct {
	streamRef
	ShardId                string `check:"required len=1..128 pattern=name"`
	ShardIteratorType      string `check:"required enum=AFTER_SEQUENCE_NUMBER|LATEST|AT_TIMESTAMP|AT_SEQUENCE_NUMBER|TRIM_HORIZON"`
	StartingSequenceNumber string `check:"pattern=sequence"`
	Timestamp              *protocol.Millis
}

// getShardIterator answers GetShardIterator: a place in a shard, good for TokenLife.
func (s *Server) getShardIterator(in *shardIteratorRequest) (any, *apiError) {
	number, ok := shardNumber(in.ShardId)
	if !ok {
		return nil, s.noShard(in.ShardId, in.streamRef)
	}
	absent := notFound("Shard %s in stream %s under account %s does not exist", shardID(number), in.name(), s.options.Account)
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		if apiErr.code == absent.code {
			apiErr = absent
		}
		return nil, apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	sh := st.shard(number)
	if sh == nil || st.gone {
		return nil, absent
	}
	if apiErr := in.check(); apiErr != nil {
		return nil, apiErr
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	at, apiErr := s.position(st, sh, in)
	if apiErr != nil {
		return nil, apiErr
	}
	t := token{kind: 'i', stream: st.number, shard: uint32(sh.number), at: at, issued: s.now(), name: st.name}
	return struct{ ShardIterator string }{t.String()}, nil
}

// check holds the request to itself.
func (in *shardIteratorRequest) check() *apiError {
	given, needed := in.StartingSequenceNumber != "", strings.HasSuffix(in.ShardIteratorType, "SEQUENCE_NUMBER")
	what := "no"
	switch {
	case in.ShardIteratorType == "AT_TIMESTAMP" || given == needed:
		return nil
	case given:
		what = "also a"
	}
	return invalid("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and %s StartingSequenceNumber.",
		in.ShardIteratorType, what)
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
	}
	return s.timePosition(sh, in.Timestamp)
}

func (s *Server) sequence(st *stream, sh *shard, text string) (uint64, *apiError) {
	counter, ok := sh.form.parse(text)
	if ok && counter >= sh.startCounter && counter <= st.counter.Load() && (sh.open() || counter <= sh.endCounter) {
		return counter, nil
	}
	if other, ok := encodedShard(st, text); ok && other != sh.number {
		return 0, invalid("Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to a shard with %s", shardID(other), sh.id)
	}
	because := ""
	if len(text) == sequenceLength {
		because = " because it did not come from this stream"
	}
	return 0, invalid("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid%s.",
		text, sh.id, st.name, s.options.Account, because)
}

// encodedShard is the shard that a sequence number names: one of this stream, or one of the
// short ones that the service gave in its first years, whose last 16 bits it is.
func encodedShard(st *stream, text string) (int, bool) {
	if _, number, ok := st.parseSequence(text); ok {
		return number, true
	}
	short, err := strconv.ParseUint(text, 10, 64)
	return int(short & 0xffff), err == nil
}

func (s *Server) timePosition(sh *shard, at *protocol.Millis) (uint64, *apiError) {
	if at == nil {
		return 0, invalid("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.")
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
