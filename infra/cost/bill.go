package cost

import (
	"errors"

	"taxistream/infra/config"
)

// A Line is one line of the bill.
type Line struct {
	Stack    string
	Item     Item
	Note     string  // what it is for, may be empty
	Quantity float64 // a month, in the price's unit
	Price    Price
	Replay   bool // only while trips are replayed
}

// USD is what the line costs a month.
func (l *Line) USD() float64 { return l.Quantity * l.Price.USD }

// An Estimate is the bill of a configuration.
type Estimate struct {
	Lines       []Line
	ReplayHours float64 // a month
}

// Monthly is the total in USD.
func (e *Estimate) Monthly() float64 {
	sum := 0.0
	for i := range e.Lines {
		sum += e.Lines[i].USD()
	}
	return sum
}

// Deployed is what an hour costs in which nothing is replayed, USD.
func (e *Estimate) Deployed() float64 {
	sum := 0.0
	for i := range e.Lines {
		if !e.Lines[i].Replay {
			sum += e.Lines[i].USD()
		}
	}
	return sum / month
}

// Replaying is what an hour of replay adds, USD; 0 without any replay.
func (e *Estimate) Replaying() float64 {
	if e.ReplayHours == 0 {
		return 0
	}
	return (e.Monthly() - e.Deployed()*month) / e.ReplayHours
}

// Of estimates a configuration. It fails on a part that the table has no price for.
func Of(c *config.Config, t *Table) (Estimate, error) {
	b := bill{table: t, hours: c.Assumed.ReplayHours * daysMonth, flow: flowOf(c)}
	b.estimate.ReplayHours = b.hours
	for _, part := range parts {
		b.stack = part.stack
		part.price(c, &b)
	}
	return b.estimate, errors.Join(b.missing...)
}

// A bill collects lines for one stack after the other.
type bill struct {
	table    *Table
	stack    string
	hours    float64 // of replay a month
	flow     flow
	estimate Estimate
	missing  []error
}

// monthly adds an amount a month, whether or not trips are replayed.
func (b *bill) monthly(item Item, amount float64, note string) { b.add(item, amount, note, false) }

// hourly adds an amount for each hour of the month.
func (b *bill) hourly(item Item, amount float64, note string) { b.add(item, amount*month, note, false) }

// replay adds an amount for each second of replay.
func (b *bill) replay(item Item, amount float64, note string) {
	b.add(item, amount*hour*b.hours, note, true)
}

func (b *bill) add(item Item, amount float64, note string, replay bool) {
	p, err := b.table.price(item)
	if err != nil {
		b.missing = append(b.missing, err)
		return
	}
	if amount == 0 {
		return // a line of nothing, such as what is replayed in no hours
	}
	b.estimate.Lines = append(b.estimate.Lines, Line{b.stack, item, note, amount / scale[p.Unit], p, replay})
}

// scale is how much of what is counted makes a unit. Data is counted in bytes, time of functions in GB-seconds.
var scale = map[string]float64{
	"h": 1, "month": 1, "user-month": 1, "minute": 1, "GB-s": 1,
	"thousand": 1e3, "10,000": 1e4, "100,000": 1e5, "million": 1e6,
	"GB": gigabyte, "GB-month": gigabyte, "TB": 1024 * gigabyte,
}

// parts are the stacks in the order of their deployment.
var parts = []struct {
	stack string
	price func(*config.Config, *bill)
}{
	{"Stream", priceStream},
	{"Network", priceSharedNetwork},
	{"Search", priceSearch},
	{"Processor", priceProcessor},
	{"Producer", priceProducer},
	{"Archive", priceArchive},
	{"Watch", priceWatch},
	{"Trail", priceTrail},
	{"Telemetry", priceTelemetry},
	{"Pipeline", pricePipeline},
	{"Scaling", priceScaling},
	{"FanOut", priceFanOut},
}
