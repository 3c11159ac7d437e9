package kinesis

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"taxistream/localstack/kinesis/protocol"
)

const (
	// SubscriptionLife is how long a SubscribeToShard lasts.
	SubscriptionLife = 5 * time.Minute
	// subscriptionRest is how long after one another one of the same consumer and shard
	// is refused; later it takes its place.
	subscriptionRest = 5 * time.Second
	// beat is how often a subscription tells of a shard that nothing comes to.
	beat = time.Second
	// eventBytes is about the data of one event.
	eventBytes = 1 << 20
	// unreadTimeout is how long an event may wait for its client.
	unreadTimeout = 30 * time.Second
)

// subscription pushes a shard's records to one client. One goroutine, that of its
// request, works on it; others may stop it.
type subscription struct {
	stream  *stream
	shard   *shard
	begunMs int64
	next    uint64 // the counter to go on from

	stopped chan struct{} // closed by stop
	why     *apiError     // of that; set before
	over    atomic.Bool   // stopped, or ended by itself
}

// stop ends the subscription with an error; consumer.mu is held.
func (sub *subscription) stop(why *apiError) {
	if !sub.over.Swap(true) {
		sub.why = why
		close(sub.stopped)
	}
}

type subscribeRequest struct {
	ConsumerARN      string `check:"required len=1..2048 pattern=consumer"`
	ShardId          string `check:"required len=1..128 pattern=name"`
	StartingPosition *struct {
		Type           string `check:"required enum=AFTER_SEQUENCE_NUMBER|LATEST|AT_TIMESTAMP|AT_SEQUENCE_NUMBER|TRIM_HORIZON"`
		SequenceNumber string `check:"pattern=sequence"`
		Timestamp      *protocol.Millis
	} `check:"required"`
}

