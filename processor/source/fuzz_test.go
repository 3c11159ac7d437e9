package source_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"taxistream/engine"
	"taxistream/internal/kinesis"
	"taxistream/processor/source"
)

// Ensure no -position makes more of a text than it says: a kind, and a time with AT_TIMESTAMP alone.
func FuzzParsePosition(f *testing.F) {
	for _, text := range []string{"TRIM_HORIZON", "LATEST", "AT_TIMESTAMP=2016-01-05T12:00:00Z", "AT_TIMESTAMP=", "latest", "AT_TIMESTAMP=9999-12-31T23:59:59.999+14:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := source.ParsePosition(text)
		timed := strings.HasPrefix(text, "AT_TIMESTAMP=")
		switch {
		case err != nil:
			if p != (source.Position{}) {
				t.Errorf("%q: %+v beside %v", text, p, err)
			}
		case timed != (p.Kind == "AT_TIMESTAMP") || !timed && (string(p.Kind) != text || !p.Time.IsZero()):
			t.Errorf("%q: %+v", text, p)
		}
	})
}

// Ensure no offset that a damaged checkpoint may hold does worse than be refused.
func FuzzOffset(f *testing.F) {
	for _, offset := range []string{"1:4950", "1:@1451995200000", "1:@", "1:@-1", "2:4950", "2:4950;1451995200000", "2:@1;2", ":", "", "1"} {
		f.Add([]byte(offset))
	}
	s := &source.Source{Client: kinesis.New(aws.Config{Region: "us-east-1"}, name)}
	f.Fuzz(func(t *testing.T, offset []byte) {
		if offset == nil {
			offset = []byte{}
		}
		r, err := s.Open(context.Background(), engine.Split{ID: first, Offset: offset})
		if (err == nil) != (r != nil) {
			t.Errorf("%q: %v, %v", offset, r, err)
		}
	})
}
