package kinesis_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"taxistream/localstack/kinesis"
)

// askCBOR sends in, in CBOR, and returns the status and the decoded answer.
func askCBOR(t *testing.T, s *kinesis.Server, operation string, in, out any) int {
	t.Helper()
	body, err := cbor.Marshal(in)
	must(t, err)
	r := httptest.NewRequest(http.MethodPost, "http://in.process", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	r.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	r.Header.Set("Authorization", anySignature)
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	equal(t, "type of the answer", w.Header().Get("Content-Type"), "application/x-amz-cbor-1.1")
	if w.Body.Len() > 0 {
		must(t, cbor.Unmarshal(w.Body.Bytes(), out))
	}
	return w.Code
}

// Ensure that CBOR and JSON are two spellings of the same: what one puts, either reads, from
// memory and from files, at a shard's tip and at its end.
func TestCBOR(t *testing.T) {
	clock := newClock()
	s := mustServer(t, kinesis.Options{MemoryLimit: 1 << 10, Clock: clock.time})
	must(t, s.CreateStream("s", 1))
	type record struct {
		Data                        []byte
		PartitionKey                string
		SequenceNumber              string          `cbor:",omitempty"`
		ApproximateArrivalTimestamp cbor.RawMessage `json:"-" cbor:",omitempty"`
	}
	var put struct {
		FailedRecordCount int
		Records           []struct{ SequenceNumber, ShardId string }
	}
	var records []record
	for i := range 300 {
		records = append(records, record{Data: bytes.Repeat([]byte{byte(i), 0xff}, i), PartitionKey: "k\"\\\n\u2028<é"})
	}
	equal(t, "put", askCBOR(t, s, "PutRecords", map[string]any{"StreamName": "s", "Records": records}, &put), 200)
	equal(t, "results", len(put.Records), 300)
	_, code := raw(s, "PutRecord", `{"StreamName":"s","PartitionKey":"j","Data":"aGk="}`)
	equal(t, "put by JSON", code, "")

	type found struct {
		Records            []record
		NextShardIterator  string
		MillisBehindLatest *int
		ChildShards        []struct {
			ShardId      string
			ParentShards []string
			HashKeyRange struct{ StartingHashKey, EndingHashKey string }
		}
	}
	read := func() (byCBOR, byJSON found) {
		var it struct{ ShardIterator string }
		equal(t, "iterator", askCBOR(t, s, "GetShardIterator", map[string]any{
			"StreamName": "s", "ShardId": shardName(0), "ShardIteratorType": "AT_TIMESTAMP",
			"Timestamp": cbor.Tag{Number: 1, Content: clock.time().Add(-time.Second).UnixMilli()},
		}, &it), 200)
		equal(t, "get", askCBOR(t, s, "GetRecords", map[string]any{"ShardIterator": it.ShardIterator, "Limit": 1000}, &byCBOR), 200)
		text, code := raw(s, "GetRecords", `{"ShardIterator":"`+it.ShardIterator+`","Limit":1000}`)
		equal(t, "get by JSON", code, "")
		must(t, json.Unmarshal([]byte(text), &byJSON))
		return byCBOR, byJSON
	}
	byCBOR, byJSON := read()
	equal(t, "records", len(byCBOR.Records), 301)
	for i := range byCBOR.Records {
		var at cbor.RawTag
		must(t, cbor.Unmarshal(byCBOR.Records[i].ApproximateArrivalTimestamp, &at))
		var ms int64
		must(t, cbor.Unmarshal(at.Content, &ms))
		equal(t, "tag", at.Number, 1)
		equal(t, "arrival", ms, clock.time().UnixMilli())
		byCBOR.Records[i].ApproximateArrivalTimestamp = nil
		if i < 300 {
			equal(t, "key", byCBOR.Records[i].PartitionKey, records[i].PartitionKey)
			equal(t, "number", byCBOR.Records[i].SequenceNumber, put.Records[i].SequenceNumber)
			if !bytes.Equal(byCBOR.Records[i].Data, records[i].Data) {
				t.Errorf("record %d: %x", i, byCBOR.Records[i].Data)
			}
		}
	}
	if !reflect.DeepEqual(byCBOR, byJSON) {
		t.Errorf("got %+v by CBOR, %+v by JSON", byCBOR, byJSON)
	}
	equal(t, "split", askCBOR(t, s, "SplitShard", map[string]any{"StreamName": "s", "ShardToSplit": shardName(0), "NewStartingHashKey": middle}, nil), 200)
	byCBOR, byJSON = read()
	equal(t, "children", len(byCBOR.ChildShards), 2)
	equal(t, "iterator at the end", byCBOR.NextShardIterator, "")
	for i := range byCBOR.Records {
		byCBOR.Records[i].ApproximateArrivalTimestamp = nil
	}
	if !reflect.DeepEqual(byCBOR, byJSON) {
		t.Errorf("at the end got %+v by CBOR, %+v by JSON", byCBOR, byJSON)
	}
	var refused map[string]string
	equal(t, "error", askCBOR(t, s, "DescribeStream", map[string]any{"StreamName": "none"}, &refused), 400)
	equal(t, "error", refused["__type"]+": "+refused["message"], "ResourceNotFoundException: Stream none under account 000000000000 not found.")
}
