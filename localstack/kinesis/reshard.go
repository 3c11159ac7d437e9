package kinesis

// A reshard holds the stream's lock exclusively: every record before it lies in the
// parents, every later one in the children, with greater sequence numbers.

// split closes a shard and opens two children, the second from key on.
func (s *Server) split(st *stream, sh *shard, key hashKey, now int64) {
	st.close(sh, now)
	left := st.addShard(s.store, sh.first, key.previous(), now)
	right := st.addShard(s.store, key, sh.last, now)
	left.parent, right.parent = sh, sh
	sh.children = []*shard{left, right}
	st.replace(sh, left, right)
}

// merge closes a shard and the next one, and opens one child. Its parent is
// the shard named first, as in the service.
func (s *Server) merge(st *stream, sh, adjacent *shard, now int64) {
	st.close(sh, now)
	st.close(adjacent, now)
	child := st.addShard(s.store, sh.first, adjacent.last, now)
	child.parent, child.adjacentParent = sh, adjacent
	sh.children, adjacent.children = []*shard{child}, []*shard{child}
	st.replace(sh, child)
	st.replace(adjacent)
}

// close ends a shard's sequence numbers; st.mu is held.
func (st *stream) close(sh *shard, now int64) {
	sh.endCounter, sh.closedMs = st.counter.Add(1), now
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.wake()
	_ = sh.seal() // every put has written what it stored: it cannot fail
	if sh.log != nil {
		_ = sh.log.finish() // without it the files stay open, and a loss of power may take their newest records
	}
}

// replace puts others in the place of an open shard; st.mu is held.
func (st *stream) replace(sh *shard, others ...*shard) {
	var open []*shard
	for _, o := range st.open {
		if o == sh {
			open = append(open, others...)
		} else {
			open = append(open, o)
		}
	}
	st.open = open
}

// reshard runs change with the stream's lock held, if the stream is ACTIVE and
// there is room for so many more open shards.
func (s *Server) reshard(ref streamRef, more int, change func(st *stream, now int64) *apiError) *apiError {
	st, apiErr := s.stream(ref)
	if apiErr != nil {
		return apiErr
	}
	if more > 0 {
		s.mu.RLock()
		apiErr = s.shardRoom(more)
		s.mu.RUnlock()
		if apiErr != nil {
			return apiErr
		}
	}
	now := s.now()
	st.mu.Lock()
	defer st.mu.Unlock()
	if apiErr := s.active(st); apiErr != nil {
		return apiErr
	}
	if st.mode == modeOnDemand {
		return clientError("ValidationException", "Stream %s under account %s is in on-demand capacity mode, which shards itself.", st.name, s.options.Account)
	}
	if apiErr := change(st, now); apiErr != nil {
		return apiErr
	}
	st.updatedMs = until(now, s.options.UpdateDelay)
	if err := st.save(); err != nil {
		return internalFailure("%v", err)
	}
	return nil
}

// openShard finds the open shard that a reshard names; st.mu is held.
func (s *Server) openShard(st *stream, number int) (*shard, *apiError) {
	sh := st.shard(number)
	if sh == nil {
		return nil, s.noShard(shardID(number), streamRef{StreamName: st.name})
	}
	if !sh.open() {
		return nil, invalid("Shard %s in stream %s under account %s has already been merged or split, and thus is not eligible for merging or splitting.", sh.id, st.name, s.options.Account)
	}
	return sh, nil
}

type splitRequest struct {
	streamRef
	ShardToSplit       string `check:"required len=1..128 pattern=name"`
	NewStartingHashKey string `check:"required pattern=hashkey"`
}

// splitShard answers SplitShard.
func (s *Server) splitShard(in *splitRequest) (any, *apiError) {
	number, ok := shardNumber(in.ShardToSplit)
	if !ok {
		return nil, s.noShard(in.ShardToSplit, in.streamRef)
	}
	key, below := parseHashKey(in.NewStartingHashKey)
	return nil, s.reshard(in.streamRef, 1, func(st *stream, now int64) *apiError {
		sh, apiErr := s.openShard(st, number)
		if apiErr != nil {
			return apiErr
		}
		if !below || !sh.first.next().less(key) || !key.less(sh.last) {
			return invalid("NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account %s is not both greater than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
				in.NewStartingHashKey, sh.id, st.name, s.options.Account, sh.first, sh.last)
		}
		s.split(st, sh, key, now)
		return nil
	})
}

type mergeRequest struct {
	streamRef
	ShardToMerge         string `check:"required len=1..128 pattern=name"`
	AdjacentShardToMerge string `check:"required len=1..128 pattern=name"`
}

// mergeShards answers MergeShards.
func (s *Server) mergeShards(in *mergeRequest) (any, *apiError) {
	first, ok := shardNumber(in.ShardToMerge)
	if !ok {
		return nil, s.noShard(in.ShardToMerge, in.streamRef)
	}
	second, ok := shardNumber(in.AdjacentShardToMerge)
	if !ok {
		return nil, s.noShard(in.AdjacentShardToMerge, in.streamRef)
	}
	return nil, s.reshard(in.streamRef, 0, func(st *stream, now int64) *apiError {
		sh, apiErr := s.openShard(st, first)
		if apiErr != nil {
			return apiErr
		}
		adjacent, apiErr := s.openShard(st, second)
		if apiErr != nil {
			return apiErr
		}
		if !neighbours(sh, adjacent) { // in this order only, as the service has it
			return invalid("Shards %s and %s in stream %s under account %s are not an adjacent pair of shards eligible for merging", sh.id, adjacent.id, st.name, s.options.Account)
		}
		s.merge(st, sh, adjacent, now)
		return nil
	})
}

func neighbours(low, high *shard) bool {
	return low != high && low.last != lastHashKey && low.last.next() == high.first
}
