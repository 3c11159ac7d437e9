package query

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/schema"
)

// calendar says into which interval of a date_histogram a moment falls.
type calendar struct {
	fixed  time.Duration // 0: unit counts
	unit   byte          // of the calendar: m, h, d, w, M, q, y
	zone   *time.Location
	offset time.Duration
	// extended_bounds: the first and the last interval, even if empty
	bounded   bool
	low, high int64
}

var calendarUnits = map[string]byte{
	"minute": 'm', "1m": 'm', "hour": 'h', "1h": 'h', "day": 'd', "1d": 'd', "week": 'w', "1w": 'w',
	"month": 'M', "1M": 'M', "quarter": 'q', "1q": 'q', "year": 'y', "1y": 'y',
}

var fixedUnits = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// parseInterval reads 90m or 1d.
func parseInterval(text string) (time.Duration, bool) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit := fixedUnits[text[len(digits):]]
	if err != nil || unit == 0 || n < 0 || n > int64(1<<62/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

func (a *agg) parseDates(raw json.RawMessage) *fail.Error {
	var body struct {
		Field    string          `json:"field"`
		Fixed    string          `json:"fixed_interval"`
		Calendar string          `json:"calendar_interval"`
		Zone     string          `json:"time_zone"`
		Offset   string          `json:"offset"`
		Order    json.RawMessage `json:"order"`
		AtLeast  int64           `json:"min_doc_count"`
		Keyed    bool            `json:"keyed"`
		Bounds   *struct {
			Min json.RawMessage `json:"min"`
			Max json.RawMessage `json:"max"`
		} `json:"extended_bounds"`
	}
	if err := fail.Strict(raw, &body); err != nil {
		return err
	}
	if body.Keyed {
		return fail.Unsupportedf("keyed in a date_histogram (%s)", a.name)
	}
	if body.Field == "" {
		return fail.Illegalf("Required one of fields [field, script], but none were specified. ")
	}
	a.field, a.terms.atLeast, a.dates.zone = body.Field, body.AtLeast, time.UTC
	c := &a.dates
	var ok bool
	switch {
	case body.Fixed != "" && body.Calendar != "":
		return fail.Illegalf("Cannot use [fixed_interval] with [calendar_interval] configuration option.")
	case body.Fixed != "":
		if c.fixed, ok = parseInterval(body.Fixed); !ok || c.fixed <= 0 {
			return malformedf("failed to parse setting [date_histogram.fixedInterval] with value [%s] as a time value: unit is missing or unrecognized", body.Fixed)
		}
	case body.Calendar != "":
		if c.unit, ok = calendarUnits[body.Calendar]; !ok {
			return malformedf("The supplied interval [%s] could not be parsed as a calendar interval.", body.Calendar)
		}
	default:
		return fail.Shardsf("illegal_argument_exception", "Invalid interval specified, must be non-null and non-empty")
	}
	if body.Zone != "" {
		if err := c.parseZone(body.Zone); err != nil {
			return err
		}
	}
	if sign, rest := strings.HasPrefix(body.Offset, "-"), strings.TrimLeft(body.Offset, "+-"); rest != "" {
		if c.offset, ok = parseInterval(rest); !ok {
			return fail.Illegalf("failed to parse setting [offset] with value [%s] as a time value", body.Offset)
		}
		if sign {
			c.offset = -c.offset
		}
	}
	if b := body.Bounds; b != nil {
		if c.bounded, c.low, c.high = true, 0, 0; !c.bound(b.Min, &c.low) || !c.bound(b.Max, &c.high) {
			return fail.Unsupportedf("extended_bounds that are no dates (%s)", a.name)
		}
	}
	var err *fail.Error
	a.terms.order, err = a.parseOrder(body.Order, `{"_key":"asc"}`)
	return err
}

func malformedf(format string, args ...any) *fail.Error {
	return fail.Newf(http.StatusBadRequest, "x_content_parse_exception", format, args...)
}

func (c *calendar) bound(raw json.RawMessage, to *int64) (ok bool) {
	*to, _, ok = schema.ParseDate(jsonscan.Scalar(raw))
	return ok
}

// parseZone reads a name or an offset. Fixed intervals over changes of the offset
// have rules of their own.
func (c *calendar) parseZone(name string) *fail.Error {
	if t, err := time.Parse("-07:00", name); err == nil {
		_, offset := t.Zone()
		c.zone = time.FixedZone(name, offset)
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return malformedf("Unknown time-zone ID: %s", name)
	}
	if c.fixed > 0 && name != "UTC" {
		return fail.Unsupportedf("fixed_interval in the time zone %s", name)
	}
	c.zone = zone
	return nil
}

// floor is the begin of the interval that a moment falls into.
func (c *calendar) floor(ms int64) int64 {
	t := time.UnixMilli(ms).Add(-c.offset).In(c.zone)
	_, shift := t.Zone()
	local := time.Duration(shift) * time.Second
	exact := map[byte]time.Duration{0: c.fixed, 'm': time.Minute, 'h': time.Hour}[c.unit]
	if exact > 0 {
		n := (t.UnixMilli() + local.Milliseconds())
		step := max(exact.Milliseconds(), 1)
		n -= (n%step + step) % step
		return n - local.Milliseconds() + c.offset.Milliseconds()
	}
	year, month, day := t.Date()
	switch c.unit {
	case 'w':
		day -= (int(t.Weekday()) + 6) % 7 // weeks begin on Monday
	case 'M':
		day = 1
	case 'q':
		month, day = (month-1)/3*3+1, 1
	case 'y':
		month, day = 1, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, c.zone).Add(c.offset).UnixMilli()
}

// next is the begin of the interval after the one that begins at ms.
func (c *calendar) next(ms int64) int64 {
	t := time.UnixMilli(ms).Add(-c.offset).In(c.zone)
	switch c.unit {
	case 'd':
		t = t.AddDate(0, 0, 1)
	case 'w':
		t = t.AddDate(0, 0, 7)
	case 'M':
		t = t.AddDate(0, 1, 0)
	case 'q':
		t = t.AddDate(0, 3, 0)
	case 'y':
		t = t.AddDate(1, 0, 0)
	case 'm':
		t = t.Add(time.Minute)
	case 'h':
		t = t.Add(time.Hour)
	default:
		t = t.Add(c.fixed)
	}
	return t.Add(c.offset).UnixMilli()
}

// text is a moment as OpenSearch writes it in a zone.
func (c *calendar) text(ms int64) string {
	return time.UnixMilli(ms).In(c.zone).Format("2006-01-02T15:04:05.000Z07:00")
}
