package kinesis_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/fault"
	"taxistream/internal/kinesis"
)

var (
	fromStart = kinesis.Position{Kind: types.ShardIteratorTypeTrimHorizon}
	quick     = kinesis.ReaderOptions{TipPause: time.Millisecond, MaxBackoff: 2 * time.Millisecond}
)

// Ensure a reader asks for one iterator, goes on by the next ones, and says how
// far it is.
func TestReader_Next(t *testing.T) {
	s := newService(t, map[string][]reply{
		"GetShardIterator": {iterator("i1")},
		"GetRecords":       {page("i2", "7000", "11", "12"), page("i3", "0", "13"), page("i4", "0")},
	})
	r := s.client().NewReader("shard-1", fromStart, quick)
	b := next(t, r)
	if len(b.Records) != 2 || string(b.Records[1].Data) != "hello" || *b.Records[1].SequenceNumber != "12" || b.Behind != 7*time.Second || b.AtTip || b.End || b.Failed {
		t.Errorf("got %+v", b)
	}
	if b = next(t, r); len(b.Records) != 1 || !b.AtTip || b.End {
		t.Errorf("got %+v", b)
	}
	if b = next(t, r); len(b.Records) != 0 || !b.AtTip {
		t.Errorf("got %+v", b)
	}
	want := map[string]any{"StreamName": "trips", "ShardId": "shard-1", "ShardIteratorType": "TRIM_HORIZON"}
	if got := s.asked("GetShardIterator"); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("asked for %v, want %v once", got, want)
	}
	for i, name := range []string{"i1", "i2", "i3"} {
		if got := s.asked("GetRecords")[i]["ShardIterator"]; got != name {
			t.Errorf("call %d used iterator %v, want %s", i, got, name)
		}
	}
	if want := (kinesis.Counters{Calls: 3, Records: 3, Bytes: 15}); r.Counters != want {
		t.Errorf("counted %+v, want %+v", r.Counters, want)
	}
}

// Ensure each position is asked for as the service wants it.
func TestReader_Positions(t *testing.T) {
	at := time.UnixMilli(1451997000500)
	for name, c := range map[string]struct {
		position kinesis.Position
		want     map[string]any
	}{
		"TrimHorizon": {fromStart, map[string]any{"ShardIteratorType": "TRIM_HORIZON"}},
		"Latest":      {kinesis.Position{Kind: types.ShardIteratorTypeLatest, Sequence: "1", Time: at}, map[string]any{"ShardIteratorType": "LATEST"}},
		"AtTimestamp": {kinesis.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: at}, map[string]any{"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1451997000.5}},
		"After":       {kinesis.Position{Kind: types.ShardIteratorTypeAfterSequenceNumber, Sequence: "49"}, map[string]any{"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "49"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetShardIterator": {iterator("i1")}, "GetRecords": {page("i2", "0")}})
			next(t, s.client().NewReader("shard-1", c.position, quick))
			c.want["StreamName"], c.want["ShardId"] = "trips", "shard-1"
			if got := s.asked("GetShardIterator")[0]; !reflect.DeepEqual(got, c.want) {
				t.Errorf("asked for %v, want %v", got, c.want)
			}
		})
	}
}

// Ensure an iterator that expired is replaced by one behind the last record, or by
// the first position where none was read, and that nothing is read twice.
func TestReader_Expired(t *testing.T) {
	expired := failing(400, "ExpiredIteratorException")
	t.Run("AfterRecords", func(t *testing.T) {
		s := newService(t, map[string][]reply{
			"GetShardIterator": {iterator("i1"), iterator("j1")},
			"GetRecords":       {page("i2", "0", "11", "12"), expired, page("j2", "0", "13")},
		})
		r := s.client().NewReader("shard-1", fromStart, quick)
		next(t, r)
		if b := next(t, r); *b.Records[0].SequenceNumber != "13" || !b.Failed {
			t.Errorf("got %+v", b)
		}
		if got := s.asked("GetShardIterator")[1]; got["ShardIteratorType"] != "AFTER_SEQUENCE_NUMBER" || got["StartingSequenceNumber"] != "12" {
			t.Errorf("asked for %v, want a place behind 12", got)
		}
		if got := s.asked("GetRecords")[2]["ShardIterator"]; got != "j1" {
			t.Errorf("read by %v, want the new iterator", got)
		}
		if r.Counters.Expired != 1 {
			t.Errorf("counted %+v", r.Counters)
		}
	})
	t.Run("BeforeAny", func(t *testing.T) {
		s := newService(t, map[string][]reply{
			"GetShardIterator": {iterator("i1")},
			"GetRecords":       {page("i2", "0"), expired, page("i3", "0", "11")},
		})
		r := s.client().NewReader("shard-1", kinesis.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: time.Unix(1451997000, 0)}, quick)
		next(t, r)
		next(t, r)
		if got := s.asked("GetShardIterator"); len(got) != 2 || !reflect.DeepEqual(got[0], got[1]) {
			t.Errorf("asked for %v, want the same place twice", got)
		}
	})
}

