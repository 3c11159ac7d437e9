package kinesis

import (
	"strconv"
	"time"
)

type getRequest struct {
	ShardIterator string
	Limit         *int
	StreamARN     string
}

// getRecords answers GetRecords. The records are not copied: c.found names
// where they lie, and the answer is written from there.
func (s *Server) getRecords(c *call) *apiError {
	in := getRequest{}
	if err := decode(c.body, &in); err != nil {
		return err
	}
	limit := MaxGetRecords
	if in.Limit != nil {
		if limit = *in.Limit; limit < 1 || limit > MaxGetRecords {
			return validation("limit", "Member must have value between 1 and 10000")
		}
	}
	now := s.now()
	t, st, apiErr := s.iterator(in.ShardIterator, now)
	if apiErr != nil {
		return apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone || int(t.shard) >= len(st.shards) {
		return notFound("Stream %s under account %s not found.", st.name, s.options.Account)
	}
	sh := st.shards[t.shard]
	sh.mu.Lock()
	if s.options.Limits && !sh.limits.get(now) {
		sh.mu.Unlock()
		s.counts.throttled.Add(1)
		return throttled("Rate exceeded for shard %s in stream %s under account %s.", sh.id, st.name, s.options.Account)
	}
	horizon := s.trimHorizon(st, now)
	sh.trim(horizon)
	found, err := sh.read(t.at, limit, horizon, c.found.parts[:0])
	if err == nil {
		sh.limits.got(found.dataBytes)
	}
	sh.mu.Unlock()
	if err != nil {
		return internalFailure("%v", err)
	}
	s.counts.getCalls.Add(1)
	s.counts.getRecords.Add(int64(found.records))
	c.found = found
	t.at = found.next
	c.appendGetAnswer(t, sh, now)
	return nil
}

// iterator reads the text of a shard iterator and finds its stream.
func (s *Server) iterator(text string, now int64) (token, *stream, *apiError) {
	if text == "" {
		return token{}, nil, validation("shardIterator", "Member must not be null")
	}
	t, ok := parseToken(text, 'i')
	if !ok {
		return token{}, nil, invalid("Invalid ShardIterator.")
	}
	if t.expired(now) {
		return token{}, nil, clientError("ExpiredIteratorException",
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			time.UnixMilli(t.issued).UTC().Format(time.RFC3339), time.UnixMilli(now).UTC().Format(time.RFC3339), TokenLife.Milliseconds())
	}
	st := s.streamOf(t)
	if st == nil {
		return token{}, nil, notFound("The stream of this ShardIterator no longer exists.")
	}
	return t, st, nil
}

// trimHorizon is the arrival time (ms) before which records are gone; st.mu is held.
func (s *Server) trimHorizon(st *stream, now int64) int64 {
	if !s.options.TrimByAge {
		return minTime
	}
	return now - int64(st.retentionHours)*time.Hour.Milliseconds()
}

const minTime = -1 << 62

// appendGetAnswer writes what stands around the records. MillisBehindLatest is
// 0 once the shard is read to its tip, else the age of the last record read.
// A closed shard that is read to its end names its children and no next iterator.
func (c *call) appendGetAnswer(t token, sh *shard, now int64) {
	behind := int64(0)
	if c.found.more {
		behind = max(1, now-c.found.lastArrival)
	}
	out := append(c.out, `{"MillisBehindLatest":`...)
	out = strconv.AppendInt(out, behind, 10)
	switch {
	case sh.open() || c.found.more:
		t.issued = now
		out = append(out, `,"NextShardIterator":"`...)
		out = append(t.append(out), '"')
	default:
		out = append(out, `,"ChildShards":[`...)
		for i, child := range sh.children {
			if i > 0 {
				out = append(out, ',')
			}
			out = child.appendAsChild(out)
		}
		out = append(out, ']')
	}
	c.out = append(out, `,"Records":[`...)
	c.closing = `]}`
	if n := len(c.found.parts); n > 0 {
		c.found.parts[n-1].length-- // the comma after the last record
		if last := &c.found.parts[n-1]; last.file == nil {
			last.bytes = last.bytes[:last.length]
		}
	}
}

// appendAsChild writes the shard as an element of ChildShards.
func (sh *shard) appendAsChild(out []byte) []byte {
	out = append(out, `{"ShardId":"`...)
	out = append(out, sh.id...)
	out = append(out, `","ParentShards":["`...)
	out = append(out, sh.parent.id...)
	if sh.adjacentParent != nil {
		out = append(out, `","`...)
		out = append(out, sh.adjacentParent.id...)
	}
	out = append(out, `"],"HashKeyRange":{"StartingHashKey":"`...)
	out = append(out, sh.first.String()...)
	out = append(out, `","EndingHashKey":"`...)
	out = append(out, sh.last.String()...)
	return append(out, `"}}`...)
}
