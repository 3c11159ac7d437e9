package held

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/localtest"
)

// Written is what the results store holds: the export, and how often each reject is there.
func Written(t testing.TB, o *opensearch.Client) (export []byte, rejects map[localtest.Reject]int) {
	t.Helper()
	var b bytes.Buffer
	if _, err := results.Export(context.Background(), o, "", &b); err != nil {
		t.Fatal(err)
	}
	rejects = map[localtest.Reject]int{}
	const alias = names.TaxiRejects
	for h, err := range o.All(context.Background(), opensearch.Scan{Index: alias, Sort: results.UniqueSort(alias)}) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := results.ReadReject(h)
		if err != nil {
			t.Fatal(err)
		}
		rejects[localtest.Reject{Reason: r.Reason, Data: string(r.Record)}]++
	}
	return b.Bytes(), rejects
}

// RejectsDiffer says how the rejects differ from the wanted ones, "" if they do not. Which copy of a
// trip in two shards is the duplicate is open, and may be another one when a processor that was killed
// reads them again: then both are there.
func RejectsDiffer(got, want map[localtest.Reject]int) string {
	var wrong []string
	duplicates := 0
	all := maps.Clone(want)
	maps.Copy(all, got)
	for r := range all {
		if r.Reason == "duplicate" {
			duplicates += got[r] - want[r]
		} else if got[r] != want[r] {
			wrong = append(wrong, fmt.Sprintf("%s %q: %d, want %d", r.Reason, r.Data, got[r], want[r]))
		}
	}
	slices.Sort(wrong)
	if duplicates < 0 {
		wrong = append(wrong, fmt.Sprintf("%d duplicates too few", -duplicates))
	}
	return strings.Join(wrong[:min(len(wrong), 20)], "\n")
}
