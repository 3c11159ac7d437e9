package kinesis

import "fmt"

// ShardInfo describes one shard, for those who run the server in their process.
type ShardInfo struct {
	ID                     string
	Parent, AdjacentParent string // "" if none
	StartingHashKey        string // decimal
	EndingHashKey          string
	Open                   bool
}

// Shards lists the shards of a stream, open and closed, by number.
func (s *Server) Shards(streamName string) ([]ShardInfo, error) {
	st, apiErr := s.stream(streamRef{StreamName: streamName})
	if apiErr != nil {
		return nil, fmt.Errorf("list shards of %q: %w", streamName, apiErr)
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	infos := make([]ShardInfo, len(st.shards))
	for i, sh := range st.shards {
		infos[i] = ShardInfo{
			ID: sh.id, StartingHashKey: sh.first.String(), EndingHashKey: sh.last.String(), Open: sh.open(),
		}
		if sh.parent != nil {
			infos[i].Parent = sh.parent.id
		}
		if sh.adjacentParent != nil {
			infos[i].AdjacentParent = sh.adjacentParent.id
		}
	}
	return infos, nil
}

// LastSequenceNumber returns the sequence number of a shard's last record, ""
// if it never had one.
func (s *Server) LastSequenceNumber(streamName, shardID string) (string, error) {
	st, apiErr := s.stream(streamRef{StreamName: streamName})
	if apiErr != nil {
		return "", fmt.Errorf("last sequence number of %q: %w", streamName, apiErr)
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	number, ok := shardNumber(shardID)
	sh := st.shard(number)
	if !ok || sh == nil {
		return "", fmt.Errorf("last sequence number of %q: there is no shard %q", streamName, shardID)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.lastCounter == 0 {
		return "", nil
	}
	return sh.form.text(sh.lastCounter), nil
}
