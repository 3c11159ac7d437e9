package opensearch

import (
	"net/http"
	"strings"

	"taxistream/internal/fault"
)

// Class is what is to be done about an answer.
type Class uint8

// The classes of an answer to a request or to one item of a bulk request.
const (
	Done   Class = iota // written
	Repeat              // an equal or newer version is there: as good as written
	Retry               // the server may take it later
	Split               // refused as a whole: halve it until the one at fault is alone
	Poison              // refused for good
	Fatal               // no request of this caller will be taken: an operator must act
)

// RetryReason says why something is tried again.
type RetryReason uint8

// The reasons to try again. They are the labels of the retry counters.
const (
	RetryUnreachable RetryReason = iota // no connection, reset, cut off
	RetryTimeout                        // no answer within RequestTimeout
	RetryThrottled                      // 429: queues or breakers of the server are full
	RetryUnavailable                    // 5xx: no shard, no cluster manager, a proxy without a server
	RetryReadOnly                       // an index is blocked, as a full disk does it
	RetryGarbled                        // the answer is cut off, is not JSON, or judges another number of items
	RetryIndex                          // an index is being created, or just went away
	RetrySplit                          // refused as a whole and sent again in halves
	RetryCredentials                    // the credentials were refused, and are renewed
	retryReasons
)

var retryNames = [retryReasons]string{
	"unreachable", "timeout", "throttled", "unavailable", "read_only", "garbled", "index", "split", "credentials",
}

// RetryReasons are all of them.
func RetryReasons() []RetryReason {
	all := make([]RetryReason, retryReasons)
	for i := range all {
		all[i] = RetryReason(i)
	}
	return all
}

func (r RetryReason) String() string { return retryNames[r] }

// ClassifyItem judges one item of a bulk answer. The reason counts for Retry.
//
// Rule: OpenSearch 2.19's bulk API. A status of 400 is a fault of the document,
// but for those that creating its index can bring about.
func ClassifyItem(status int, kind, reason string) (Class, RetryReason) {
	switch {
	case status >= 200 && status < 300:
		return Done, 0
	case kind == "cluster_block_exception":
		return Retry, RetryReadOnly
	case status == http.StatusConflict:
		if kind == "" || kind == "version_conflict_engine_exception" {
			return Repeat, 0
		}
		return Retry, RetryIndex
	case status == http.StatusTooManyRequests:
		return Retry, RetryThrottled
	case status == http.StatusNotImplemented:
		return Poison, 0
	case status >= 500:
		return Retry, RetryUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Fatal, 0
	case status == http.StatusNotFound:
		return classifyMissingIndex(reason)
	case kind == "resource_already_exists_exception":
		return Retry, RetryIndex
	case kind == "validation_exception" && strings.Contains(reason, "shards"):
		return Retry, RetryUnavailable // the cluster's shard limit: an operator can raise it
	}
	return Poison, 0
}

// classifyMissingIndex parts a server that never creates indexes from an index
// that was deleted between its creation and the write.
func classifyMissingIndex(reason string) (Class, RetryReason) {
	if strings.Contains(reason, "auto_create_index") {
		return Fatal, 0
	}
	return Retry, RetryIndex
}

// ClassifyAnswer judges a whole answer to a bulk request that is not a 2xx, by the
// table of package fault: what is final there may be the fault of one document.
func ClassifyAnswer(status int, kind, reason string) (Class, RetryReason) {
	switch fault.Classify(&Error{Status: status, Type: kind, Reason: reason}) {
	case fault.Throttled:
		return Retry, RetryThrottled
	case fault.Temporary:
		switch {
		case kind == "cluster_block_exception":
			return Retry, RetryReadOnly
		case status == http.StatusRequestTimeout:
			return Retry, RetryTimeout
		}
		return Retry, RetryUnavailable
	case fault.Renew:
		return Retry, RetryCredentials
	}
	if status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge {
		return Split, RetrySplit
	}
	return Fatal, 0
}

// hint says what to do about a fatal status.
func hint(status int, kind string, signed bool) string {
	switch {
	case status == http.StatusUnauthorized:
		return "give a name and a password in the endpoint's URL, or sign for an AWS domain"
	case status == http.StatusForbidden && signed:
		return "allow the AWS identity in the domain's access policy, and check region and clock"
	case status == http.StatusForbidden:
		return "give the user the rights to write these indexes, or sign for an AWS domain"
	case kind == "index_not_found_exception":
		return "allow the indexes in the server's action.auto_create_index"
	case status == http.StatusNotFound, status >= 300 && status < 400:
		return "check that the endpoint is an OpenSearch server"
	}
	return ""
}
