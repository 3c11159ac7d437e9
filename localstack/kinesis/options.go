package kinesis

import (
	"crypto/tls"
	"fmt"
	"os"
	"time"
)

// Sizes and ages of the real service, as its API reference gives them in 2026.
const (
	// DefaultRecordSize is the largest record (data and partition key, bytes)
	// of a stream whose MaxRecordSizeInKiB was not set.
	DefaultRecordSize = 1 << 20
	// LargestRecordSize is the most that MaxRecordSizeInKiB may ask for.
	LargestRecordSize = 10 << 20
	// MaxPutRecords and MaxPutBytes bound one PutRecords call.
	MaxPutRecords = 500
	MaxPutBytes   = 10 << 20
	// MaxGetRecords and MaxGetBytes bound one answer of GetRecords.
	MaxGetRecords = 10000
	MaxGetBytes   = 10 << 20
	// TokenLife is how long a shard iterator or a page token can be used.
	TokenLife = 5 * time.Minute
)

// Options are the settings of a Server. The zero value serves.
type Options struct {
	// Region and Account are named in ARNs. Default us-east-1, 000000000000.
	Region, Account string

	// Clock gives arrival times, ages and the pace of limits. Default time.Now.
	Clock func() time.Time

	// CreateDelay is how long a new stream stays in CREATING, and UpdateDelay
	// how long a resharded one shows UPDATING. Default 0: ACTIVE at once.
	CreateDelay, UpdateDelay time.Duration

	// SubscriptionLife is how long a SubscribeToShard lasts. Default SubscriptionLife.
	SubscriptionLife time.Duration

	// Retention is the retention period a new stream reports (default 24 h).
	// Records older than it are trimmed only with TrimByAge: a replay whose
	// reader pauses for a day loses nothing otherwise.
	Retention time.Duration
	TrimByAge bool

	// MemoryLimit bounds the records held in memory, in bytes over all shards
	// (default 64 MiB). The oldest go to temporary files in Dir (default the
	// system's), gone after Close.
	MemoryLimit int64
	Dir         string

	// Data is a folder that keeps streams, their records and consumers beyond Close and any
	// other end of the process; what is in it when the server is made is served again.
	// The caller sees to it that no other server uses it. Records are then written
	// there before a put is answered. Default "": nothing is kept.
	Data string

	// Notify is told what was found amiss in Data and put right. Default: nobody.
	Notify func(string)

	// DiskLimit bounds those files, in bytes (default 0: none). Once memory and
	// disk are full, puts are refused with LimitExceededException.
	DiskLimit int64

	// MaxStreams and MaxShards (open shards over all streams) bound what
	// clients may create. Default 100 and 10,000.
	MaxStreams, MaxShards int

	// Limits, if true, holds clients to the service's throughput for each shard:
	// in 1 MiB/s and 1,000 records/s, out 5 calls/s and 2 MiB/s; and
	// UpdateShardCount to twice or half the open shards.
	Limits bool

	// TLS, if not nil, is what Start serves with. Default none.
	TLS *tls.Config

	// Faults to inject from the start; SetFaults changes them.
	Faults Faults
}

func (o Options) withDefaults() (Options, error) {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the one default of the clock in this package
	}
	if o.Retention == 0 {
		o.Retention = 24 * time.Hour
	}
	if o.MemoryLimit == 0 {
		o.MemoryLimit = 64 << 20
	}
	if o.SubscriptionLife == 0 {
		o.SubscriptionLife = SubscriptionLife
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	if o.Dir == "" {
		o.Dir = os.TempDir()
	}
	if o.MaxStreams == 0 {
		o.MaxStreams = 100
	}
	if o.MaxShards == 0 {
		o.MaxShards = 10000
	}
	if o.MemoryLimit < 0 || o.DiskLimit < 0 || o.MaxStreams < 0 || o.MaxShards < 0 ||
		o.CreateDelay < 0 || o.UpdateDelay < 0 || o.SubscriptionLife < 0 {
		return o, fmt.Errorf("embedded kinesis options: a limit or delay is negative, use 0 for the default")
	}
	if o.Retention < time.Hour {
		return o, fmt.Errorf("embedded kinesis options: retention %v is under one hour", o.Retention)
	}
	if err := o.Faults.check(); err != nil {
		return o, fmt.Errorf("embedded kinesis options: %w", err)
	}
	return o, nil
}
