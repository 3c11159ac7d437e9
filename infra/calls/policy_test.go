package calls

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestAllowed(t *testing.T) {
	get := Call{Action: "s3:GetObject", Resource: "b/k"}
	list := Call{Action: "s3:ListBucket", Resource: "b", Context: map[string]string{"s3:prefix": "p/x"}}
	put := Call{Action: "kinesis:PutRecords", Resource: "stream/s"}
	for _, test := range []struct {
		name, policy string
		call         Call
		want         bool
	}{
		{"the very resource", `{"Effect":"Allow","Action":"kinesis:PutRecords","Resource":"arn:aws:kinesis:r:1:stream/s"}`, put, true},
		{"another stream", `{"Effect":"Allow","Action":"kinesis:PutRecords","Resource":"arn:aws:kinesis:r:1:stream/t"}`, put, false},
		{"another action", `{"Effect":"Allow","Action":"kinesis:PutRecord","Resource":"*"}`, put, false},
		{"actions ignore case", `{"Effect":"Allow","Action":["KINESIS:putrecords"],"Resource":"*"}`, put, true},
		{"resources do not", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::B/*"}`, get, false},
		{"below a bucket", `{"Effect":"Allow","Action":"s3:Get*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`, get, true},
		{"a bucket is not what is in it", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}`, get, false},
		{"a prefix", `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringLike":{"s3:prefix":["p/*"]}}}`, list, true},
		{"another prefix", `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringEquals":{"s3:prefix":"p/"}}}`, list, false},
		{"a prefix that the call lacks", `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringLike":{"s3:prefix":"*"}}}`, Call{Action: "s3:ListBucket", Resource: "b"}, false},
		{"an unknown condition allows nothing", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, get, false},
		{"a denial wins", `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`, get, false},
		{"an unknown condition denies", `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"x":"y"}}}`, get, false},
		{"a denial of others", `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`, get, true},
		{"unknown calls are allowed nowhere", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, Call{Action: "unknown:GET /", Resource: "unknown"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal([]byte(`{"Statement":[`+test.policy+`]}`), &document); err != nil {
				t.Fatal(err)
			}
			statements, err := Statements(document)
			if err != nil {
				t.Fatal(err)
			}
			if _, got := Allowed(statements, test.call, "r", "1"); got != test.want {
				t.Errorf("allowed is %v, want %v", got, test.want)
			}
		})
	}
}

func TestStatementsRefuses(t *testing.T) {
	for _, policy := range []string{
		`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":{"Ref":"Bucket"}}`,
		`{"Action":"s3:GetObject","Resource":"*"}`,
		`"text"`,
	} {
		var document map[string]any
		if err := json.Unmarshal([]byte(`{"Statement":[`+policy+`]}`), &document); err != nil {
			t.Fatal(err)
		}
		if s, err := Statements(document); err == nil {
			t.Errorf("%s gave %v", policy, s)
		}
	}
}

// The obvious model of a pattern is a regular expression.
func TestMatchAgainstModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(letters string) string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for range 20_000 {
		pattern, value := word("ab*?"), word("ab")
		model := regexp.MustCompile("^" + strings.NewReplacer("*", ".*", "?", ".").Replace(pattern) + "$")
		if got, want := Match(pattern, value), model.MatchString(value); got != want {
			t.Fatalf("Match(%q, %q) is %v", pattern, value, got)
		}
	}
}

// Of several faults the same is named every time.
func TestStatementsRefusesTheSame(t *testing.T) {
	var document map[string]any
	text := `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"a":1,"b":{}},"Bool":{"d":2,"c":3}}}]}`
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := Statements(document); err == nil || !strings.HasPrefix(err.Error(), "condition c of Bool: ") {
			t.Fatalf("got %v", err)
		}
	}
}
