package kinesis

import (
	"cmp"

	"taxistream/localstack/kinesis/protocol"
)

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

type sequenceNumberRange struct {
	StartingSequenceNumber string
	EndingSequenceNumber   string `json:",omitempty"`
}

// shardFacts describe a shard as the API does.
type shardFacts struct {
	ShardId               string
	ParentShardId         string `json:",omitempty"`
	AdjacentParentShardId string `json:",omitempty"`
	HashKeyRange          hashKeyRange
	SequenceNumberRange   sequenceNumberRange
}

// facts describes the shard; stream.mu is held.
func (sh *shard) facts() shardFacts {
	f := shardFacts{
		ShardId:             sh.id,
		HashKeyRange:        hashKeyRange{sh.first.String(), sh.last.String()},
		SequenceNumberRange: sequenceNumberRange{StartingSequenceNumber: sh.form.text(sh.startCounter)},
	}
	if sh.parent != nil {
		f.ParentShardId = sh.parent.id
	}
	if sh.adjacentParent != nil {
		f.AdjacentParentShardId = sh.adjacentParent.id
	}
	if !sh.open() {
		f.SequenceNumberRange.EndingSequenceNumber = sh.form.text(sh.endCounter)
	}
	return f
}

// listed returns the shards that are not expired; mu is held.
func (s *Server) listed(st *stream, now int64) []*shard {
	horizon := s.trimHorizon(st, now)
	if horizon == minTime {
		return st.shards
	}
	var kept []*shard
	for _, sh := range st.shards {
		if !sh.expired(horizon) {
			kept = append(kept, sh)
		}
	}
	return kept
}

// expired says whether a shard is closed and all its records older than the horizon.
func (sh *shard) expired(horizon int64) bool { return !sh.open() && sh.closedMs < horizon }

type listShardsRequest struct {
	StreamName              string `check:"len=1..128 pattern=name"`
	StreamARN               string `check:"len=1..2048 pattern=stream"`
	NextToken               string `check:"len=1..1048576"`
	ExclusiveStartShardId   string `check:"len=1..128 pattern=name"`
	MaxResults              int    `check:"range=1..10000"`
	StreamCreationTimestamp *protocol.Millis
	ShardFilter             *struct {
		Type      string `check:"required enum=AFTER_SHARD_ID|AT_TRIM_HORIZON|FROM_TRIM_HORIZON|AT_LATEST|AT_TIMESTAMP|FROM_TIMESTAMP"`
		ShardId   string `check:"len=1..128 pattern=name"`
		Timestamp *protocol.Millis
	}
}

// shardPage is which shards a page lists.
type shardPage struct {
	filter byte  // of the filters below
	atMs   int64 // of the filters by time
	after  int   // shards up to this number are left out; -1 none
}

// Filters of ListShards; AFTER_SHARD_ID is filterAll with a shard to begin after.
const (
	filterAll = iota
	filterAtTrimHorizon
	filterAtLatest
	filterAtTimestamp
	filterFromTimestamp
)

// listShards answers ListShards. A page token carries the filter of the first call.
func (s *Server) listShards(in *listShardsRequest) (any, *apiError) {
	limit := min(cmp.Or(in.MaxResults, 1000), 1000)
	now := s.now()
	st, page, apiErr := s.shardPage(in, now)
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if s.status(st) == statusCreating {
		return nil, inUse("Stream %s under account %s is in CREATING.", st.name, s.options.Account)
	}
	answer := struct {
		Shards    []shardFacts
		NextToken string `json:",omitempty"`
	}{Shards: []shardFacts{}}
	horizon := s.trimHorizon(st, now)
	last := page.after
	for _, sh := range s.listed(st, now) {
		if sh.number <= page.after || !page.holds(sh, horizon) {
			continue
		}
		if len(answer.Shards) == limit {
			answer.NextToken = token{
				kind: 's', filter: page.filter, stream: st.number,
				shard: uint32(last), at: uint64(page.atMs), issued: now, name: st.name,
			}.String()
			break
		}
		answer.Shards = append(answer.Shards, sh.facts())
		last = sh.number
	}
	return answer, nil
}

