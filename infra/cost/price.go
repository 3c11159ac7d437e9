package cost

import "fmt"

// An Item is something that AWS has a price for.
type Item string

// A Price is what one unit of an item costs.
type Price struct {
	USD  float64
	Unit string // what is charged for: "shard-hour"
	Page string // where AWS states it, below https://aws.amazon.com
}

// A Table holds the prices of one region at one date.
type Table struct {
	Region string
	Date   string // yyyy-mm-dd
	Prices map[Item]Price
}

// price gives an item's price, or an error that names the item and the table.
func (t *Table) price(item Item) (Price, error) {
	p, known := t.Prices[item]
	if !known {
		return Price{}, fmt.Errorf("no price for %s in %s (%s): add it to infra/cost with its page", item, t.Region, t.Date)
	}
	return p, nil
}

// Instance is the item of an OpenSearch instance type such as "m7g.large.search".
func Instance(kind string) Item { return Item("hours of " + kind) }
