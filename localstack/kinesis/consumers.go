package kinesis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"taxistream/localstack/kinesis/protocol"
)

// consumer is a reader by enhanced fan-out, registered with a stream.
type consumer struct {
	name      string
	createdMs int64
	readyMs   int64             // end of CREATING
	tags      map[string]string // guarded by stream.mu; replaced, never changed

	mu   sync.Mutex
	subs map[*shard]*subscription // the last of each shard, running or over
}

// maxConsumers is how many a stream may have.
const maxConsumers = 20

func (st *stream) consumerARN(c *consumer) string {
	return fmt.Sprintf("%s/consumer/%s:%d", st.arn, c.name, c.createdMs/1000)
}

// consumerFacts describe a consumer as the API does.
type consumerFacts struct {
	ConsumerName, ConsumerARN, ConsumerStatus string
	ConsumerCreationTimestamp                 protocol.Millis
}

func (s *Server) consumerFacts(st *stream, c *consumer) consumerFacts {
	status := statusActive
	if !s.reached(c.readyMs) {
		status = statusCreating
	}
	return consumerFacts{c.name, st.consumerARN(c), status, protocol.Millis(c.createdMs)}
}

type registerRequest struct {
	StreamARN    string            `check:"required len=1..2048 pattern=stream"`
	ConsumerName string            `check:"required len=1..128 pattern=name"`
	Tags         map[string]string `check:"len=1..200 keys=1..128 values=0..256"`
}

// registerConsumer answers RegisterStreamConsumer; the answer says CREATING, as the service's.
func (s *Server) registerConsumer(in *registerRequest) (any, *apiError) {
	st, apiErr := s.ready(streamRef{StreamARN: in.StreamARN})
	if apiErr != nil {
		return nil, apiErr
	}
	if apiErr := s.checkTags(st.name, in.Tags, len(in.Tags)); apiErr != nil {
		return nil, apiErr
	}
	now := s.now()
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.consumers[in.ConsumerName] != nil {
		return nil, inUse("Consumer %s under stream %s already exists for account %s.", in.ConsumerName, st.arn, s.options.Account)
	}
	if len(st.consumers) == maxConsumers {
		return nil, limitExceeded("Stream %s under account %s has %d consumers, which is the most.", st.name, s.options.Account, maxConsumers)
	}
	c := newConsumer(in.ConsumerName, now, until(now, s.options.CreateDelay), in.Tags)
	st.consumers[c.name] = c
	facts := s.consumerFacts(st, c)
	facts.ConsumerStatus = statusCreating
	return struct{ Consumer consumerFacts }{facts}, nil
}

func newConsumer(name string, createdMs, readyMs int64, tags map[string]string) *consumer {
	return &consumer{name: name, createdMs: createdMs, readyMs: readyMs, tags: tags, subs: map[*shard]*subscription{}}
}

// consumerRef is how requests name a consumer: by its ARN, or by its stream's and its name.
type consumerRef struct {
	StreamARN    string `check:"len=1..2048 pattern=stream"`
	ConsumerName string `check:"len=1..128 pattern=name"`
	ConsumerARN  string `check:"len=1..2048 pattern=consumer"`
}

// consumer finds the consumer of a request.
func (s *Server) consumer(ref consumerRef) (*stream, *consumer, *apiError) {
	streamARN, name := ref.StreamARN, ref.ConsumerName
	if ref.ConsumerARN != "" {
		var rest string
		streamARN, rest, _ = strings.Cut(ref.ConsumerARN, "/consumer/")
		name, _, _ = strings.Cut(rest, ":")
	} else if streamARN == "" || name == "" {
		return nil, nil, invalid("Either ConsumerARN, or StreamARN and ConsumerName, must be given.")
	}
	st, apiErr := s.ready(streamRef{StreamARN: streamARN})
	if apiErr != nil {
		return nil, nil, apiErr
	}
	st.mu.RLock()
	c := st.consumers[name]
	st.mu.RUnlock()
	if c == nil || ref.ConsumerARN != "" && st.consumerARN(c) != ref.ConsumerARN {
		return nil, nil, notFound("Consumer %s, account %s not found.", cmp.Or(ref.ConsumerARN, name), s.options.Account)
	}
	return st, c, nil
}

func (s *Server) describeConsumer(in *consumerRef) (any, *apiError) {
	st, c, apiErr := s.consumer(*in)
	if apiErr != nil {
		return nil, apiErr
	}
	type description struct {
		consumerFacts
		StreamARN string
	}
	return struct{ ConsumerDescription description }{description{s.consumerFacts(st, c), st.arn}}, nil
}

// deregisterConsumer answers DeregisterStreamConsumer, at once; its subscriptions end.
func (s *Server) deregisterConsumer(in *consumerRef) (any, *apiError) {
	st, c, apiErr := s.consumer(*in)
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.Lock()
	if st.consumers[c.name] == c {
		delete(st.consumers, c.name)
	}
	st.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sub := range c.subs {
		sub.stop(notFound("Consumer %s, account %s not found.", st.consumerARN(c), s.options.Account))
	}
	return nil, nil
}

type listConsumersRequest struct {
	StreamARN               string `check:"required len=1..2048 pattern=stream"`
	NextToken               string `check:"len=1..1048576"`
	MaxResults              int    `check:"range=1..10000"`
	StreamCreationTimestamp *protocol.Millis
}

// listConsumers answers ListStreamConsumers in the order of names; a page token is the last name.
func (s *Server) listConsumers(in *listConsumersRequest) (any, *apiError) {
	st, apiErr := s.ready(streamRef{StreamARN: in.StreamARN})
	if apiErr != nil {
		return nil, apiErr
	}
	answer := struct {
		Consumers []consumerFacts
		NextToken string `json:",omitempty"`
	}{Consumers: []consumerFacts{}}
	st.mu.RLock()
	defer st.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(st.consumers)) {
		if name <= in.NextToken {
			continue
		}
		if n := len(answer.Consumers); n == cmp.Or(in.MaxResults, 100) {
			answer.NextToken = answer.Consumers[n-1].ConsumerName
			break
		}
		answer.Consumers = append(answer.Consumers, s.consumerFacts(st, st.consumers[name]))
	}
	return answer, nil
}