// subscribe answers SubscribeToShard so far as it can be refused; what is pushed comes
// from push.
func (s *Server) subscribe(c *call) *apiError {
	in := subscribeRequest{}
	if apiErr := c.decode(&in); apiErr != nil {
		return apiErr
	}
	at := shardIteratorRequest{
		ShardIteratorType: in.StartingPosition.Type, StartingSequenceNumber: in.StartingPosition.SequenceNumber,
		Timestamp: in.StartingPosition.Timestamp,
	}
	if apiErr := at.check(); apiErr != nil {
		return apiErr
	}
	st, reader, apiErr := s.consumer(consumerRef{ConsumerARN: in.ConsumerARN})
	if apiErr != nil {
		return apiErr
	}
	now := s.now()
	if !s.reached(reader.readyMs) {
		return inUse("Consumer %s under account %s is not ACTIVE, instead in state %s", in.ConsumerARN, s.options.Account, statusCreating)
	}
	number, ok := shardNumber(in.ShardId)
	if !ok {
		return s.noShard(in.ShardId, streamRef{StreamName: st.name})
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	sh := st.shard(number)
	if sh == nil || st.gone {
		return notFound("Shard %s in stream %s under account %s does not exist", shardID(number), st.name, s.options.Account)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sub := &subscription{stream: st, shard: sh, begunMs: now, stopped: make(chan struct{})}
	if sub.next, apiErr = s.position(st, sh, &at); apiErr != nil {
		return apiErr
	}
	if apiErr := reader.take(sub); apiErr != nil {
		return apiErr
	}
	c.subscription = sub
	return nil
}

// take makes sub the consumer's subscription of its shard, in place of the last one.
func (c *consumer) take(sub *subscription) *apiError {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := c.subs[sub.shard]; last != nil {
		if since := sub.begunMs - last.begunMs; since >= 0 && since < subscriptionRest.Milliseconds() {
			return inUse("Another active subscription exists for this consumer: %s and shard: %s; try again after %v.",
				sub.stream.consumerARN(c), sub.shard.id, subscriptionRest)
		}
		last.stop(inUse("Another subscription of consumer %s to shard %s has taken the place of this one.", sub.stream.consumerARN(c), sub.shard.id))
	}
	c.subs[sub.shard] = sub
	return nil
}

// pushed is an event of a subscription beside its records.
type pushed struct {
	ContinuationSequenceNumber string `json:",omitempty"` // none at the shard's end
	MillisBehindLatest         int64
	ChildShards                []childShard `json:",omitempty"`
}

// look reads what comes next. Where nothing does, more is closed once something has.
func (s *Server) look(sub *subscription, parts []part) (found answer, head pushed, more <-chan struct{}, apiErr *apiError) {
	now := s.now()
	st, sh := sub.stream, sub.shard
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone {
		return found, head, nil, notFound("Stream %s under account %s not found.", st.name, s.options.Account)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	horizon := s.trimHorizon(st, now)
	sh.trim(horizon)
	found, err := sh.read(sub.next, MaxGetRecords, eventBytes, horizon, parts)
	if err != nil {
		return found, head, nil, internalFailure("%v", err)
	}
	sub.next = found.next
	if found.more {
		head.MillisBehindLatest = max(1, now-found.lastArrival)
	}
	if !sh.open() && !found.more {
		head.ChildShards = sh.childShards()
		return found, head, nil, nil
	}
	head.ContinuationSequenceNumber = sh.form.text(max(sub.next, sh.startCounter+1) - 1)
	return found, head, sh.wait(), nil
}

// push answers a subscription: events for as long as it lasts.
func (s *Server) push(ctx context.Context, w http.ResponseWriter, c *call) {
	sub := c.subscription
	s.counts.subscriptions.Add(1)
	defer func() {
		sub.over.Store(true)
		s.counts.subscriptions.Add(-1)
	}()
	w.Header()["Content-Type"] = []string{"application/vnd.amazon.eventstream"}
	p := pusher{w: w, control: http.NewResponseController(w), server: s, call: c}
	empty, err := c.protocol.Append(nil, struct{}{})
	if err != nil || !p.send(c.protocol.AppendEvent(nil, "initial-response", empty)) {
		return
	}
	life := time.NewTimer(s.options.SubscriptionLife)
	defer life.Stop()
	pulse := time.NewTicker(beat)
	defer pulse.Stop()
	for due := true; ; { // the first event comes at once, with records or without
		found, head, more, apiErr := s.look(sub, c.found.parts[:0])
		if apiErr != nil {
			p.end(apiErr)
			return
		}
		if found.records > 0 || due || head.ChildShards != nil {
			if !p.event(head, found) || head.ChildShards != nil {
				return
			}
			pulse.Reset(beat)
		}
		due = false
		if found.records > 0 {
			more = closed // look again before waiting
		}
		select {
		case <-ctx.Done():
			return
		case <-life.C:
			return
		case <-s.faults.stopped:
			return
		case <-sub.stopped:
			p.end(sub.why)
			return
		case <-pulse.C:
			due = true
		case <-more:
		}
	}
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// pusher writes events; each of its methods says whether the client is still there.
type pusher struct {
	w       http.ResponseWriter
	control *http.ResponseController
	server  *Server
	call    *call
	message []byte
}

func (p *pusher) event(head pushed, found answer) bool {
	c := p.call
	c.found = found // released with the call, too, if the client goes
	payload, err := appendRecords(c.out[:0], c.protocol, head, &c.found)
	c.found.release()
	c.found = answer{parts: c.found.parts[:0]}
	if err != nil {
		p.end(internalFailure("%v", err))
		return false
	}
	c.out = payload
	p.server.counts.pushedRecords.Add(int64(found.records))
	p.message = c.protocol.AppendEvent(p.message[:0], "SubscribeToShardEvent", payload)
	if c.fault.Drop && found.records > 0 {
		p.server.counts.faults.Add(1)
		p.send(p.message[:len(p.message)/2])
		panic(http.ErrAbortHandler)
	}
	return p.send(p.message)
}

// end sends the error that ends the subscription.
func (p *pusher) end(why *apiError) {
	p.server.counts.errors.Add(1)
	payload := why.append(nil, p.call.protocol)
	p.send(p.call.protocol.AppendException(p.message[:0], why.code, payload))
}

func (p *pusher) send(message []byte) bool {
	_ = p.control.SetWriteDeadline(time.Now().Add(unreadTimeout)) //nolint:forbidigo // the network's clock; a recorder has none
	_, err := p.w.Write(message)
	if err == nil {
		err = p.control.Flush()
	}
	return err == nil
}
