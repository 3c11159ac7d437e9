package kinesis_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/fxamacker/cbor/v2"

	"taxistream/localstack/kinesis"
)

// register makes a consumer and returns its ARN.
func (tg *target) register(name string) string {
	tg.t.Helper()
	stream, err := tg.DescribeStreamSummary(tg.t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(tg.t, err)
	out, err := tg.RegisterStreamConsumer(tg.t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: stream.StreamDescriptionSummary.StreamARN, ConsumerName: &name})
	must(tg.t, err)
	equal(tg.t, "status", out.Consumer.ConsumerStatus, types.ConsumerStatusCreating)
	return *out.Consumer.ConsumerARN
}

func (tg *target) trySubscribe(consumer, shard string, from types.StartingPosition) (*sdk.SubscribeToShardEventStream, error) {
	client := newClient(*tg.Options().BaseEndpoint) // the streams of one client share a codec that is not made for it
	out, err := client.SubscribeToShard(tg.t.Context(), &sdk.SubscribeToShardInput{ConsumerARN: &consumer, ShardId: &shard, StartingPosition: &from}, once)
	if err != nil {
		return nil, err
	}
	tg.t.Cleanup(func() { out.GetStream().Close() })
	return out.GetStream(), nil
}

func (tg *target) subscribe(consumer, shard string, from types.StartingPosition) *sdk.SubscribeToShardEventStream {
	tg.t.Helper()
	stream, err := tg.trySubscribe(consumer, shard, from)
	must(tg.t, err)
	return stream
}

// event is the next one that is not empty, unless any will do.
func event(t *testing.T, stream *sdk.SubscribeToShardEventStream, any bool) types.SubscribeToShardEvent {
	t.Helper()
	for e := range stream.Events() {
		value := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent).Value
		if any || len(value.Records) > 0 || len(value.ChildShards) > 0 {
			return value
		}
	}
	t.Fatalf("the subscription ended: %v", stream.Err())
	return types.SubscribeToShardEvent{}
}

var trimHorizon = types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}

// Ensure that consumers are registered once, described, listed in pages, counted and removed.
func TestConsumers(t *testing.T) {
	tg, _, clock := clocked(t, 1, kinesis.Options{CreateDelay: time.Second})
	clock.advance(time.Second)
	ctx := t.Context()
	second, first := tg.register("b"), tg.register("a")
	streamARN, rest, _ := strings.Cut(first, "/consumer/")
	equal(t, "ARN", rest, fmt.Sprintf("a:%d", clock.time().Unix()))
	_, err := tg.RegisterStreamConsumer(ctx, &sdk.RegisterStreamConsumerInput{StreamARN: &streamARN, ConsumerName: aws.String("a")})
	wantCode(t, "twice", err, "ResourceInUseException")
	_, err = tg.trySubscribe(first, shardName(0), trimHorizon)
	wantCode(t, "in CREATING", err, "ResourceInUseException")
	for delay, status := range map[time.Duration]types.ConsumerStatus{0: types.ConsumerStatusCreating, time.Second: types.ConsumerStatusActive} {
		if delay > 0 {
			clock.advance(delay)
		}
		for _, by := range []*sdk.DescribeStreamConsumerInput{{ConsumerARN: &first}, {StreamARN: &streamARN, ConsumerName: aws.String("a")}} {
			out, err := tg.DescribeStreamConsumer(ctx, by)
			must(t, err)
			got := out.ConsumerDescription
			if delay > 0 {
				equal(t, "status", got.ConsumerStatus, status)
			}
			equal(t, "described", *got.ConsumerName+" "+*got.ConsumerARN+" "+*got.StreamARN, "a "+first+" "+streamARN)
		}
	}
	page, err := tg.ListStreamConsumers(ctx, &sdk.ListStreamConsumersInput{StreamARN: &streamARN, MaxResults: aws.Int32(1)})
	must(t, err)
	equal(t, "first page", *page.Consumers[0].ConsumerARN, first)
	page, err = tg.ListStreamConsumers(ctx, &sdk.ListStreamConsumersInput{StreamARN: &streamARN, NextToken: page.NextToken})
	must(t, err)
	equal(t, "second page", *page.Consumers[0].ConsumerARN, second)
	equal(t, "third page", page.NextToken, nil)
	summary, err := tg.DescribeStreamSummary(ctx, &sdk.DescribeStreamSummaryInput{StreamName: &tg.stream})
	must(t, err)
	equal(t, "count", *summary.StreamDescriptionSummary.ConsumerCount, 2)
	_, err = tg.DeregisterStreamConsumer(ctx, &sdk.DeregisterStreamConsumerInput{ConsumerARN: &first})
	must(t, err)
	_, err = tg.DescribeStreamConsumer(ctx, &sdk.DescribeStreamConsumerInput{ConsumerARN: &first})
	wantCode(t, "removed", err, "ResourceNotFoundException")
	for i := range 19 {
		tg.register(fmt.Sprint(i))
	}
	_, err = tg.RegisterStreamConsumer(ctx, &sdk.RegisterStreamConsumerInput{StreamARN: &streamARN, ConsumerName: aws.String("more")})
	wantCode(t, "the 21st", err, "LimitExceededException")
}

