package kinesis

import (
	"cmp"
	"maps"
	"slices"
)

type listTagsRequest struct {
	streamRef
	ExclusiveStartTagKey string `check:"len=1..128"`
	Limit                int    `check:"range=1..50"`
}

// listTags answers ListTagsForStream in the order of keys.
func (s *Server) listTags(in *listTagsRequest) (any, *apiError) {
	st, apiErr := s.stream(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	limit := cmp.Or(in.Limit, maxTags)
	type tag struct{ Key, Value string }
	answer := struct {
		Tags        []tag
		HasMoreTags bool
	}{Tags: []tag{}}
	st.mu.RLock()
	defer st.mu.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(st.tags)) {
		if key <= in.ExclusiveStartTagKey {
			continue
		}
		if len(answer.Tags) == limit {
			answer.HasMoreTags = true
			break
		}
		answer.Tags = append(answer.Tags, tag{key, st.tags[key]})
	}
	return answer, nil
}
