package kinesis

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"taxistream/localstack/kinesis/protocol"
	"taxistream/localstack/listen"
)

// call is one request on its way through the server; reused by later ones.
type call struct {
	protocol  *protocol.Protocol // nil until the content type says it
	operation string
	fault     Fault
	body      []byte // the request's; what aliases it ends with the call
	out       []byte // the answer, or what precedes found
	found     answer // records of GetRecords, written between out and closing
	closing   string
	put       putRequest

	subscription *subscription // a SubscribeToShard that was not refused
}

var calls = sync.Pool{New: func() any { return new(call) }}

// Buffers above keepBytes are left to the garbage collector after their call.
const keepBytes = 8 << 20

// maxBody holds a PutRecords of MaxPutBytes in base64 with its keys escaped, and
// somewhat larger ones, which are told why they are refused.
const maxBody = 2*MaxPutBytes + MaxPutRecords*2048

// operation answers a call in c.out.
type operation func(s *Server, c *call) *apiError

const service = "Kinesis_20131202"

// operations are what the server can do; docs/kinesis.md lists them.
var operations = map[string]operation{
	"PutRecords": (*Server).putRecords,
	"GetRecords": (*Server).getRecords,
	"PutRecord":  (*Server).putRecord,

	"GetShardIterator": typed((*Server).getShardIterator),

	"CreateStream":          typed((*Server).createStream),
	"DeleteStream":          typed((*Server).deleteStream),
	"DescribeStream":        typed((*Server).describeStream),
	"DescribeStreamSummary": typed((*Server).describeStreamSummary),
	"DescribeLimits":        typed((*Server).describeLimits),
	"ListStreams":           typed((*Server).listStreams),
	"ListShards":            typed((*Server).listShards),

	"SubscribeToShard":         (*Server).subscribe,
	"RegisterStreamConsumer":   typed((*Server).registerConsumer),
	"DeregisterStreamConsumer": typed((*Server).deregisterConsumer),
	"DescribeStreamConsumer":   typed((*Server).describeConsumer),
	"ListStreamConsumers":      typed((*Server).listConsumers),

	"SplitShard":       typed((*Server).splitShard),
	"MergeShards":      typed((*Server).mergeShards),
	"UpdateShardCount": typed((*Server).updateShardCount),

	"IncreaseStreamRetentionPeriod": typed((*Server).increaseRetention),
	"DecreaseStreamRetentionPeriod": typed((*Server).decreaseRetention),
	"UpdateStreamMode":              typed((*Server).updateStreamMode),
	"UpdateMaxRecordSize":           typed((*Server).updateRecordSize),

	"AddTagsToStream":      typed((*Server).addTags),
	"RemoveTagsFromStream": typed((*Server).removeTags),
	"ListTagsForStream":    typed((*Server).listTags),
	"TagResource":          typed((*Server).tagResource),
	"UntagResource":        typed((*Server).untagResource),
	"ListTagsForResource":  typed((*Server).listTagsForResource),

	"StartStreamEncryption":      typed((*Server).startEncryption),
	"StopStreamEncryption":       typed((*Server).stopEncryption),
	"EnableEnhancedMonitoring":   typed((*Server).enableMonitoring),
	"DisableEnhancedMonitoring":  typed((*Server).disableMonitoring),
	"UpdateStreamWarmThroughput": typed((*Server).updateWarmThroughput),
	"PutResourcePolicy":          typed((*Server).putPolicy),
	"GetResourcePolicy":          typed((*Server).getPolicy),
	"DeleteResourcePolicy":       typed((*Server).deletePolicy),
	"DescribeAccountSettings":    typed((*Server).describeAccount),
	"UpdateAccountSettings":      typed((*Server).updateAccount),
}

// typed makes an operation of a function from a decoded request to an answer;
// a nil answer is an empty body, as the service gives it.
func typed[In any](f func(*Server, *In) (any, *apiError)) operation {
	return func(s *Server, c *call) *apiError {
		in := new(In)
		if apiErr := c.decode(in); apiErr != nil {
			return apiErr
		}
		answer, apiErr := f(s, in)
		if apiErr != nil || answer == nil {
			return apiErr
		}
		return c.answer(answer)
	}
}

// decode reads the request in its protocol and holds it to the bounds of in's tags.
func (c *call) decode(in any) *apiError { return requestError(c.protocol.Decode(c.body, in)) }

