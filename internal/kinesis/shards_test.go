package kinesis_test

import (
	"context"
	"reflect"
	"testing"

	"taxistream/internal/kinesis"
)

// Ensure all pages of shards are read, with families, hash keys, and whether each is open.
func TestClient_Shards(t *testing.T) {
	const ranges = `"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"}`
	s := newService(t, map[string][]reply{"ListShards": {
		ok(`{"NextToken":"more","Shards":[{"ShardId":"shard-0",` + ranges + `,"SequenceNumberRange":{"StartingSequenceNumber":"1","EndingSequenceNumber":"2"}}]}`),
		ok(`{"NextToken":"end","Shards":[]}`),
		ok(`{"Shards":[{"ShardId":"shard-1","ParentShardId":"shard-0",` + ranges + `,"SequenceNumberRange":{"StartingSequenceNumber":"3"}},` +
			`{"ShardId":"shard-2","ParentShardId":"shard-0","AdjacentParentShardId":"shard-1",` + ranges + `,"SequenceNumberRange":{"StartingSequenceNumber":"3"}}]}`),
	}})
	got, err := s.client().Shards(context.Background())
	const most = "340282366920938463463374607431768211455"
	want := []kinesis.Shard{
		{ID: "shard-0", Start: "0", End: most},
		{ID: "shard-1", Parents: []string{"shard-0"}, Start: "0", End: most, Open: true},
		{ID: "shard-2", Parents: []string{"shard-0", "shard-1"}, Start: "0", End: most, Open: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	asked := s.asked("ListShards")
	wantAsked := []map[string]any{{"StreamName": "trips"}, {"NextToken": "more"}, {"NextToken": "end"}}
	if !reflect.DeepEqual(asked, wantAsked) {
		t.Errorf("asked for %v, want %v: a token goes alone", asked, wantAsked)
	}
}

// Ensure a failure on any page is the whole list's: half of a family is worse than none.
func TestClient_Shards_Fails(t *testing.T) {
	s := newService(t, map[string][]reply{"ListShards": {ok(`{"NextToken":"more","Shards":[]}`), failing(400, "ExpiredNextTokenException")}})
	got, err := s.client().Shards(context.Background())
	wantLine(t, err, "list shards", "stream trips", "ExpiredNextToken")
	if got != nil {
		t.Errorf("got %v with an error", got)
	}
	s = newService(t, map[string][]reply{"ListShards": {failing(400, "ResourceNotFoundException")}})
	_, err = s.client().Shards(context.Background())
	wantLine(t, err, "list shards", "stream trips does not exist", "aws kinesis create-stream")
}
