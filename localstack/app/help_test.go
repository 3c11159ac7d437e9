package app_test

import (
	"context"
	"io"
	"strings"
	"testing"

	dashboards "taxistream/dashboards/app"
	"taxistream/localstack/app"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// Ensure every command that reaches OpenSearch says in -h how to give a password, a
// private authority, a proxy and several nodes, and every one that reads or writes
// records how to leave that to the AWS SDK.
func TestHelp(t *testing.T) {
	search := []string{"user:password@", "AWS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY", "several nodes"}
	wire := []string{"TAXISTREAM_STOCK_KINESIS=1"}
	for _, c := range []struct {
		main func(context.Context, []string, io.Writer, io.Writer) int
		args string
		want [][]string
	}{
		{processor.Main, "-h", [][]string{search, wire, {"-opensearch-compress", "processor rejects"}}},
		{processor.Main, "rejects -h", [][]string{search}},
		{producer.Main, "-h", [][]string{wire}},
		{app.Main, "demo -h", [][]string{search, wire, {"-opensearch-compress"}}},
		{app.Main, "export -h", [][]string{search}},
		{app.Main, "query -h", [][]string{search}},
		{dashboards.Main, "import -h", [][]string{search}},
	} {
		var stdout, stderr strings.Builder
		if status := c.main(t.Context(), strings.Fields(c.args), &stdout, &stderr); status != 0 {
			t.Errorf("%s: status %d, %s", c.args, status, stderr.String())
		}
		for _, words := range c.want {
			for _, word := range words {
				if !strings.Contains(stdout.String(), word) {
					t.Errorf("%s does not say %s", c.args, word)
				}
			}
		}
	}
}
