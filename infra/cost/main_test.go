package cost_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"taxistream/infra/cost"
)

func TestMain_Refuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   string
		status int
		want   string
	}{
		{"OtherArgument", "now", 2, `infra cost: unexpected argument "now"; see -h` + "\n"},
		{"NoValue", "-c", 2, "infra cost: flag -c needs a value; see -h\n"},
		{"NoKey", "-c 4", 2, "infra cost: -c \"4\": write name=value; see -h\n"},
		{"UnknownOption", "-c stream.shard=4", 1, "infra cost: stream.shard is no option (did you mean stream.shards?): `go run ./infra options` lists them\n"},
		{"BadValue", "--context=stream.shards=many", 1, "infra cost: stream.shards=many: write a whole number\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errs bytes.Buffer
			status := cost.Main(strings.Fields(test.args), &out, &errs)
			if status != test.status || errs.String() != test.want || out.Len() > 0 {
				t.Errorf("status %d, %q on standard error, %q on standard output; want %d, %q, nothing", status, &errs, &out, test.status, test.want)
			}
		})
	}
}

// The context of cdk.json counts, and -c wins over it.
func TestMain_Context(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("cdk.json", []byte(`{"context": {"stream.shards": 2, "@aws-cdk/core:flag": true, "assume.replay-hours": 0}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want string }{
		{"", "1,460.00"},
		{"-c stream.shards=3", "2,190.00"},
	} {
		var out, errs bytes.Buffer
		if status := cost.Main(strings.Fields(test.args), &out, &errs); status != 0 || !strings.Contains(out.String(), test.want) {
			t.Errorf("%q: status %d, %s, no %s in\n%s", test.args, status, &errs, test.want, &out)
		}
	}
	if err := os.WriteFile("cdk.json", []byte(`{`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if status := cost.Main(nil, &out, &errs); status != 1 || !strings.Contains(errs.String(), "read the context in cdk.json") {
		t.Errorf("a broken cdk.json: status %d, %s", status, &errs)
	}
}

func TestMain_Help(t *testing.T) {
	var out, errs bytes.Buffer
	if status := cost.Main([]string{"-h"}, &out, &errs); status != 0 || !strings.Contains(out.String(), "usage: infra cost") {
		t.Errorf("status %d, %s%s", status, &out, &errs)
	}
}
