package app

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"taxistream/internal/flags"
	"taxistream/localstack/kinesis"
	"taxistream/localstack/listen"
)

// kinesisFlags are the switches of the embedded Kinesis.
type kinesisFlags struct {
	createDelay, updateDelay time.Duration
	limits, trim             bool
	maxStreams, maxShards    int
	faults                   kinesis.Faults
	tls                      string // the file for the certificate authority
	authority                []byte
}

func (f *kinesisFlags) register(set *flags.Set) {
	set.DurationVar(&f.createDelay, "kinesis-create-delay", "`time` for which a new stream stays in CREATING")
	set.DurationVar(&f.updateDelay, "kinesis-update-delay", "`time` for which a changed stream shows UPDATING")
	set.BoolVar(&f.limits, "kinesis-limits", "hold clients to the service's throughput of a shard (in 1 MiB/s and 1,000 records/s, out 2 MiB/s and 5 calls/s) and UpdateShardCount to half and double")
	set.BoolVar(&f.trim, "kinesis-trim", "let records go when their stream's retention is over, as with -data")
	f.maxStreams, f.maxShards = 100, 10_000
	set.IntVar(&f.maxStreams, "kinesis-max-streams", "`number` of streams that clients may create")
	set.IntVar(&f.maxShards, "kinesis-max-shards", "`number` of open shards over all streams")
	set.Func("kinesis-faults", "faults to inject, as `name=share,…` of all calls: fail (500), unavailable (503), entries (of a PutRecords), drop (the answer is cut off), delay (up to max-delay=1s); and seed=N", f.parseFaults)
	set.StringVar(&f.tls, "kinesis-tls", "serve Kinesis with TLS and a generated certificate, and write the certificate authority for clients to trust into this `file`")
}

// parseFaults reads what -kinesis-faults is given.
func (f *kinesisFlags) parseFaults(text string) error {
	faults := kinesis.Faults{MaxDelay: time.Second}
	shares := map[string]*float64{
		"fail": &faults.Fail, "unavailable": &faults.Unavailable, "entries": &faults.FailEntries, "drop": &faults.Drop, "delay": &faults.Delay,
	}
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		var err error
		switch share := shares[name]; {
		case share != nil:
			*share, err = strconv.ParseFloat(value, 64)
			if err == nil && !(*share >= 0 && *share <= 1) {
				err = fmt.Errorf("a share is from 0 to 1")
			}
		case name == "seed":
			faults.Seed, err = strconv.ParseUint(value, 10, 64)
		case name == "max-delay":
			faults.MaxDelay, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("the names are fail, unavailable, entries, drop, delay, max-delay, seed")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", part, err)
		}
	}
	f.faults = faults
	return nil
}

// apply puts the switches into the options of a server on addr.
func (f *kinesisFlags) apply(o *kinesis.Options, addr string, now time.Time) error {
	o.CreateDelay, o.UpdateDelay, o.Limits, o.Faults = f.createDelay, f.updateDelay, f.limits, f.faults
	o.MaxStreams, o.MaxShards = f.maxStreams, f.maxShards
	o.TrimByAge = o.TrimByAge || f.trim
	if f.tls == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-kinesis-listen %q is no address: %w", addr, err)
	}
	o.TLS, f.authority, err = listen.Certificate(now, host)
	return err
}

// writeAuthority writes the certificate authority, if there is one. The server has its port
// by then: the file of another that holds the port stays as it is.
func (f *kinesisFlags) writeAuthority() error {
	if f.tls == "" {
		return nil
	}
	if err := os.WriteFile(f.tls, f.authority, 0o644); err != nil {
		return fmt.Errorf("write the certificate authority of -kinesis-tls: %w", err)
	}
	return nil
}
