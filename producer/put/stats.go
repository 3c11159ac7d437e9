package put

// Stats are counts since the start.
type Stats struct {
	Trips     int64            // acknowledged
	Records   int64            // acknowledged
	Bytes     int64            // acknowledged, data and partition keys
	Calls     int64            // begun
	Retries   int64            // records sent again
	Throttles int64            // of these, because a shard had no throughput left
	Outages   int64            // calls that did not reach the service
	Shards    map[string]int64 // trips acknowledged by shard
	Refused   map[string]int64 // refusals by code
}
