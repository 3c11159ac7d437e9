// Package protocol is how requests and answers of Kinesis are spelled: JSON 1.1
// and AWS's CBOR, chosen by content type, with the service's texts for what is
// no request (a wrong type, a value out of bounds). It knows no operation: a
// request is a struct whose fields are the members, whose tags are their bounds:
//
//	StreamName string   `check:"required len=1..128 pattern=name"`
//	Limit      *int     `check:"range=1..10000"`
//	TagKeys    []string `check:"required len=1..50 each=1..128"`
//
// The words of a tag: required (not null); unless=A|B (needed while none of the
// named members is given); len, range (bounds, either end may be left out); pattern (of
// the table in check.go); enum=A|B; each, keys, values (lengths of a list's or map's
// elements); shown (what stands for a structure in a text). An answer is a struct,
// too, with encoding/json's tags. Timestamps are Millis, blobs []byte in both.
package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// Protocol is one way to spell. It is one of JSON and CBOR.
type Protocol struct {
	contentType []string
	parse       func(body []byte) (any, error)
	append      func(dst []byte, v any) ([]byte, error)
	open        func(dst []byte, list string, n int) []byte
}

// The two protocols of the service.
var (
	JSON = &Protocol{[]string{"application/x-amz-json-1.1"}, parseJSON, appendJSON, openJSON}
	CBOR = &Protocol{[]string{"application/x-amz-cbor-1.1"}, parseCBOR, appendCBOR, openCBOR}
)

// Of returns the protocol of a media type without parameters, nil if it has none.
func Of(mediaType string) *Protocol {
	switch mediaType {
	case JSON.contentType[0]:
		return JSON
	case CBOR.contentType[0]:
		return CBOR
	}
	return nil
}

// ContentType is the value of the header, not to be changed.
func (p *Protocol) ContentType() []string { return p.contentType }

// SerializationError says that a body does not have the types of its operation.
type SerializationError struct {
	Message string // the service's text; "" where it has none: the body is no object
	Cause   error  // then why, for people
}

func (e *SerializationError) Error() string {
	if e.Cause != nil {
		return e.Cause.Error()
	}
	return e.Message
}

// ValidationError says which members break their bounds, in the service's words.
type ValidationError struct{ Violations []string }

func (e *ValidationError) Error() string {
	plural := "s"
	if len(e.Violations) == 1 {
		plural = ""
	}
	text := fmt.Sprintf("%d validation error%s detected: ", len(e.Violations), plural)
	for i, v := range e.Violations {
		if i > 0 {
			text += "; "
		}
		text += v
	}
	return text
}

// Checker is a request with bounds that no tag can tell.
type Checker interface {
	// Check is called once the members are there, with what notes a violation.
	Check(violate func(value, path, constraint string))
}

// Decode reads a request into the struct that in points to, and holds it to the
// bounds of its tags. Its error is a SerializationError or a ValidationError.
// Unknown members are ignored, null is absent, of repeated members the last counts.
func (p *Protocol) Decode(body []byte, in any) error {
	members, err := p.object(body)
	if err != nil {
		return err
	}
	var b binder
	if err := b.structure(members, reflect.ValueOf(in).Elem(), ""); err != nil {
		return err
	}
	if more, ok := in.(Checker); ok {
		more.Check(b.violate)
	}
	if len(b.violations) > 0 {
		return &ValidationError{b.violations}
	}
	return nil
}

// Check says whether a body is an object at all, whatever its members are.
func (p *Protocol) Check(body []byte) error {
	_, err := p.object(body)
	return err
}

func (p *Protocol) object(body []byte) (map[string]any, error) {
	tree, err := p.parse(body)
	if err != nil {
		return nil, &SerializationError{Cause: err}
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, &SerializationError{Cause: errors.New("the body is no object")}
	}
	return members, nil
}

// Append writes an answer or the payload of an event. An error is a fault of the
// program: answers can be encoded.
func (p *Protocol) Append(dst []byte, v any) ([]byte, error) { return p.append(dst, v) }

// AppendOpen writes v, a struct of at most 22 members, at least one of them present, and
// begins one more member, a list of n elements. The caller writes the elements (in
// JSON with commas between them), then Close.
func (p *Protocol) AppendOpen(dst []byte, v any, list string, n int) ([]byte, error) {
	begin := len(dst)
	out, err := p.append(dst, v)
	if err != nil {
		return nil, err
	}
	return append(out[:begin], p.open(out[begin:], list, n)...), nil
}

// Close is what ends an answer that AppendOpen began.
func (p *Protocol) Close() string {
	if p == JSON {
		return "]}"
	}
	return "" // lengths came first
}

func parseJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("the body is no JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the body is more than one JSON value")
	}
	return tree, nil
}

func appendJSON(dst []byte, v any) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode an answer as JSON: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func openJSON(object []byte, list string, _ int) []byte {
	object = append(object[:len(object)-1], `,"`...)
	return append(append(object, list...), `":[`...)
}

// Bodies are bounded by the server; what nests deeper or is longer is no request.
var (
	cborIn = must(cbor.DecOptions{
		DefaultMapType: reflect.TypeFor[map[string]any](), DupMapKey: cbor.DupMapKeyQuiet, MaxNestedLevels: 16,
	}.DecMode())
	cborOut = must(cbor.EncOptions{}.EncMode())
)

func must[T any](mode T, err error) T {
	if err != nil {
		panic("embedded kinesis: " + err.Error()) // constants above
	}
	return mode
}

func parseCBOR(body []byte) (any, error) {
	var tree any
	if err := cborIn.Unmarshal(body, &tree); err != nil {
		return nil, fmt.Errorf("the body is no CBOR: %w", err)
	}
	return tree, nil
}

func appendCBOR(dst []byte, v any) ([]byte, error) {
	encoded, err := cborOut.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode an answer as CBOR: %w", err)
	}
	return append(dst, encoded...), nil
}

func openCBOR(object []byte, list string, n int) []byte {
	object[0]++ // a map of under 23 members says their number in its first byte
	return AppendHead(AppendText(object, list), MajorArray, n)
}

// Major types of CBOR that are written by hand, where a value need not be built first.
const (
	MajorBytes = 2 << 5
	MajorText  = 3 << 5
	MajorArray = 4 << 5
	MajorMap   = 5 << 5
)

// AppendHead writes the head of a CBOR item of n bytes, elements or members.
func AppendHead(dst []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n < 1<<8:
		return append(dst, major|24, byte(n))
	case n < 1<<16:
		return append(dst, major|25, byte(n>>8), byte(n))
	}
	return append(dst, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// AppendText writes a CBOR text.
func AppendText[T string | []byte](dst []byte, text T) []byte {
	return append(AppendHead(dst, MajorText, len(text)), text...)
}
