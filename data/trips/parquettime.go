package trips

import (
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"taxistream/internal/trip"
)

// instant is how values of the column are read as times, in ms. A time that the
// file does not say to be an instant is New York wall clock. The error names the
// column and its type.
func (l leaf) instant() (func(parquet.Value) (int64, Reason), error) {
	perMilli, local, ok := l.timestamp()
	_, null := l.LogicalType.Value.(*format.NullType)
	switch {
	case !l.Type.Valid || l.RepetitionType.V == format.Repeated:
	case null:
		return func(parquet.Value) (int64, Reason) { return 0, BadTime }, nil
	case ok:
		return func(v parquet.Value) (int64, Reason) { return wallClock(floorDiv(v.Int64(), perMilli), local) }, nil
	case l.Type.V == format.Int96 && l.plain():
		unit, local := l.meta.misread(l.name), l.meta.local(l.name, !l.meta.instants)
		return func(v parquet.Value) (int64, Reason) {
			ms, ok := julian(v.Int96(), unit)
			if !ok {
				return 0, BadTime
			}
			return wallClock(ms, local)
		}, nil
	case l.text():
		return func(v parquet.Value) (int64, Reason) { return parseClock(v.ByteArray()) }, nil
	}
	return nil, l.unreadable("a time")
}

// timestamp says how many of the column's units are a millisecond, and whether it
// is a wall clock's. The older annotations mean instants (the format's
// LogicalTypes.md), but writers of old used them for both.
func (l leaf) timestamp() (perMilli int64, local, ok bool) {
	if l.Type.V != format.Int64 {
		return 0, false, false
	}
	if t, is := l.LogicalType.Value.(*format.TimestampType); is {
		switch t.Unit.Value.(type) {
		case *format.MilliSeconds:
			return 1, !t.IsAdjustedToUTC, true
		case *format.MicroSeconds:
			return 1e3, !t.IsAdjustedToUTC, true
		case *format.NanoSeconds:
			return 1e6, !t.IsAdjustedToUTC, true
		}
		return 0, false, false
	}
	switch l.converted() {
	case deprecated.TimestampMillis:
		return 1, l.meta.local(l.name, false), true
	case deprecated.TimestampMicros:
		return 1e3, l.meta.local(l.name, false), true
	}
	return 0, false, false
}

// wallClock turns the city's clock into an instant, if it is one.
func wallClock(ms int64, local bool) (int64, Reason) {
	if local {
		sec := floorDiv(ms, 1000)
		ms = trip.NewYorkClock(sec)*1000 + ms - sec*1000
	}
	return writable(ms)
}

const (
	epochJulian = 2_440_588 // the Julian day of 1970-01-01
	dayNanos    = 86_400_000_000_000
	// No trip is older. fastparquet, given times in another unit than
	// nanoseconds, writes their number as if it were of nanoseconds: the year 2015
	// becomes January 1970.
	oldestNanos = 100_000_000_000_000_000 // March 1973
)

// julian reads an INT96: nanoseconds of the day, then the Julian day. unit is
// what the nanoseconds of impossibly old times are, in ns, or 0.
func julian(v deprecated.Int96, unit float64) (ms int64, ok bool) {
	days := int64(int32(v[2])) - epochJulian
	nanos := int64(uint64(v[0]) | uint64(v[1])<<32)
	if days < math.MinInt64/dayNanos+1 || days > math.MaxInt64/dayNanos-1 || nanos < 0 || nanos > 2*dayNanos {
		return 0, false
	}
	if total := days*dayNanos + nanos; unit != 0 && total > -oldestNanos && total < oldestNanos {
		return int64(math.Floor(float64(total) * unit / 1e6)), true
	}
	return days*86_400_000 + floorDiv(nanos, 1e6), true
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
