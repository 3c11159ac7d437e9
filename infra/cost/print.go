package cost

import (
	"fmt"
	"io"
	"math"
	"strings"

	"taxistream/infra/config"
)

// printBill writes the lines by stack with a sum each, then the total.
func printBill(w io.Writer, c *config.Config, e *Estimate, t *Table) {
	fmt.Fprintf(w, "Prices of %s, %s, USD, before taxes and free allowances. Replays: %s h a day %s (%s trips/s).\n",
		t.Region, t.Date, trimmed(c.Assumed.ReplayHours), speed(c.Producer.Speedup), grouped(flowOf(c).trips, 0))
	if c.Region != "" && c.Region != t.Region {
		fmt.Fprintf(w, "The prices of %s differ.\n", c.Region)
	}
	fmt.Fprintln(w)
	tab := table{right: []int{2, 4, 5}}
	tab.row("stack", "charged for", "a month", "unit", "USD each", "USD a month")
	for i := 0; i < len(e.Lines); {
		stack, sum := e.Lines[i].Stack, 0.0
		for first := i; i < len(e.Lines) && e.Lines[i].Stack == stack; i++ {
			l := &e.Lines[i]
			name := stack
			if i > first {
				name = ""
			}
			tab.row(name, l.what(), grouped(l.Quantity, 2), l.Price.Unit, trimmed(l.Price.USD), grouped(l.USD(), 2))
			sum += l.USD()
		}
		tab.row("", "", "", "", "sum", grouped(sum, 2))
	}
	tab.row("total", "", "", "", "", grouped(e.Monthly(), 2))
	tab.print(w)
	fmt.Fprintf(w, "\nAn hour costs %s while nothing is replayed; an hour of replay adds %s.\n", cents(e.Deployed()), cents(e.Replaying()))
}

func (l *Line) what() string {
	if l.Note == "" {
		return string(l.Item)
	}
	return string(l.Item) + ": " + l.Note
}

// printLevers writes what each lever makes of the total.
func printLevers(w io.Writer, all []Lever) {
	fmt.Fprintln(w)
	tab := table{right: []int{1, 2}}
	tab.row("what if", "USD a month", "difference", "set", "of what is there it")
	for i := range all {
		l := &all[i]
		tab.row(l.What, grouped(l.Total, 2), fmt.Sprintf("%+.2f", l.Delta), l.Flags(), l.Replaces())
	}
	tab.print(w)
}

// printPages writes where the prices stand.
func printPages(w io.Writer, e *Estimate) {
	seen := map[string]bool{}
	var pages []string
	for _, l := range e.Lines {
		if !seen[l.Price.Page] {
			seen[l.Price.Page] = true
			pages = append(pages, l.Price.Page)
		}
	}
	fmt.Fprintf(w, "\nPrices: https://aws.amazon.com, %s\n", strings.Join(pages, " "))
}

// cents writes an amount with as many digits as make sense for an hour.
func cents(usd float64) string { return fmt.Sprintf("%.3f", usd) }

func speed(speedup float64) string {
	if speedup == 0 {
		return "as fast as it goes"
	}
	return "at " + trimmed(speedup) + " times life"
}

// trimmed writes a number without trailing zeros.
func trimmed(v float64) string {
	s := fmt.Sprintf("%.10f", v)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// grouped writes a number with commas at the thousands and so many digits after the point.
func grouped(v float64, digits int) string {
	s := fmt.Sprintf("%.*f", digits, math.Abs(v))
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if v < 0 {
		whole = "-" + whole
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}
