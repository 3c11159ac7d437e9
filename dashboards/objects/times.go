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
