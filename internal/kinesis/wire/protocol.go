package wire

import (
	"context"
	"io"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/schemas"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/segmentio/asm/base64"
)

// Switch is the environment variable that leaves bodies and answers to the SDK, if
// it has any value.
const Switch = "TAXISTREAM_STOCK_KINESIS"

// Help is what a program's help says of it.
const Help = Switch + "=1 in the environment leaves the reading and writing of Kinesis' JSON to the AWS SDK: slower, and the same in all else."

// Use puts the fast path under a client, if the client speaks the protocol that it
// knows, and it is not switched off.
func Use(o *kinesis.Options) {
	switch {
	case o.Protocol == nil || o.Protocol.ID().Name != "awsJson1_1":
	case os.Getenv(Switch) != "":
		o.Protocol = quiet{o.Protocol}
	default:
		o.Protocol = protocol{quiet{o.Protocol}}
	}
}

// Subscription gives a SubscribeToShard call a protocol of its own: that of a client
// holds one decoder of events for all its subscriptions, which is not made for many
// goroutines.
func Subscription(o *kinesis.Options) {
	if o.Protocol != nil && o.Protocol.ID().Name == "awsJson1_1" {
		o.Protocol = quiet{awsjson.New11(schemas.Kinesis_20131202)}
	}
}

// quiet is the SDK's own protocol, but for a fault of its bodies that both paths
// must be free of.
//
// A bytes.Reader body gets a WriterTo that answers io.EOF once it is closed, and
// the SDK closes it as soon as the answer is there; a fast server's answer comes
// before net/http has looked at the body for the last time, which then takes the
// connection for broken. A body that only reads, seeks and knows its length has
// no such end.
type quiet struct{ smithyhttp.ClientProtocol }

// SerializeRequest implements smithyhttp.ClientProtocol.
func (q quiet) SerializeRequest(ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, req *smithyhttp.Request) error {
	if err := q.ClientProtocol.SerializeRequest(ctx, schema, in, req); err != nil {
		return err
	}
	if body, ok := req.GetStream().(seekLener); ok {
		return setBody(req, body)
	}
	return nil
}

func setBody(req *smithyhttp.Request, body seekLener) error {
	changed, err := req.SetStream(plainBody{body})
	if err == nil {
		*req = *changed
	}
	return err
}

// protocol writes the body of PutRecords, by far the largest, at its exact size:
// the SDK's serializer grows its buffer by doubling on every call. All else of the
// request is the SDK's, made from an empty input.
type protocol struct{ quiet }

// SerializeRequest implements smithyhttp.ClientProtocol.
func (p protocol) SerializeRequest(ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, req *smithyhttp.Request) error {
	put, ok := in.(*kinesis.PutRecordsInput)
	if !ok {
		return p.quiet.SerializeRequest(ctx, schema, in, req)
	}
	memory := bodyOf(ctx)
	encoded := appendPutRecords(memory.buf[:0], put)
	if encoded == nil {
		return p.quiet.SerializeRequest(ctx, schema, in, req)
	}
	memory.buf = encoded
	if err := p.ClientProtocol.SerializeRequest(ctx, schema, &kinesis.PutRecordsInput{}, req); err != nil {
		return err
	}
	return setBody(req, memory.reader())
}

type seekLener interface {
	io.ReadSeeker
	Len() int
}

// plainBody hides every method of a body but these three.
type plainBody struct{ body seekLener }

func (b plainBody) Read(p []byte) (int, error)                 { return b.body.Read(p) }
func (b plainBody) Seek(offset int64, from int) (int64, error) { return b.body.Seek(offset, from) }
func (b plainBody) Len() int                                   { return b.body.Len() }

// recordOverhead is more than the JSON around the values of one record.
const recordOverhead = 64

// appendPutRecords writes the body of a PutRecords call, byte for byte as the
// SDK does. It returns nil for an input that it does not know how to write.
func appendPutRecords(b []byte, in *kinesis.PutRecordsInput) []byte {
	by, stream := `],"StreamName":"`, in.StreamName
	if in.StreamARN != nil {
		by, stream = `],"StreamARN":"`, in.StreamARN
	}
	if stream == nil || in.StreamName != nil && in.StreamARN != nil || in.StreamId != nil || len(in.Records) == 0 || !plain(stream) {
		return nil
	}
	size := recordOverhead + len(*stream)
	for i := range in.Records {
		r := &in.Records[i]
		if r.PartitionKey == nil || r.Data == nil || !plain(r.PartitionKey) || !plain(r.ExplicitHashKey) {
			return nil
		}
		size += recordOverhead + base64.StdEncoding.EncodedLen(len(r.Data)) + len(*r.PartitionKey)
		if r.ExplicitHashKey != nil {
			size += len(*r.ExplicitHashKey)
		}
	}
	b = append(slices.Grow(b, size), `{"Records":[`...)
	for i := range in.Records {
		r := &in.Records[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Data":"`...)
		n := len(b)
		b = b[:n+base64.StdEncoding.EncodedLen(len(r.Data))] // within size
		base64.StdEncoding.Encode(b[n:], r.Data)
		if r.ExplicitHashKey != nil {
			b = append(b, `","ExplicitHashKey":"`...)
			b = append(b, *r.ExplicitHashKey...)
		}
		b = append(b, `","PartitionKey":"`...)
		b = append(b, *r.PartitionKey...)
		b = append(b, `"}`...)
	}
	b = append(b, by...)
	b = append(b, *stream...)
	return append(b, `"}`...)
}

// plain reports whether a string stands in JSON as it is.
func plain(s *string) bool {
	if s == nil {
		return true
	}
	for i := range len(*s) {
		if c := (*s)[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
