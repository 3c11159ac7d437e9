package kinesis

import (
	"cmp"
	"strings"
	"time"
)

type getRequest struct {
	Limit         int    `check:"range=1..10000"`
	ShardIterator string `check:"required len=1..512"`
}

// getAnswer is what GetRecords says beside the records.
type getAnswer struct {
	MillisBehindLatest int64
	NextShardIterator  string       `json:",omitempty"`
	ChildShards        []childShard `json:",omitempty"`
}

// getRecords answers GetRecords. In JSON the records are not copied: c.found names
// where they lie, and the answer is written from there.
func (s *Server) getRecords(c *call) *apiError {
	in := getRequest{}
	if apiErr := c.decode(&in); apiErr != nil {
		return apiErr
	}
	now := s.now()
	t, st, apiErr := s.iterator(in.ShardIterator, now)
	if apiErr != nil {
		return apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone || int(t.shard) >= len(st.shards) {
		return s.shardGone(t)
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
	found, err := sh.read(t.at, cmp.Or(in.Limit, MaxGetRecords), MaxGetBytes, horizon, c.found.parts[:0])
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
	return c.answerRecords(sh.getAnswer(t, &found, now))
}

// iterator reads the text of a shard iterator and finds its stream.
func (s *Server) iterator(text string, now int64) (token, *stream, *apiError) {
	// The developer guide's shell commands pass an iterator in the quotes that it came in.
	t, ok := parseToken(strings.Trim(text, `"`), 'i')
	if !ok {
		return token{}, nil, invalid("Invalid ShardIterator.")
	}
	if t.expired(now) {
		return token{}, nil, clientError("ExpiredIteratorException",
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			serviceTime(t.issued), serviceTime(now), TokenLife.Milliseconds())
	}
	st := s.streamOf(t)
	if st == nil {
		return token{}, nil, s.shardGone(t)
	}
	return t, st, nil
}

// shardGone is the answer to an iterator of a stream that was deleted.
func (s *Server) shardGone(t token) *apiError {
	return notFound("Shard %s in stream %s under account %s does not exist", shardID(int(t.shard)), t.name, s.options.Account)
}

// trimHorizon is the arrival time (ms) before which records are gone; st.mu is held.
func (s *Server) trimHorizon(st *stream, now int64) int64 {
	if !s.options.TrimByAge {
		return minTime
	}
	return now - int64(st.retentionHours)*time.Hour.Milliseconds()
}

const minTime = -1 << 62

// serviceTime spells a time as the service's texts do.
func serviceTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
}

// getAnswer says where a read ended. MillisBehindLatest is 0 once the shard is read to its
// tip, else the age of the last record read. A closed shard that is read to its end
// names its children and no next iterator. stream.mu is held.
func (sh *shard) getAnswer(t token, found *answer, now int64) getAnswer {
	var a getAnswer
	if found.more {
		a.MillisBehindLatest = max(1, now-found.lastArrival)
	}
	if sh.open() || found.more {
		t.issued = now
		a.NextShardIterator = t.String()
	} else {
		a.ChildShards = sh.childShards()
	}
	return a
}

// childShard is a shard as those who reach the end of its parent are told of it.
type childShard struct {
	ShardId      string
	ParentShards []string
	HashKeyRange hashKeyRange
}

// childShards are the shards that go on from a closed one; stream.mu is held.
func (sh *shard) childShards() []childShard {
	children := make([]childShard, len(sh.children))
	for i, child := range sh.children {
		children[i] = childShard{child.id, []string{child.parent.id}, hashKeyRange{child.first.String(), child.last.String()}}
		if child.adjacentParent != nil {
			children[i].ParentShards = append(children[i].ParentShards, child.adjacentParent.id)
		}
	}
	return children
}
