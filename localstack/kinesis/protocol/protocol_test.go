package protocol_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"taxistream/localstack/kinesis/protocol"
)

type entry struct {
	Key  string `check:"required len=1..3"`
	Data []byte `check:"required"`
}

type named struct {
	StreamName string `check:"unless=StreamARN len=1..5 pattern=name"`
	StreamARN  string `check:"pattern=stream"`
}

type request struct {
	named
	Limit     *int `check:"range=1..10"`
	Hash      string
	At        *protocol.Millis
	Flag      bool
	Kind      string            `check:"enum=A|B"`
	Keys      []string          `check:"len=1..2 each=1..3"`
	Tags      map[string]string `check:"len=1..2 keys=1..3 values=0..3"`
	Entries   []entry           `check:"len=1..2 shown=Entry"`
	Structure *struct {
		Number int `check:"required"`
	}
}

// Ensure that both protocols read the same request, CBOR in all the forms that encoders
// choose: definite and indefinite lengths, tag 1 around milliseconds, byte strings.
func TestDecode(t *testing.T) {
	limit, at := 7, protocol.Millis(1700000000123)
	want := request{
		named: named{StreamName: "s-_.1"}, Limit: &limit, At: &at, Flag: true, Keys: []string{"a"},
		Tags: map[string]string{"k": ""}, Entries: []entry{{"é", []byte{0, 255}}, {"b", []byte{}}},
		Structure: &struct {
			Number int `check:"required"`
		}{2147483647},
	}
	text := `{"StreamName":"s-_.1","Limit":7.9,"At":1700000000.123,"Flag":true,"Keys":["a"],"Tags":{"k":""},"Kind":null,
		"Entries":[{"Key":"é","Data":"AP8="},{"Key":"x","Key":"b","Data":""}],"Structure":{"Number":1e40},"Unknown":[{}]}`
	definite := "\xa8" + "\x6aStreamName\x65s-_.1" + "\x65Limit\x07" + "\x62At\xc1\x1b\x00\x00\x01\x8b\xcf\xe5\x68\x7b" + "\x64Flag\xf5" +
		"\x64Keys\x81\x61a" + "\x64Tags\xa1\x61k\x60" + "\x67Entries\x82\xa2\x63Key\x62é\x64Data\x42\x00\xff\xa2\x63Key\x61b\x64Data\x40" +
		"\x69Structure\xa1\x66Number\x1a\x7f\xff\xff\xff"
	indefinite := "\xbf" + "\x6aStreamName\x7f\x63s-_\x62.1\xff" + "\x65Limit\xf9\x47\x80" + "\x62At\x1b\x00\x00\x01\x8b\xcf\xe5\x68\x7b" + "\x64Flag\xf5" +
		"\x64Keys\x9f\x61a\xff" + "\x64Tags\xbf\x61k\x60\xff" + "\x67Entries\x9f\xbf\x63Key\x62é\x64Data\x5f\x41\x00\x41\xff\xff\xff\xbf\x63Key\x61b\x64Data\x40\xff\xff" +
		"\x69Structure\xbf\x66Number\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\xff" + "\x64Kind\xf6" + "\xff"
	for name, c := range map[string]struct {
		p    *protocol.Protocol
		body string
	}{"JSON": {protocol.JSON, text}, "definite CBOR": {protocol.CBOR, definite}, "indefinite CBOR": {protocol.CBOR, indefinite}} {
		var got request
		if err := c.p.Decode([]byte(c.body), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// Ensure that each bound that is broken is named, in the service's words, up to ten.
func TestDecode_Violations(t *testing.T) {
	for body, want := range map[string][]string{
		`{}`:                  {"Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
		`{"StreamARN":"arn"}`: {`Value 'arn' at 'streamARN' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`},
		`{"StreamName":"","Limit":0,"Kind":"C"}`: {
			"Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
			"Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1",
			"Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
			"Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
		},
		`{"StreamName":"longer","Keys":["","bbbb","c"],"Tags":{"":"","b":"bbbb"}}`: {
			"Value 'longer' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 5",
			"Value '[, bbbb, c]' at 'keys' failed to satisfy constraint: Member must have length less than or equal to 2",
			"Value '[, bbbb, c]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1]",
			"Value '{=, b=bbbb}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1]",
			"Value '{=, b=bbbb}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 0]",
		},
		`{"StreamName":"s","Structure":{},"Entries":[{"Key":"","Data":""},{},null]}`: {
			"Value null at 'entries.3.member' failed to satisfy constraint: Member must not be null",
			"Value '' at 'entries.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
			"Value null at 'entries.2.member.key' failed to satisfy constraint: Member must not be null",
			"Value null at 'entries.2.member.data' failed to satisfy constraint: Member must not be null",
			"Value '[Entry, Entry, Entry]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 2",
			"Value null at 'structure.number' failed to satisfy constraint: Member must not be null",
		},
		`{"StreamName":"s","Entries":[{},{},{},{},{},{},{},{}]}`: nil, // ten
	} {
		err := protocol.JSON.Decode([]byte(body), new(request))
		var violations *protocol.ValidationError
		if !errors.As(err, &violations) {
			t.Errorf("%s: got %v", body, err)
			continue
		}
		if want == nil && len(violations.Violations) != 10 {
			t.Errorf("%s: %d violations, want 10", body, len(violations.Violations))
		}
		if got := map[string]bool{}; want != nil {
			for _, v := range violations.Violations {
				got[v] = true
			}
			for _, v := range want {
				if !got[v] {
					t.Errorf("%s: misses %q in %q", body, v, violations.Violations)
				}
			}
			if len(violations.Violations) != len(want) {
				t.Errorf("%s: got %q, want %d", body, violations.Violations, len(want))
			}
		}
	}
}

// Ensure that a wrong type is complained of as the service does: facts of kinesalite 3.3's
// test/helpers.js, and of what CBOR has beyond JSON.
func TestDecode_Types(t *testing.T) {
	const (
		list, structure = "Start of list found where not expected", "Start of structure or map found where not expected."
		number          = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to "
	)
	for member, values := range map[string]map[string]string{
		"Flag": {`"23"`: "'23' can not be converted to an Boolean", `23`: number + "an Boolean", `[]`: list, `{}`: structure},
		"Hash": {`true`: "class java.lang.Boolean can not be converted to an String", `34.56`: number + "an String", `[]`: list, `{}`: structure},
		"Limit": {
			`"23"`: "class java.lang.String can not be converted to an Integer", `true`: "class java.lang.Boolean can not be converted to an Integer",
			`[]`: list, `{}`: structure,
		},
		"At":      {`"23"`: "class java.lang.String can not be converted to milliseconds since epoch", `true`: "class java.lang.Boolean can not be converted to milliseconds since epoch", `[]`: list, `{}`: structure},
		"Entries": {`"23"`: "Expected list or null", `true`: "Expected list or null", `23`: "Expected list or null", `{}`: structure},
		"Tags":    {`"23"`: "Expected map or null", `true`: "Expected map or null", `34.56`: "Expected map or null", `[]`: list},
	} {
		for value, want := range values {
			wantType(t, protocol.JSON, `{"StreamName":"s","`+member+`":`+value+`}`, want)
		}
	}
	for value, want := range map[string]string{`"23"`: "Expected null", `true`: "Expected null", `23`: "Expected null", `[]`: list} {
		wantType(t, protocol.JSON, `{"StreamName":"s","Entries":[`+value+`]}`, want)
	}
	for value, want := range map[string]string{
		`true`: "class java.lang.Boolean can not be converted to a Blob", `23`: number + "a Blob", `[]`: list, `{}`: structure,
		`"23456"`: "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
		`"=+/="`:  "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='",
		`"+/+="`:  "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
		`"a\nb="`: "'a\nb=' can not be converted to a Blob: Invalid Base64 character: '\n'",
	} {
		wantType(t, protocol.JSON, `{"StreamName":"s","Entries":[{"Data":`+value+`}]}`, want)
	}
	wantType(t, protocol.CBOR, "\xa1\x64Hash\x41a", "class java.nio.HeapByteBuffer can not be converted to an String")
	wantType(t, protocol.CBOR, "\xa1\x64Hash\x01", number+"an String")
	for _, body := range []string{"", "{", "[]", "null", `{"a":1}x`, "\"\xff\""} {
		wantType(t, protocol.JSON, body, "")
	}
	for _, body := range []string{"", "\xa1", "\x80", "\xf6", "\xa1\x01\x01", "\xa0\xa0", "\xa1\x61a\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", strings.Repeat("\xa1\x61a", 100)} {
		wantType(t, protocol.CBOR, body, "")
	}
}

func wantType(t *testing.T, p *protocol.Protocol, body, want string) {
	t.Helper()
	err := p.Decode([]byte(body), new(request))
	var wrong *protocol.SerializationError
	if !errors.As(err, &wrong) || wrong.Message != want || wrong.Error() == "" {
		t.Errorf("%q: got %v, want %q", body, err, want)
	}
}

type described struct{ Name string }

// Ensure that an answer is spelled as each protocol has it, and may be left open for a list.
func TestAppend(t *testing.T) {
	answer := struct {
		described
		At    protocol.Millis
		Data  []byte
		Empty string `json:",omitempty"`
	}{described{"<é>"}, -1500, []byte("hi"), ""}
	for _, c := range []struct {
		p          *protocol.Protocol
		want, open string
	}{
		{protocol.JSON, `{"Name":"<é>","At":-1.500,"Data":"aGk="}`, `{"Name":"<é>","At":-1.500,"Data":"aGk=","L":[`},
		{protocol.CBOR, "\xa3\x64Name\x64<é>\x62At\xc1\x3b\x00\x00\x00\x00\x00\x00\x05\xdb\x64Data\x42hi", "\xa4\x64Name\x64<é>\x62At\xc1\x3b\x00\x00\x00\x00\x00\x00\x05\xdb\x64Data\x42hi\x61L\x99\x01\x2c"},
	} {
		got, err := c.p.Append([]byte("+"), answer)
		if err != nil || string(got) != "+"+c.want {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
		got, err = c.p.AppendOpen([]byte("+"), answer, "L", 300)
		if err != nil || string(got) != "+"+c.open {
			t.Errorf("got %q, %v, want %q", got, err, c.open)
		}
	}
	if !json.Valid([]byte(`{"Name":"<é>","L":[` + protocol.JSON.Close())) {
		t.Error("an answer left open is not closed")
	}
}

// Ensure that the SDK's decoder reads the messages of an event stream.
func TestAppendEvent(t *testing.T) {
	stream := protocol.JSON.AppendEvent(nil, "initial-response", []byte("{}"))
	stream = protocol.CBOR.AppendEvent(stream, "SubscribeToShardEvent", nil)
	stream = protocol.JSON.AppendException(stream, "ResourceNotFoundException", []byte(`{"message":"gone"}`))
	in := bytes.NewReader(stream)
	decoder := eventstream.NewDecoder()
	for _, want := range []string{
		`:event-type=initial-response :content-type=application/x-amz-json-1.1 :message-type=event {}`,
		`:event-type=SubscribeToShardEvent :content-type=application/x-amz-cbor-1.1 :message-type=event `,
		`:exception-type=ResourceNotFoundException :content-type=application/x-amz-json-1.1 :message-type=exception {"message":"gone"}`,
	} {
		message, err := decoder.Decode(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, h := range message.Headers {
			got += h.Name + "=" + h.Value.String() + " "
		}
		if got += string(message.Payload); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if in.Len() > 0 {
		t.Errorf("%d bytes too many", in.Len())
	}
}

// FuzzDecode: no body makes the decoder panic, or give a request beyond its bounds.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{`{"StreamName":"s","Entries":[{"Key":"k","Data":"AA=="}],"At":1e300}`, `{"Tags":{"a":null},"Keys":[null],"Limit":-1e999}`, "\xa1\x62At\xc1\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00", "\xa1\x65Limit\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range []*protocol.Protocol{protocol.JSON, protocol.CBOR} {
			var got request
			if err := p.Decode(body, &got); err != nil {
				if err.Error() == "" {
					t.Errorf("%q: an error without a word", body)
				}
				continue
			}
			if got.StreamName == "" && got.StreamARN == "" || got.Limit != nil && (*got.Limit < 1 || *got.Limit > 10) || len(got.Keys) > 2 || len(got.Entries) > 2 {
				t.Errorf("%q: taken as %+v", body, got)
			}
		}
	})
}
