package kinesis

type shardCountRequest struct {
	streamRef
	TargetShardCount int    `check:"required range=1.."`
	ScalingType      string `check:"required enum=UNIFORM_SCALING"`
}

// updateShardCount answers UpdateShardCount: as the service does, by splits at
// the new borders, then merges over the old ones.
func (s *Server) updateShardCount(in *shardCountRequest) (any, *apiError) {
	st, apiErr := s.stream(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.RLock()
	current := len(st.open)
	st.mu.RUnlock()
	apiErr = s.reshard(in.streamRef, in.TargetShardCount-current, func(st *stream, now int64) *apiError {
		if current = len(st.open); s.options.Limits {
			if in.TargetShardCount > 2*current {
				return invalid("UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: %d Target shard count: %d", current, in.TargetShardCount)
			}
			if 2*in.TargetShardCount < current {
				return invalid("UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: %d Target shard count: %d", current, in.TargetShardCount)
			}
		}
		s.rescale(st, nearStarts(st.open, evenStarts(in.TargetShardCount)), now)
		return nil
	})
	if apiErr != nil {
		return nil, apiErr
	}
	return struct {
		StreamName, StreamARN               string
		CurrentShardCount, TargetShardCount int
	}{st.name, st.arn, current, in.TargetShardCount}, nil
}

// nearStarts puts in the place of a start one that is there already and all but the same: the
// thirds of the key space lie a key or two beside every second of its sixths, and a
// shard of two keys is nobody's wish. Both are in ascending order.
func nearStarts(open []*shard, starts []hashKey) []hashKey {
	at := 0
	for i := 1; i < len(starts); i++ { // the first is 0 in both
		for at+1 < len(open) && !starts[i].less(open[at].first.plus(near)) {
			at++
		}
		if have := open[at].first; have.less(starts[i].plus(near)) && starts[i].less(have.plus(near)) {
			starts[i] = have
		}
	}
	return starts
}

// near is no part of a shard, even where there are ten thousand.
const near = 1 << 63

// rescale gives the stream one open shard from each of starts to the next; mu is held.
func (s *Server) rescale(st *stream, starts []hashKey, now int64) {
	at := 0 // the open shard that holds the next start
	for _, start := range starts {
		for st.open[at].last.less(start) {
			at++
		}
		if st.open[at].first != start {
			s.split(st, st.open[at], start, now)
			at++
		}
	}
	for i := range starts {
		for i+1 < len(st.open) && (i+1 == len(starts) || st.open[i+1].first != starts[i+1]) {
			s.merge(st, st.open[i], st.open[i+1], now)
		}
	}
}
