package objects

import (
	"fmt"
	"regexp"
	"time"
)

// The time range that the dashboard opens with: the generated day of make up.
const (
	defaultFrom = "2016-01-05T05:00:00.000Z"
	defaultTo   = "2016-01-06T05:00:00.000Z"
)

// relative is OpenSearch Dashboards' date arithmetic: now-24h, now/d, now-1d/d.
var relative = regexp.MustCompile(`^now([+-]\d+[smhdwMy])?(/[smhdwMy])?$`)

// Between makes the dashboards of a set open with another time range. Each end is
// an RFC 3339 time or relative to now, as in now-24h; another is an error.
func Between(all []Object, from, to string) error {
	for _, end := range []string{from, to} {
		if _, err := time.Parse(time.RFC3339, end); err != nil && !relative.MatchString(end) {
			return fmt.Errorf("time %q: write RFC 3339, or relative to now as in now-24h", end)
		}
	}
	for _, o := range all {
		if o.Type == Dashboard {
			o.Attributes["timeFrom"], o.Attributes["timeTo"] = from, to
		}
	}
	return nil
}

// behind is an expression for the milliseconds by which New York's clocks are
// behind UTC at an instant: four hours from the second Sunday of March, 07:00 UTC,
// to the first of November, 06:00 UTC, and five else. The rule holds from 2007 on.
// A picture cannot ask the browser: it may stand in any time zone.
func behind(at string) string {
	sunday := func(month, first, hour int) string {
		return fmt.Sprintf("utc(utcyear(%[1]s), %[2]d, %[3]d + (7 - utcday(utc(utcyear(%[1]s), %[2]d, 1))) %% 7, %[4]d)", at, month, first, hour)
	}
	return fmt.Sprintf("(%[1]s >= %[2]s && %[1]s < %[3]s ? 14400000 : 18000000)", at, sunday(2, 8, 7), sunday(10, 1, 6))
}

// clock is an expression for an instant on New York's clocks.
func clock(at, format string) string {
	return fmt.Sprintf("utcFormat(%s - %s, '%s')", at, behind(at), format)
}

// newYork are transforms that add the words for an instant of a row: the hour that
// comes twice in November has EDT at first, then EST.
func newYork(at, as string) []m {
	at = "datum." + at
	return []m{{"calculate": clock(at, "%a %-d %b %Y, %H:%M") + " + (" + behind(at) + " === 14400000 ? ' EDT' : ' EST')", "as": as}}
}

// timeAxis is an axis of instants with New York's clocks at it: ticks at its full
// days, half days or hours.
func timeAxis(title string) m {
	const first, last = "time(domain('x')[0])", "time(domain('x')[1])"
	span := fmt.Sprintf("(%s - %s)", last, first)
	step := fmt.Sprintf("(%[1]s > 1209600000 ? 604800000 : %[1]s > 345600000 ? 86400000 : %[1]s > 172800000 ? 43200000 : %[1]s > 43200000 ? 14400000 : 3600000)", span)
	return m{
		"title": title, "grid": false, "labelOverlap": true, "labelFlush": false,
		"values":    m{"expr": fmt.Sprintf("sequence(ceil((%[1]s - %[3]s) / %[4]s) * %[4]s + %[3]s, %[2]s + 1, %[4]s)", first, last, behind(first), step)},
		"labelExpr": fmt.Sprintf("%s > 172800000 ? %s : %s", span, clock("datum.value", "%a %-d %b %H:%M"), clock("datum.value", "%a %H:%M")),
	}
}