// shardPage reads which shards of which stream the request asks for.
func (s *Server) shardPage(in *listShardsRequest, now int64) (*stream, shardPage, *apiError) {
	if in.NextToken != "" {
		return s.nextShardPage(in, now)
	}
	if in.StreamName == "" && in.StreamARN == "" {
		return nil, shardPage{}, invalid("Either NextToken or StreamName should be provided.")
	}
	st, apiErr := s.stream(streamRef{in.StreamName, in.StreamARN})
	if apiErr != nil {
		return nil, shardPage{}, apiErr
	}
	if at := in.StreamCreationTimestamp; at != nil && int64(*at)/1000 != st.createdMs/1000 {
		return nil, shardPage{}, notFound("Stream %s under account %s created at that time not found.", st.name, s.options.Account)
	}
	page := shardPage{after: -1}
	page.after = numberAfter(in.ExclusiveStartShardId)
	if f := in.ShardFilter; f != nil {
		if page.filter, apiErr = filterOf(f.Type, f.Timestamp != nil, f.ShardId != ""); apiErr != nil {
			return nil, shardPage{}, apiErr
		}
		if f.Timestamp != nil {
			page.atMs = int64(*f.Timestamp)
		}
		page.after = max(page.after, numberAfter(f.ShardId))
	}
	return st, page, nil
}

func (s *Server) nextShardPage(in *listShardsRequest, now int64) (*stream, shardPage, *apiError) {
	switch {
	case in.StreamName != "":
		return nil, shardPage{}, invalid("NextToken and StreamName cannot be provided together.")
	case in.StreamCreationTimestamp != nil || in.ExclusiveStartShardId != "":
		return nil, shardPage{}, invalid("NextToken and StreamCreationTimestamp or ExclusiveStartShardId cannot be provided together.")
	}
	t, ok := parseToken(in.NextToken, 's')
	if !ok {
		return nil, shardPage{}, invalid("NextToken is not valid.")
	}
	if t.expired(now) {
		return nil, shardPage{}, clientError("ExpiredNextTokenException", "NextToken is older than %d seconds.", int(TokenLife.Seconds()))
	}
	st := s.streamOf(t)
	if st == nil {
		return nil, shardPage{}, notFound("The stream of this NextToken no longer exists.")
	}
	return st, shardPage{filter: t.filter, atMs: int64(t.at), after: int(t.shard)}, nil
}

func filterOf(kind string, hasTime, hasShard bool) (byte, *apiError) {
	needsTime, needsShard := false, false
	var filter byte
	switch kind {
	case "AFTER_SHARD_ID":
		needsShard = true
	case "FROM_TRIM_HORIZON":
	case "AT_TRIM_HORIZON":
		filter = filterAtTrimHorizon
	case "AT_LATEST":
		filter = filterAtLatest
	case "AT_TIMESTAMP":
		filter, needsTime = filterAtTimestamp, true
	case "FROM_TIMESTAMP":
		filter, needsTime = filterFromTimestamp, true
	}
	if needsTime != hasTime {
		return 0, invalid("ShardFilter of type %s: Timestamp must be given for AT_TIMESTAMP and FROM_TIMESTAMP, and for these only.", kind)
	}
	if needsShard != hasShard {
		return 0, invalid("ShardFilter of type %s: ShardId must be given for AFTER_SHARD_ID, and for it only.", kind)
	}
	return filter, nil
}

// holds says whether the filter lets the shard through. A shard without
// parents, or whose parents are all expired, was open at the trim horizon.
func (p shardPage) holds(sh *shard, horizon int64) bool {
	switch p.filter {
	case filterAtTrimHorizon:
		return (sh.parent == nil || sh.parent.expired(horizon)) &&
			(sh.adjacentParent == nil || sh.adjacentParent.expired(horizon))
	case filterAtLatest:
		return sh.open()
	case filterAtTimestamp:
		return sh.createdMs <= p.atMs && (sh.open() || sh.closedMs > p.atMs)
	case filterFromTimestamp:
		return sh.open() || sh.closedMs >= p.atMs
	}
	return true
}
