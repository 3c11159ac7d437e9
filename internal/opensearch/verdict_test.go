package opensearch_test

import (
	"testing"

	"taxistream/internal/opensearch"
)

func TestClassifyItem(t *testing.T) {
	for _, c := range []struct {
		name         string
		status       int
		kind, reason string
		class        opensearch.Class
		retry        opensearch.RetryReason
	}{
		{"Created", 201, "", "", opensearch.Done, 0},
		{"Updated", 200, "", "", opensearch.Done, 0},
		{"OlderVersion", 409, "version_conflict_engine_exception", "", opensearch.Repeat, 0},
		{"OtherConflict", 409, "some_exception", "", opensearch.Retry, opensearch.RetryIndex},
		{"QueueFull", 429, "opensearch_rejected_execution_exception", "", opensearch.Retry, opensearch.RetryThrottled},
		{"Breaker", 429, "circuit_breaking_exception", "", opensearch.Retry, opensearch.RetryThrottled},
		{"DiskFull", 429, "cluster_block_exception", "flood-stage watermark", opensearch.Retry, opensearch.RetryReadOnly},
		{"ReadOnly", 403, "cluster_block_exception", "", opensearch.Retry, opensearch.RetryReadOnly},
		{"NoPrimary", 503, "unavailable_shards_exception", "", opensearch.Retry, opensearch.RetryUnavailable},
		{"Internal", 500, "exception", "", opensearch.Retry, opensearch.RetryUnavailable},
		{"CreationRace", 400, "resource_already_exists_exception", "", opensearch.Retry, opensearch.RetryIndex},
		{"ShardLimit", 400, "validation_exception", "this cluster currently has [1000]/[1000] maximum shards open", opensearch.Retry, opensearch.RetryUnavailable},
		{"IndexDeleted", 404, "index_not_found_exception", "no such index [x]", opensearch.Retry, opensearch.RetryIndex},
		{"AutoCreateOff", 404, "index_not_found_exception", "no such index [x] and [action.auto_create_index] is [false]", opensearch.Fatal, 0},
		{"Mapping", 400, "mapper_parsing_exception", "", opensearch.Poison, 0},
		{"Strict", 400, "strict_dynamic_mapping_exception", "", opensearch.Poison, 0},
		{"IndexName", 400, "invalid_index_name_exception", "", opensearch.Poison, 0},
		{"NotImplemented", 501, "", "", opensearch.Poison, 0},
		{"NoRights", 403, "security_exception", "", opensearch.Fatal, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			class, retry := opensearch.ClassifyItem(c.status, c.kind, c.reason)
			if class != c.class || retry != c.retry {
				t.Errorf("got %d, %v, want %d, %v", class, retry, c.class, c.retry)
			}
		})
	}
}

func TestClassifyAnswer(t *testing.T) {
	for _, c := range []struct {
		status int
		kind   string
		class  opensearch.Class
	}{
		{400, "", opensearch.Split},
		{413, "", opensearch.Split},
		{429, "", opensearch.Retry},
		{408, "", opensearch.Retry},
		{500, "", opensearch.Retry},
		{502, "", opensearch.Retry},
		{503, "", opensearch.Retry},
		{504, "", opensearch.Retry},
		{403, "cluster_block_exception", opensearch.Retry},
		{401, "", opensearch.Fatal},
		{403, "security_exception", opensearch.Fatal},
		{404, "", opensearch.Fatal},
		{302, "", opensearch.Fatal},
		{501, "", opensearch.Fatal},
		{403, "ExpiredTokenException", opensearch.Retry},
	} {
		if class, _ := opensearch.ClassifyAnswer(c.status, c.kind, ""); class != c.class {
			t.Errorf("%d %s: got %d, want %d", c.status, c.kind, class, c.class)
		}
	}
}
