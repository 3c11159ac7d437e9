package cost

import (
	"math"

	"taxistream/infra/config"
)

// priceArchive: Firehose by the records that it reads, each rounded up to 5 KB, and
// by what it parts by event date; the objects, their way to colder classes, and
// what lies in each class after the first year; the queries.
//
// AWS does not say whether an aggregate counts as one record or as its trips: the
// bill counts aggregates, and Levers has what it is if trips count.
func priceArchive(c *config.Config, b *bill) {
	a := &c.Archive
	if !a.On {
		return
	}
	in := b.flow.rounded5
	if c.Assumed.RoundTrips {
		in = (b.flow.trips + b.flow.watermarks) * 5 * kilobyte
	}
	b.replay(FirehoseIn, in, "")
	b.replay(PartitionedData, b.flow.trips*eventBytes, "")
	// jq runs as long as records come, at most.
	b.replay(JQHour, 1/hour, "")
	// Each event date fills objects of its own, the last one only in part; a slow replay writes them by time.
	objects := math.Max(b.flow.trips*eventBytes/float64(a.BufferMB<<20)+b.flow.days, 1/float64(a.BufferSeconds))
	b.replay(PartitionObject, objects, "")
	b.replay(ObjectPut, objects, "the archive's objects")
	b.monthly(KeyMonth, 1, "the archive's")

	day := b.flow.trips * zippedBytes * hour * c.Assumed.ReplayHours // bytes
	classes := storageClasses(a.InfrequentDays, a.GlacierDays, a.ExpireDays)
	for _, s := range classes {
		b.add(s.item, day*s.days, "after a year", true)
		if s.transition != "" {
			b.replay(s.transition, objects, "")
		}
	}
	b.add(AthenaScanned, float64(c.Assumed.Queries)*math.Min(float64(a.ScanLimitGB)*gigabyte, day*365), "queries at their limit", true)
}

// replacedDays is how long the bucket keeps what was deleted.
const replacedDays = 30

// A stay is how long an object lies in a class within its first year.
type stay struct {
	item, transition Item
	days             float64
}

// storageClasses gives the stays of objects that move and are deleted after so many days; 0 is never.
func storageClasses(infrequent, glacier, expire int) []stay {
	end := 365
	if expire > 0 {
		end = min(end, expire+replacedDays)
	}
	steps := []struct {
		from             int
		item, transition Item
	}{{0, ObjectMonth, ""}, {infrequent, ObjectMonthIA, ObjectToIA}, {glacier, ObjectMonthGIR, ObjectToGIR}}
	var all []stay
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if i > 0 && s.from == 0 || s.from >= end {
			continue
		}
		all = append([]stay{{s.item, s.transition, float64(end - s.from)}}, all...)
		end = s.from
	}
	return all
}
