package search

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unsafe"

	"taxistream/internal/jsonscan"
)

// noValue stands in a column for a document without that field. It is a long,
// too: where it may be one, the source is asked.
const noValue = math.MinInt64

// maxTerm is the longest keyword that Lucene indexes, in bytes.
const maxTerm = 32766

// immense begins the reason for a longer one. Lucene finds it, not the mapping,
// so it comes as it is.
const immense = "Document contains at least one immense term"

// check reads a document as its index would: one JSON object, each field of its
// mapped type, no other field where the mapping is strict. It fills columns,
// those of the mapping. The error is the item's.
func (m *mapping) check(id string, source []byte, columns []int64, known *knownObjects) *apiError {
	for i := range columns {
		columns[i] = noValue
	}
	var seen uint64
	next := 0 // documents mostly hold their fields in the mapping's order
	var bad *apiError
	err := jsonscan.ObjectOf(source, known, func(key []byte, from, to int) error {
		i, ok := next, next < len(m.fields) && string(key) == m.fields[next].name
		if !ok {
			if i, ok = m.byName[jsonscan.Unescape(key)]; !ok {
				if m.dynamic == "strict" {
					bad = failf(http.StatusBadRequest, "strict_dynamic_mapping_exception",
						"mapping set to strict, dynamic introduction of [%s] within [_doc] is not allowed", jsonscan.Unescape(key))
					return bad
				}
				return nil
			}
		}
		f := &m.fields[i]
		next = i + 1
		if i < 64 {
			if seen&(1<<i) != 0 {
				bad = failf(http.StatusBadRequest, "mapper_parsing_exception", "failed to parse")
				bad.cause = failf(0, "json_parse_exception", "Duplicate field '%s'", f.name)
				return bad
			}
			seen |= 1 << i
		}
		if cause := f.check(source[from:to], columns); cause != nil {
			bad = cause
			if cause.status != http.StatusNotImplemented && !strings.HasPrefix(cause.reason, immense) {
				bad = failf(http.StatusBadRequest, "mapper_parsing_exception", "failed to parse field [%s] of type [%s] in document with id '%s'. Preview of field's value: '%s'",
					f.name, f.typeName, id, preview(source[from:to]))
				bad.cause = cause
			}
			return bad
		}
		return nil
	})
	switch {
	case bad != nil:
		return bad
	case err != nil:
		e := failf(http.StatusBadRequest, "mapper_parsing_exception", "failed to parse")
		e.cause = failf(0, "json_parse_exception", "%v", err)
		return e
	}
	return nil
}

func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func preview(raw []byte) string {
	s := plain(raw)
	if len(s) > 100 {
		s = s[:100]
	}
	return s
}

// check reads one value. A null is an absent value.
func (f *field) check(raw []byte, columns []int64) *apiError {
	if raw[0] == 'n' || f.kind == kindOpaque {
		return nil
	}
	if raw[0] == '[' {
		return unsupportedf("arrays (field %s)", f.name)
	}
	switch f.kind {
	case kindGeoPoint:
		return checkPoint(raw)
	case kindBinary:
		return nil // not indexed, so not looked at
	}
	if raw[0] == '{' {
		return illegalf("Can't get text on a START_OBJECT")
	}
	text := raw
	if raw[0] == '"' {
		text = raw[1 : len(raw)-1]
	}
	switch f.kind {
	case kindKeyword:
		if len(text) > maxTerm && len(jsonscan.Unescape(text)) > maxTerm {
			return illegalf(immense+" in field=\"%s\" (whose UTF8 encoding is longer than the max length %d)", f.name, maxTerm)
		}
	case kindLong:
		if len(text) == 0 {
			return nil // coerced to an absent value
		}
		n, err := f.integer(text)
		if err != nil {
			return illegalf("%v", err)
		}
		columns[f.column] = n
	case kindDouble:
		if len(text) == 0 {
			return nil
		}
		v, err := strconv.ParseFloat(unsafeString(text), 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || bytes.IndexByte(text, '_') >= 0 {
			return illegalf("[%s] supports only finite values, but got [%s]", f.typeName, text)
		}
	case kindDate:
		ms, ok := parseInstant(text)
		if !ok {
			ms, _, ok = parseDate(unsafeString(text))
		}
		if !ok {
			return illegalf("failed to parse date field [%s] with format [strict_date_optional_time||epoch_millis]", text)
		}
		columns[f.column] = ms
	case kindBoolean:
		if s := string(text); s != "true" && s != "false" && s != "" {
			return illegalf("Failed to parse value [%s] as only [true] or [false] are allowed.", s)
		}
	}
	return nil
}

// integer reads a number as OpenSearch's coercion does: a fraction is cut off.
func (f *field) integer(text []byte) (int64, error) {
	n, err := strconv.ParseInt(unsafeString(text), 10, 64)
	if err != nil {
		v, floatErr := strconv.ParseFloat(unsafeString(text), 64)
		if floatErr != nil {
			return 0, errors.New("For input string: \"" + string(text) + "\"")
		}
		if v = math.Trunc(v); v < -1<<63 || v >= 1<<63 {
			return 0, errors.New("Value [" + string(text) + "] is out of range for a " + f.typeName)
		}
		n = int64(v)
	}
	if n < f.min || n > f.max {
		return 0, errors.New("Value [" + string(text) + "] is out of range for a " + f.typeName)
	}
	return n, nil
}

// checkPoint reads {"lat":…,"lon":…}.
func checkPoint(raw []byte) *apiError {
	if raw[0] != '{' && raw[0] != '"' {
		return failf(0, "parse_exception", "geo_point expected")
	}
	if raw[0] != '{' {
		return unsupportedf("a geo_point that is not {lat, lon}")
	}
	found := 0
	var bad *apiError
	_, _ = jsonscan.Members(raw, 0, 0, func(key []byte, from, to int) error {
		limit := 180.0
		switch string(key) {
		case "lat":
			limit = 90
		case "lon":
		default:
			bad = failf(0, "parse_exception", "field must be either [lat], [lon] or [geohash]")
			return errFound
		}
		v, err := strconv.ParseFloat(unsafeString(plainBytes(raw[from:to])), 64)
		if err != nil {
			bad = failf(0, "parse_exception", "[%s] must be a valid double value", key)
		} else if !(math.Abs(v) <= limit) {
			bad = illegalf("illegal latitude or longitude value [%v]", v)
		}
		found++
		return nil
	})
	if bad == nil && found != 2 {
		bad = failf(0, "parse_exception", "field [lat] or [lon] missing")
	}
	return bad
}