// Ensure that records are pushed as they come, from any position, that the sequence number to
// go on from leaves out and repeats nothing, and that a closed shard ends with its children.
func TestSubscribe(t *testing.T) {
	tg, s, clock := clocked(t, 1, kinesis.Options{})
	consumer := tg.register("c")
	again := func(from types.StartingPosition) *sdk.SubscribeToShardEventStream {
		t.Helper()
		clock.advance(5 * time.Second)
		return tg.subscribe(consumer, shardName(0), from)
	}
	stream := again(types.StartingPosition{Type: types.ShardIteratorTypeLatest})
	first := event(t, stream, true)
	equal(t, "nothing yet", len(first.Records), 0)
	equal(t, "behind", *first.MillisBehindLatest, 0)
	tg.put("k", "one")
	got := event(t, stream, false)
	equal(t, "pushed", texts(got.Records), "one")
	equal(t, "to go on from", *got.ContinuationSequenceNumber, *got.Records[0].SequenceNumber)
	equal(t, "running", s.Stats().Subscriptions, 1)
	clock.advance(time.Minute)
	tg.put("k", "two")
	after := func(e types.SubscribeToShardEvent) types.StartingPosition {
		return types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: e.ContinuationSequenceNumber}
	}
	for name, c := range map[string]struct {
		from types.StartingPosition
		want string
	}{
		"TrimHorizon":      {trimHorizon, "one two"},
		"AfterNothing":     {after(first), "one two"},
		"After":            {after(got), "two"},
		"AtSequenceNumber": {types.StartingPosition{Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: got.ContinuationSequenceNumber}, "one two"},
		"AtTimestamp":      {types.StartingPosition{Type: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(clock.time().Add(-time.Second))}, "two"},
	} {
		equal(t, name, texts(event(t, again(c.from), false).Records), c.want)
	}
	stream = again(after(event(t, again(trimHorizon), false)))
	_, err := tg.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: &tg.stream, ShardToSplit: aws.String(shardName(0)), NewStartingHashKey: aws.String(middle)})
	must(t, err)
	end := event(t, stream, false)
	equal(t, "to go on from at the end", end.ContinuationSequenceNumber, nil)
	equal(t, "children", len(end.ChildShards), 2)
	equal(t, "first child", *end.ChildShards[0].ShardId+" of "+strings.Join(end.ChildShards[0].ParentShards, " "), shardName(1)+" of "+shardName(0))
	for range stream.Events() {
		t.Error("an event after the shard's end")
	}
	must(t, stream.Err())
}

// Ensure that a consumer has one subscription a shard: another one is refused for five
// seconds and takes its place later; that it ends with its time, its consumer and its stream.
func TestSubscribe_Ends(t *testing.T) {
	tg, _, clock := clocked(t, 2, kinesis.Options{})
	consumer := tg.register("c")
	wantEnd := func(what string, stream *sdk.SubscribeToShardEventStream, code string) {
		t.Helper()
		for range stream.Events() {
		}
		if code == "" {
			must(t, stream.Err())
		} else {
			wantCode(t, what, stream.Err(), code)
		}
	}
	first := tg.subscribe(consumer, shardName(0), trimHorizon)
	event(t, first, true)
	clock.advance(4999 * time.Millisecond)
	_, err := tg.trySubscribe(consumer, shardName(0), trimHorizon)
	wantCode(t, "too early", err, "ResourceInUseException")
	tg.subscribe(consumer, shardName(1), trimHorizon)
	tg.subscribe(tg.register("other"), shardName(0), trimHorizon)
	clock.advance(time.Millisecond)
	second := tg.subscribe(consumer, shardName(0), trimHorizon)
	wantEnd("taken over", first, "ResourceInUseException")
	_, err = tg.DeregisterStreamConsumer(t.Context(), &sdk.DeregisterStreamConsumerInput{ConsumerARN: &consumer})
	must(t, err)
	wantEnd("deregistered", second, "ResourceNotFoundException")
	third := tg.subscribe(tg.register("c"), shardName(0), trimHorizon)
	event(t, third, true)
	_, err = tg.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: &tg.stream})
	wantCode(t, "with consumers", err, "ResourceInUseException")
	_, err = tg.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: &tg.stream, EnforceConsumerDeletion: aws.Bool(true)})
	must(t, err)
	wantEnd("deleted", third, "ResourceNotFoundException")

	tg, s, _ := clocked(t, 1, kinesis.Options{SubscriptionLife: time.Millisecond})
	wantEnd("its time is over", tg.subscribe(tg.register("c"), shardName(0), trimHorizon), "")
	for name, from := range map[string]types.StartingPosition{
		"number missing":  {Type: types.ShardIteratorTypeAfterSequenceNumber},
		"number too many": {Type: types.ShardIteratorTypeLatest, SequenceNumber: aws.String("1")},
		"of another":      {Type: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: aws.String("12")},
	} {
		_, err = tg.trySubscribe(tg.register(strings.ReplaceAll(name, " ", "-")), shardName(0), from)
		wantCode(t, name, err, "InvalidArgumentException")
	}
	must(t, s.Close())
}

