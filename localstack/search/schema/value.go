package schema

import (
	"errors"
	"math"
	"math/big"
	"strconv"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// Sortable is a number whose order is that of the float's.
func Sortable(v float64) int64 {
	b := int64(math.Float64bits(v))
	return b ^ b>>63&math.MaxInt64
}

// Float is the float that Sortable made n of.
func Float(n int64) float64 { return math.Float64frombits(uint64(n ^ n>>63&math.MaxInt64)) }

// ParseDouble reads a number as the field keeps it: a float is rounded to 32 bits.
func (f *Field) ParseDouble(text string) (float64, error) {
	bits := 64
	if f.TypeName == "float" {
		bits = 32
	}
	return strconv.ParseFloat(text, bits)
}

// ParseBoolean reads true, false, or nothing, which is false, as 1 or 0.
func ParseBoolean(text string) (n int64, ok bool) {
	if text == "true" {
		return 1, true
	}
	return 0, text == "false" || text == ""
}

// integer reads a number as OpenSearch's coercion does: a fraction is cut off. What
// is written as a JSON number with a fraction or an exponent goes through a float
// there, a text does not.
func (f *Field) integer(text []byte, quoted bool) (int64, error) {
	n, err := strconv.ParseInt(unsafeString(text), 10, 64)
	if err != nil {
		v, floatErr := strconv.ParseFloat(unsafeString(text), 64)
		if floatErr != nil {
			return 0, errors.New("For input string: \"" + string(text) + "\"")
		}
		if n = int64(v); quoted && math.Abs(v) >= 1<<53 && math.Abs(v) <= 1<<63 {
			n, v = exact(string(text), v)
		}
		if v = math.Trunc(v); v < -1<<63 || v >= 1<<63 {
			return 0, errors.New("Value [" + string(text) + "] is out of range for a " + f.TypeName)
		}
	}
	if n < f.min || n > f.max {
		return 0, errors.New("Value [" + string(text) + "] is out of range for a " + f.TypeName)
	}
	return n, nil
}

// exact cuts the fraction off a large decimal number, near which v is.
func exact(text string, v float64) (int64, float64) {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return int64(v), v
	}
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	if !whole.IsInt64() {
		return 0, math.Inf(1)
	}
	return whole.Int64(), 0
}

// checkPoint reads {"lat":…,"lon":…}.
func checkPoint(raw []byte) *fail.Error {
	if raw[0] != '{' && raw[0] != '"' {
		return fail.Newf(0, "parse_exception", "geo_point expected")
	}
	if raw[0] != '{' {
		return fail.Unsupportedf("a geo_point that is not {lat, lon}")
	}
	found := 0
	var bad *fail.Error
	_, _ = jsonscan.Members(raw, 0, 0, func(key []byte, from, to int) error {
		limit := 180.0
		switch string(key) {
		case "lat":
			limit = 90
		case "lon":
		default:
			bad = fail.Newf(0, "parse_exception", "field must be either [lat], [lon] or [geohash]")
			return errStop
		}
		text := raw[from:to]
		if text[0] == '"' {
			text = text[1 : len(text)-1]
		}
		v, err := strconv.ParseFloat(unsafeString(text), 64)
		if err != nil {
			bad = fail.Newf(0, "parse_exception", "[%s] must be a valid double value", key)
		} else if !(math.Abs(v) <= limit) {
			bad = fail.Illegalf("illegal latitude or longitude value [%v]", v)
		}
		found++
		return nil
	})
	if bad == nil && found != 2 {
		bad = fail.Newf(0, "parse_exception", "field [lat] or [lon] missing")
	}
	return bad
}

// Span gives the numbers of the field's column that a value of a query stands for:
// first to last, none of them where last is below first. millis is the format
// epoch_millis.
func (f *Field) Span(raw []byte, millis bool) (first, last int64, failed *fail.Error) {
	text := jsonscan.Scalar(raw)
	switch f.Kind {
	case Date:
		ok := false
		if millis {
			first, ok = ParseMillis(text)
			last = first
		} else {
			first, last, ok = ParseDate(text)
		}
		if !ok {
			return 0, 0, fail.Shardsf("parse_exception", "failed to parse date field [%s] with format [strict_date_optional_time||epoch_millis] (date mathematics is not supported by the embedded store)", text)
		}
		return first, last, nil
	case Boolean:
		n, ok := ParseBoolean(text)
		if !ok || text == "" {
			return 0, 0, fail.Shardsf("illegal_argument_exception", "Can't parse boolean value [%s], expected [true] or [false]", text)
		}
		return n, n, nil
	case Double:
		v, err := f.ParseDouble(text)
		if err != nil || math.IsNaN(v) {
			return 0, 0, fail.Shardsf("number_format_exception", "For input string: %q", text)
		}
		return Sortable(v), Sortable(v), nil
	}
	first, last, failed = f.wholeSpan(text)
	if least, most := f.limits(); failed == nil && (first < least || last > most) {
		return 0, 0, fail.Shardsf("illegal_argument_exception", "Value [%s] is out of range for an integer", text)
	}
	return first, last, failed
}

// limits are the values that a query may name: integers are the least type there.
func (f *Field) limits() (least, most int64) {
	if f.TypeName != "long" {
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// Narrow tells a field whose values OpenSearch sorts as numbers of 32 bits.
func (f *Field) Narrow() bool {
	return f.Kind == Boolean || f.Kind == Long && f.TypeName != "long" || f.TypeName == "float"
}

// wholeSpan is Span for whole numbers. A fraction lies between two of them.
func (f *Field) wholeSpan(text string) (first, last int64, failed *fail.Error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, n, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) {
		return 0, 0, fail.Shardsf("number_format_exception", "For input string: %q", text)
	}
	whole, isWhole := int64(math.Trunc(v)), v == math.Trunc(v)
	switch {
	case v >= 1<<63 || v < -1<<63:
		return 0, 0, fail.Shardsf("illegal_argument_exception", "Value [%s] is out of range for a long", text)
	case math.Abs(v) >= 1<<53:
		whole, _ = exact(text, v)
		return whole, whole, nil
	case isWhole:
		return whole, whole, nil
	}
	floor := int64(math.Floor(v))
	return floor + 1, floor, nil
}