// Ensure a throttled reader waits and goes on by the same iterator, and says nothing:
// it is the service's way to pace.
func TestReader_Throttled(t *testing.T) {
	for _, kind := range []string{"ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException"} {
		s := newService(t, map[string][]reply{
			"GetShardIterator": {failing(400, kind), iterator("i1")},
			"GetRecords":       {failing(400, kind), failing(400, kind), page("i2", "9", "11")},
		})
		var said notes
		o := quick
		o.Notify = said.add
		var answers []bool // whether each call was throttled
		o.OnAnswer = func(shard string, err error) {
			answers = append(answers, shard == "shard-1" && err != nil && fault.Classify(err) == fault.Throttled)
		}
		r := s.client().NewReader("shard-1", fromStart, o)
		b := next(t, r)
		if !slices.Equal(answers, []bool{true, true, true, false}) {
			t.Errorf("%s: throttled, as it is told: %v", kind, answers)
		}
		if len(b.Records) != 1 || !b.Failed || r.Counters.Throttled != 3 || r.Counters.Retried != 0 || said.String() != "" {
			t.Errorf("%s: got %+v, %+v, said %q", kind, b, r.Counters, said.String())
		}
		if got := s.asked("GetRecords")[2]["ShardIterator"]; got != "i1" {
			t.Errorf("%s: read by %v", kind, got)
		}
		if b = next(t, r); b.Failed {
			t.Errorf("%s: the batch behind it counts as failed, too", kind)
		}
	}
}

// Ensure failures of the service are waited out, said once, and so is their end.
func TestReader_Unavailable(t *testing.T) {
	s := newService(t, map[string][]reply{
		"GetShardIterator": {failing(503, "ServiceUnavailableException"), iterator("i1")},
		"GetRecords":       {failing(500, "InternalFailure"), {200, `{"Records":[{"Sequ`}, {502, "<html>"}, page("i2", "0", "11"), failing(500, "InternalFailure"), page("i3", "0")},
	})
	var said notes
	o := quick
	o.Notify = said.add
	r := s.client().NewReader("shard-1", fromStart, o)
	if b := next(t, r); len(b.Records) != 1 || !b.Failed || r.Counters.Retried != 4 {
		t.Errorf("got %+v, %+v", b, r.Counters)
	}
	next(t, r)
	if lines := strings.Split(said.String(), "\n"); len(lines) != 4 || !strings.Contains(lines[0], "shard shard-1: ") || !strings.Contains(lines[0], "trying again until it answers") || lines[1] != "shard shard-1: reading again" || lines[3] != lines[1] {
		t.Errorf("said %q", lines)
	}
}

// Ensure what no waiting mends ends the reader with one line that says what to do.
func TestReader_Fatal(t *testing.T) {
	for name, c := range map[string]struct {
		answer reply
		want   []string
	}{
		"NoStream":   {reply{400, `{"__type":"ResourceNotFoundException","message":"Stream trips under account 1 not found."}`}, []string{"read shard shard-1", "stream trips does not exist", "aws kinesis create-stream --stream-name trips"}},
		"NoShard":    {reply{400, `{"__type":"ResourceNotFoundException","message":"Shard shard-1 in stream trips under account 1 does not exist"}`}, []string{"read shard shard-1", "is gone", "-allow-expired"}},
		"Argument":   {failing(400, "InvalidArgumentException"), []string{"read shard shard-1", "said the service"}},
		"NoRights":   {failing(400, "AccessDeniedException"), []string{"read shard shard-1", "AccessDenied"}},
		"KMSNoState": {failing(400, "KMSInvalidStateException"), []string{"KMSInvalidState"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetShardIterator": {c.answer}})
			_, err := s.client().NewReader("shard-1", fromStart, quick).Next(context.Background())
			wantLine(t, err, c.want...)
			if strings.Contains(name, "Shard") && strings.Contains(err.Error(), "create-stream") {
				t.Errorf("%v: the stream is there", err)
			}
		})
	}
}