// answer writes v, a struct, in the request's protocol.
func (c *call) answer(v any) *apiError {
	out, err := c.protocol.Append(c.out, v)
	if err != nil {
		return internalFailure("%v", err)
	}
	c.out = out
	return nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.life.RLock()
	defer s.life.RUnlock()
	s.counts.requests.Add(1)
	id := s.requestID()
	header := w.Header()
	header["X-Amzn-Requestid"] = []string{id}
	header["X-Amz-Id-2"] = []string{base64.StdEncoding.EncodeToString([]byte(id + id))}

	c := calls.Get().(*call)
	defer c.free()
	apiErr := s.accept(c, w, r)
	if apiErr == nil {
		apiErr = s.run(c)
	}
	if apiErr == nil && c.subscription != nil {
		s.push(r.Context(), w, c)
		return
	}
	s.reply(w, c, apiErr)
}

// run does what the request asks, unless a fault comes first.
func (s *Server) run(c *call) *apiError {
	c.fault = s.faults.choose(c.operation)
	if c.fault.Delay > 0 {
		s.counts.faults.Add(1)
		timer := time.NewTimer(c.fault.Delay)
		select {
		case <-timer.C:
		case <-s.faults.stopped:
			timer.Stop()
			return unavailable("The embedded server is closing.")
		}
	}
	switch c.fault.Status {
	case 0:
		apiErr := operations[c.operation](s, c)
		if apiErr == nil && changes(c.operation) {
			if err := s.saveChanged(); err != nil {
				return internalFailure("%v", err)
			}
		}
		return apiErr
	case http.StatusServiceUnavailable:
		s.counts.faults.Add(1)
		return unavailable("Injected fault.")
	default:
		s.counts.faults.Add(1)
		return internalFailure("Injected fault.")
	}
}

// reply writes the answer with its length, or cuts it off where a fault says so.
func (s *Server) reply(w http.ResponseWriter, c *call, apiErr *apiError) {
	status := http.StatusOK
	header := w.Header()
	if c.protocol != nil {
		header["Content-Type"] = c.protocol.ContentType()
	}
	if apiErr != nil {
		s.counts.errors.Add(1)
		status = apiErr.status
		c.out = apiErr.append(c.out[:0], c.protocol)
		header["X-Amzn-Errortype"] = []string{apiErr.code}
		header["X-Amzn-Error-Message"] = []string{apiErr.headerText()}
	}
	length := len(c.out) + len(c.closing)
	for _, p := range c.found.parts {
		length += p.length
	}
	header["Content-Length"] = []string{strconv.Itoa(length)}
	defer listen.Answer(w)()
	w.WriteHeader(status)
	if c.fault.Drop {
		s.counts.faults.Add(1)
		_, _ = w.Write(c.out[:len(c.out)/2]) // the connection is cut next
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	if err := c.write(w); err != nil {
		s.counts.cut.Add(1)
		panic(http.ErrAbortHandler) // the length is announced: only a cut says that it is not all
	}
}

func (c *call) write(w io.Writer) error {
	if _, err := w.Write(c.out); err != nil {
		return err
	}
	for _, p := range c.found.parts {
		if err := p.write(w); err != nil {
			return err
		}
	}
	if c.closing == "" {
		return nil
	}
	_, err := io.WriteString(w, c.closing)
	return err
}

// free gives back what the call holds, cut answers included.
func (c *call) free() {
	c.found.release()
	clear(c.found.parts)
	c.found = answer{parts: c.found.parts[:0]}
	c.protocol, c.operation, c.fault, c.closing, c.subscription = nil, "", Fault{}, "", nil
	c.put.reset()
	if cap(c.body) > keepBytes {
		c.body = nil
	}
	if cap(c.out) > keepBytes {
		c.out = nil
	}
	c.body, c.out = c.body[:0], c.out[:0]
	calls.Put(c)
}

// requestID spells the request's number as the identifiers of the service look.
func (s *Server) requestID() string {
	id := []byte("00000000-0000-4000-8000-000000000000")
	n := s.request.Add(1)
	for i := len(id) - 1; n > 0; i-- {
		id[i] = "0123456789abcdef"[n&15]
		n >>= 4
		if i == 24 {
			break
		}
	}
	return string(id)
}
