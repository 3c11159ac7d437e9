package kinesis

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"taxistream/localstack/kinesis/protocol"
)

var putBodies = []string{
	`{"Records":[{"Data":"YWJj","PartitionKey":"k"}],"StreamName":"s"}`,
	`{"StreamName":"s","Records":[{"PartitionKey":"k","ExplicitHashKey":"12","Data":"YWI="},{"Data":"","PartitionKey":"k2"}]}`,
	` { "StreamARN" : "arn:aws:kinesis:r:1:stream/s" , "Records" : [ { "Data" : "YQ==" , "PartitionKey" : "k" } ] } `,
	`{"Records":[]}`,
	`{"Records":null,"StreamName":"s"}`,
	`{}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"k",}]}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"k"},]}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"k"}],}`,
	`{"Records":[{"Data":"YWJj" "PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"a\"b\u00e9"}]}`,
	`{"Records":[{"Data":"YW\/j","PartitionKey":"é"}]}`,
	`{"Records":[{"Data":"YWJj","Data":"YQ==","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"YW\nJj","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"YWJ","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"Y===","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"====","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"Y=Jj","PartitionKey":"k"}]}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"k","Other":[1,{"a":"]}"}]}]}`,
	`{"Records":[{"Data":"YWJj","PartitionKey":"k"}],"StreamName":"s"}x`,
	`{"Records":[{"Data":"YWJj","PartitionKey":1}]}`,
	`{"records":[{"data":"YWJj","partitionkey":"k"}]}`,
	"{\"Records\":[{\"Data\":\"YWJj\",\"PartitionKey\":\"a\tb\"}]}",
	"{\"Records\":[{\"Data\":\"YWJj\",\"PartitionKey\":\"\x7f\xff\"}]}",
}

// wantAgreement fails if the scanner takes a body that the slow decoder
// refuses or reads differently.
func wantAgreement(t interface{ Fatalf(string, ...any) }, body []byte) {
	var fast, slow putRequest
	if !scanPut(body, &fast) {
		return
	}
	in := putRecordsRequest{server: new(Server)}
	var bounds *protocol.ValidationError
	if err := protocol.JSON.Decode(body, &in); errors.As(err, &bounds) {
		if fast.prepare(DefaultRecordSize) == nil && streamName.Match(fast.stream) && len(fast.arn) == 0 {
			t.Fatalf("%q: scanned and taken, but refused by the slow decoder: %v", body, err)
		}
		return
	} else if err != nil {
		t.Fatalf("%q: scanned, but refused by the slow decoder: %v", body, err)
	}
	slow.begin()
	for i := range in.Records {
		slow.add(&in.Records[i])
	}
	if string(fast.stream) != in.StreamName || string(fast.arn) != in.StreamARN || len(fast.entries) != len(slow.entries) {
		t.Fatalf("%q: scanned %q %q %d, decoded %q %q %d", body, fast.stream, fast.arn, len(fast.entries), in.StreamName, in.StreamARN, len(slow.entries))
	}
	for i, f := range fast.entries {
		s := slow.entries[i]
		same := func(a, b span) bool { return a.Present() == b.Present() && bytes.Equal(fast.at(a), slow.at(b)) }
		if !same(f.data, s.data) || !same(f.key, s.key) || !same(f.keyJSON, s.keyJSON) || !same(f.explicit, s.explicit) || f.size != s.size {
			t.Fatalf("%q: entry %d scanned %+v, decoded %+v", body, i, f, s)
		}
		raw, err := base64.StdEncoding.DecodeString(string(fast.at(f.data)))
		if err != nil || len(raw) != f.size {
			t.Fatalf("%q: entry %d is no base64 of %d bytes: %v", body, i, f.size, err)
		}
	}
}

// Ensure that the scanner never reads other than encoding/json does.
func FuzzScanPut(f *testing.F) {
	for _, body := range putBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) { wantAgreement(t, body) })
}

// Ensure that it takes what SDKs write, and agrees on what is nearly that.
func TestScanPut(t *testing.T) {
	for i := range 3 {
		var p putRequest
		if !scanPut([]byte(putBodies[i]), &p) {
			t.Errorf("%s: not scanned", putBodies[i])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var body strings.Builder
		body.WriteString(`{"Records":[`)
		for i := range rapid.IntRange(0, 4).Draw(t, "records") {
			if i > 0 {
				body.WriteByte(',')
			}
			data := base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "data"))
			fmt.Fprintf(&body, `{"Data":"%s","PartitionKey":%q}`, data, rapid.StringN(0, 8, -1).Draw(t, "key"))
		}
		body.WriteString(`],"StreamName":"s"}`)
		text := []byte(body.String())
		wantAgreement(t, text)
		for range rapid.IntRange(0, 3).Draw(t, "mutations") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(`"\{}[],:=ak +/`+"\x00\n\x80")).Draw(t, "byte")
		}
		wantAgreement(t, text)
	})
}

// Ensure that decimal hash keys are read and written alike, and no others taken.
func TestHashKey(t *testing.T) {
	for _, text := range []string{"0", "1", "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211455"} {
		key, ok := parseHashKey(text)
		if !ok || key.String() != text {
			t.Errorf("%s: got %v, %v", text, key, ok)
		}
	}
	for _, text := range []string{"", "00", "01", "-1", "+1", " 1", "1a", "340282366920938463463374607431768211456", "999999999999999999999999999999999999999", "1000000000000000000000000000000000000000"} {
		if key, ok := parseHashKey(text); ok {
			t.Errorf("%q was taken as %v", text, key)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		key := hashKey{rapid.Uint64().Draw(t, "high"), rapid.Uint64().Draw(t, "low")}
		if back, ok := parseHashKey(key.String()); !ok || back != key {
			t.Fatalf("%v came back as %v", key, back)
		}
		if key != lastHashKey && key.next().previous() != key {
			t.Fatalf("%v is not before its next", key)
		}
	})
}

// Ensure that sequence numbers come back, grow with the counter, and belong to one shard.
func TestSequence(t *testing.T) {
	otherForm := newSequenceForm(1, 20001)
	rapid.Check(t, func(t *rapid.T) {
		a := newSequenceForm(rapid.Int64Range(0, 9e12).Draw(t, "created"), rapid.IntRange(0, 20000).Draw(t, "shard"))
		low, high := rapid.Uint64().Draw(t, "one"), rapid.Uint64().Draw(t, "other")
		if low > high {
			low, high = high, low
		}
		if got, ok := a.parse(a.text(low)); !ok || got != low {
			t.Fatalf("%d came back as %d", low, got)
		}
		if len(a.text(high)) != sequenceLength || (low < high) != (a.text(low) < a.text(high)) {
			t.Fatalf("%s and %s are not in order", a.text(low), a.text(high))
		}
		if _, ok := otherForm.parse(a.text(low)); ok {
			t.Fatalf("another shard took %s", a.text(low))
		}
	})
}