// Ensure a start at this moment is no failure where the service's clock is behind ours.
func TestReader_ClockAhead(t *testing.T) {
	early := reply{400, `{"__type":"InvalidArgumentException","message":"The timestampInMillis parameter cannot be greater than the currentTimestampInMillis."}`}
	at := kinesis.Position{Kind: types.ShardIteratorTypeAtTimestamp, Time: time.Unix(1451997000, 0)}
	s := newService(t, map[string][]reply{"GetShardIterator": {early, early, iterator("i1")}, "GetRecords": {page("i2", "0")}})
	if b := next(t, s.client().NewReader("shard-1", at, quick)); !b.AtTip {
		t.Errorf("got %+v", b)
	}
	s = newService(t, map[string][]reply{"GetShardIterator": {early}})
	_, err := s.client().NewReader("shard-1", at, kinesis.ReaderOptions{TipPause: 2 * time.Minute}).Next(context.Background())
	wantLine(t, err, "read shard shard-1", "timestampInMillis")
}

// Ensure the end of a shard is told with its last records and its children.
func TestReader_End(t *testing.T) {
	s := newService(t, map[string][]reply{
		"GetShardIterator": {iterator("i1")},
		"GetRecords": {ok(`{"MillisBehindLatest":0,"Records":[{"SequenceNumber":"11","Data":"aGVsbG8=","PartitionKey":"k"}],"ChildShards":[` +
			`{"ShardId":"shard-3","ParentShards":["shard-1","shard-2"],"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"9"}}]}`)},
	})
	b := next(t, s.client().NewReader("shard-1", fromStart, quick))
	want := []kinesis.Shard{{ID: "shard-3", Parents: []string{"shard-1", "shard-2"}, Open: true}}
	if len(b.Records) != 1 || !b.End || !reflect.DeepEqual(b.Children, want) {
		t.Errorf("got %+v, want the end and %+v", b, want)
	}
}

// Ensure a call asks for about as many bytes as the options say, by the size of the
// last records, within the service's limits.
func TestReader_Limit(t *testing.T) {
	for name, c := range map[string]struct {
		bytes int
		want  float64
	}{"Bytes": {500, 100}, "Least": {1, 1}, "Most": {1 << 30, 10000}} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetShardIterator": {iterator("i1")}, "GetRecords": {page("i2", "9", "11", "12"), page("i3", "9")}})
			r := s.client().NewReader("shard-1", fromStart, kinesis.ReaderOptions{TipPause: time.Millisecond, Bytes: func() int { return c.bytes }})
			next(t, r) // five bytes a record
			next(t, r)
			next(t, r)
			asked := s.asked("GetRecords")
			if asked[0]["Limit"] != min(max(float64(c.bytes)/(25<<10), 1), 10000) || asked[1]["Limit"] != c.want || asked[2]["Limit"] != c.want {
				t.Errorf("asked for %v, %v and %v records, want twice %v behind the first", asked[0]["Limit"], asked[1]["Limit"], asked[2]["Limit"], c.want)
			}
		})
	}
}

// Ensure a reader that waits, at the tip or for a service that fails, ends with its context.
func TestReader_Cancelled(t *testing.T) {
	for name, answer := range map[string]reply{"AtTip": page("i2", "0"), "Failing": failing(500, "InternalFailure"), "Throttled": failing(400, "LimitExceededException")} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, map[string][]reply{"GetShardIterator": {iterator("i1")}, "GetRecords": {answer}})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r := s.client().NewReader("shard-1", fromStart, kinesis.ReaderOptions{TipPause: time.Hour, MaxBackoff: time.Hour})
			time.AfterFunc(20*time.Millisecond, cancel)
			var err error
			for err == nil {
				_, err = r.Next(ctx)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Ensure the pause at the tip grows to a second while nothing comes, and is 200 ms
// again from the first record on; a shard that was never idle is not slowed down.
func TestReader_IdlePause(t *testing.T) {
	s := &service{t: t, url: "http://kinesis.invalid", answers: map[string][]reply{
		"GetShardIterator": {iterator("i")},
		"GetRecords": {
			page("i", "0", "11"), page("i", "0"), page("i", "0"), page("i", "0"), page("i", "0"), page("i", "0"),
			page("i", "0", "12"), page("i", "0"), page("i", "0"), page("i", "500"), page("i", "0", "13"), page("i", "0"), page("i", "0"),
		},
	}}
	synctest.Test(t, func(t *testing.T) {
		client := kinesis.New(aws.Config{
			Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, BaseEndpoint: &s.url, HTTPClient: s,
		}, "trips")
		r := client.NewReader("shard-1", fromStart, kinesis.ReaderOptions{})
		var pauses []int64
		for range 13 {
			began := time.Now()
			next(t, r)
			pauses = append(pauses, time.Since(began).Milliseconds())
		}
		want := []int64{0, 200, 200, 400, 800, 1000, 1000, 200, 200, 400, 0, 200, 200}
		if !slices.Equal(pauses, want) {
			t.Errorf("pauses of %v ms, want %v", pauses, want)
		}
	})
}
