package kinesis

// The service's throughput for one shard.
const (
	putBytesPerSecond   = 1 << 20
	putRecordsPerSecond = 1000
	getBytesPerSecond   = 2 << 20
	getCallsPerSecond   = 5
)

// bucket is a token bucket that holds at most one second's worth. Its time is
// the server's clock in milliseconds; its level may go below zero by one
// request, which the next ones then wait out.
type bucket struct {
	level  float64
	lastMs int64
	began  bool
}

func (b *bucket) refill(perSecond float64, nowMs int64) {
	if !b.began {
		b.level, b.lastMs, b.began = perSecond, nowMs, true
		return
	}
	// A clock that went back gives nothing, but time passes on it from there.
	b.level = min(perSecond, b.level+perSecond*float64(max(nowMs-b.lastMs, 0))/1000)
	b.lastMs = nowMs
}

// shardLimits hold a shard's clients to its throughput; guarded by shard.mu.
type shardLimits struct {
	putBytes, putRecords, getBytes, getCalls bucket
}

// put says whether one record of so many bytes may enter now.
func (l *shardLimits) put(size int, nowMs int64) bool {
	l.putBytes.refill(putBytesPerSecond, nowMs)
	l.putRecords.refill(putRecordsPerSecond, nowMs)
	// A record above the second's worth passes a full bucket, as large records do.
	if l.putRecords.level < 1 || (l.putBytes.level < float64(size) && l.putBytes.level < putBytesPerSecond) {
		return false
	}
	l.putRecords.level--
	l.putBytes.level -= float64(size)
	return true
}

// get says whether a GetRecords may run now.
func (l *shardLimits) get(nowMs int64) bool {
	l.getCalls.refill(getCallsPerSecond, nowMs)
	l.getBytes.refill(getBytesPerSecond, nowMs)
	if l.getCalls.level < 1 || l.getBytes.level <= 0 {
		return false
	}
	l.getCalls.level--
	return true
}

// got charges an answer: 10 MiB at once keep the shard shut for 5 seconds, as documented.
func (l *shardLimits) got(size int64) { l.getBytes.level -= float64(size) }