// Ensure that a closing server ends its subscriptions.
func TestSubscribe_Close(t *testing.T) {
	tg, s, _ := clocked(t, 1, kinesis.Options{})
	event(t, tg.subscribe(tg.register("c"), shardName(0), trimHorizon), true)
	must(t, s.Close())
	equal(t, "running", s.Stats().Subscriptions, 0)
}

// Ensure that an injected fault cuts an event in the middle, and that a client goes on from
// what it has without gap and repeat.
func TestSubscribe_Drop(t *testing.T) {
	tg, s, clock := clocked(t, 1, kinesis.Options{})
	consumer := tg.register("c")
	tg.put("k", "one")
	must(t, s.SetFaults(kinesis.Faults{Hook: func(string) kinesis.Fault { return kinesis.Fault{Drop: true} }}))
	stream := tg.subscribe(consumer, shardName(0), trimHorizon)
	for range stream.Events() {
		t.Error("an event came through")
	}
	must(t, s.SetFaults(kinesis.Faults{}))
	clock.advance(5 * time.Second)
	equal(t, "again", texts(event(t, tg.subscribe(consumer, shardName(0), trimHorizon), false).Records), "one")
}

// transports are how a client may reach the server.
func transports() map[string]*http.Transport {
	only := func(set func(*http.Protocols)) *http.Protocols {
		p := new(http.Protocols)
		set(p)
		return p
	}
	return map[string]*http.Transport{
		"HTTP/1.1": {},
		"HTTP/2.0": {Protocols: only(func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) })},
	}
}

// Ensure that a subscription is the same in both protocols, over both versions of HTTP.
func TestSubscribe_Protocols(t *testing.T) {
	tg, _, clock := clocked(t, 1, kinesis.Options{})
	consumer := tg.register("c")
	tg.put("key", "one")
	url := *tg.Options().BaseEndpoint
	for version, transport := range transports() {
		t.Cleanup(transport.CloseIdleConnections)
		for kind, marshal := range map[string]func(any) ([]byte, error){"json": json.Marshal, "cbor": cbor.Marshal} {
			t.Run(version+" "+kind, func(t *testing.T) {
				clock.advance(time.Minute)
				body, err := marshal(map[string]any{"ConsumerARN": consumer, "ShardId": shardName(0), "StartingPosition": map[string]any{"Type": "TRIM_HORIZON"}})
				must(t, err)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
				must(t, err)
				r.Header.Set("X-Amz-Target", "Kinesis_20131202.SubscribeToShard")
				r.Header.Set("Content-Type", "application/x-amz-"+kind+"-1.1")
				r.Header.Set("Authorization", anySignature)
				r.Header.Set("X-Amz-Date", "20260101T000000Z")
				answer, err := transport.RoundTrip(r)
				must(t, err)
				defer answer.Body.Close()
				equal(t, "version", answer.Proto, version)
				equal(t, "content type", answer.Header.Get("Content-Type"), "application/vnd.amazon.eventstream")
				decoder := eventstream.NewDecoder()
				first, err := decoder.Decode(answer.Body, nil)
				must(t, err)
				equal(t, "first", first.Headers.Get(":event-type").String(), "initial-response")
				message, err := decoder.Decode(answer.Body, nil)
				must(t, err)
				equal(t, "event", message.Headers.Get(":event-type").String(), "SubscribeToShardEvent")
				equal(t, "its type", message.Headers.Get(":content-type").String(), "application/x-amz-"+kind+"-1.1")
				var event struct {
					ContinuationSequenceNumber string
					MillisBehindLatest         *int
					Records                    []struct {
						Data                         []byte
						PartitionKey, SequenceNumber string
					}
				}
				if kind == "json" {
					must(t, json.Unmarshal(message.Payload, &event))
				} else {
					must(t, cbor.Unmarshal(message.Payload, &event))
				}
				if len(event.Records) != 1 || string(event.Records[0].Data) != "one" || event.Records[0].PartitionKey != "key" ||
					event.Records[0].SequenceNumber != event.ContinuationSequenceNumber || event.MillisBehindLatest == nil {
					t.Errorf("got %+v", event)
				}
			})
		}
	}
}
