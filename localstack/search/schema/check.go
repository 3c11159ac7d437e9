package schema

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"strings"
	"unsafe"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
)

// maxTerm is the longest keyword that Lucene indexes, in bytes.
const maxTerm = 32766

// immense begins the reason for a longer one. Lucene finds it, not the mapping,
// so it comes as it is.
const immense = "Document contains at least one immense term"

// errStop ends a walk over members early.
var errStop = errors.New("stop")

// Values are a document's values by column, and what else its index must know.
type Values struct {
	N       []int64
	Has     []bool
	Text    [][]byte   // of keywords, as it is written between quotes
	Several []int      // columns of which the document holds more than one value
	New     []NewField // that the mapping lacks, and that must be added to it first

	known   *Known
	seen    []bool   // by a field's place in the mapping's order: it has come in this object or one around it
	fields  []*Field // those that were seen
	mapping *Mapping
	source  []byte
	id      string
	failed  *fail.Error
}

// NewField is a field as a document brings it.
type NewField struct{ path, definition string }

// NewValues are for reading documents one after another. Known may be nil.
func NewValues(known *Known) *Values { return &Values{known: known} }

// Read reads a document as its index would: one JSON object, each field of its
// mapped type, no other field where the mapping is strict. The error is the item's.
func (v *Values) Read(m *Mapping, id string, source []byte) *fail.Error {
	v.reset(m.Columns)
	for len(v.seen) < len(m.order) {
		v.seen = append(v.seen, false)
	}
	v.mapping, v.id, v.source = m, id, source
	next := 0
	err := jsonscan.ObjectOf(source, v.known, func(key []byte, from, to int) error {
		var f *Field
		if next < len(m.order) && string(key) == m.order[next].Path {
			f = m.order[next]
		} else {
			f = m.byPath[string(key)]
		}
		if f != nil {
			next = f.at + 1
		}
		return v.member(f, "", key, from, to)
	})
	switch {
	case v.failed != nil:
		return v.failed
	case err != nil:
		return notParsed("%v", err)
	}
	return nil
}

func (v *Values) reset(columns int) {
	if cap(v.N) < columns {
		v.N, v.Has, v.Text = make([]int64, columns), make([]bool, columns), make([][]byte, columns)
	}
	v.N, v.Has, v.Text = v.N[:columns], v.Has[:columns], v.Text[:columns]
	clear(v.Has)
	v.Several, v.New, v.failed = v.Several[:0], v.New[:0], nil
	for _, f := range v.fields {
		v.seen[f.at] = false
	}
	v.fields = v.fields[:0]
}

func notParsed(format string, args ...any) *fail.Error {
	e := mappingf("failed to parse")
	e.Cause = fail.Newf(0, "json_parse_exception", format, args...)
	return e
}

func (v *Values) stop(e *fail.Error) error {
	v.failed = e
	return errStop
}

// member reads one member of the document or of an object in it. f is its field,
// if that is known already.
func (v *Values) member(f *Field, prefix string, key []byte, from, to int) error {
	if f == nil {
		path := prefix + jsonscan.Unescape(key)
		if f = v.mapping.byPath[path]; f == nil {
			return v.unmapped(path, from, to)
		}
	}
	switch {
	case f.at < 0:
		return v.stop(mappingf("Could not dynamically add mapping for field [%s]. Existing mapping for [%s] must be of type object but found [%s].", f.Path, f.of.Path, f.of.TypeName))
	case v.seen[f.at]:
		return v.stop(notParsed("Duplicate field '%s'", f.Path))
	}
	v.seen[f.at] = true
	v.fields = append(v.fields, f)
	if f.Kind == Opaque || f.Kind == Binary {
		return nil
	}
	return v.value(f, from, to)
}

// value reads the value of a field, or each of several. A null is an absent value.
func (v *Values) value(f *Field, from, to int) error {
	raw := v.source[from:to]
	switch {
	case raw[0] == 'n':
		return nil
	case raw[0] == '[' && f.Kind == Point:
		return v.stop(fail.Unsupportedf("a geo_point that is not {lat, lon}"))
	case raw[0] == '[':
		_, err := jsonscan.Elements(v.source, from, 0, func(from, to int) error { return v.value(f, from, to) })
		return err
	}
	if f.Column >= 0 && v.Has[f.Column] {
		v.Several = append(v.Several, f.Column)
	}
	cause := v.scalar(f, raw)
	if cause == nil {
		return nil
	}
	bad := cause
	if cause.Status != http.StatusNotImplemented && !strings.HasPrefix(cause.Reason, immense) {
		bad = mappingf("failed to parse field [%s] of type [%s] in document with id '%s'. Preview of field's value: '%s'", f.Path, f.TypeName, v.id, preview(raw))
		bad.Cause = cause
	}
	return v.stop(bad)
}

func preview(raw []byte) string {
	s := jsonscan.Scalar(raw)
	return s[:min(len(s), 100)]
}

func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// scalar reads one value into its column.
func (v *Values) scalar(f *Field, raw []byte) *fail.Error {
	if f.Kind == Point {
		v.Has[f.Column], v.N[f.Column] = true, 0
		return checkPoint(raw)
	}
	if raw[0] == '{' {
		return fail.Illegalf("Can't get text on a START_OBJECT")
	}
	text := raw
	if raw[0] == '"' {
		text = raw[1 : len(raw)-1]
	}
	var n int64
	switch f.Kind {
	case Keyword:
		long := max(f.longest, 0)
		if length := len(text); long > 0 && length > long && len([]rune(jsonscan.Unescape(text))) > long {
			return nil // ignore_above
		} else if length > maxTerm && len(jsonscan.Unescape(text)) > maxTerm {
			return fail.Illegalf(immense+" in field=\"%s\" (whose UTF8 encoding is longer than the max length %d)", f.Path, maxTerm)
		}
		v.Text[f.Column] = text
	case Text:
	default:
		if len(text) == 0 && f.Kind != Boolean && f.Kind != Date {
			return nil // coerced to an absent value
		}
		var err *fail.Error
		if n, err = f.number(text, raw); err != nil {
			return err
		}
	}
	v.Has[f.Column], v.N[f.Column] = true, n
	for _, s := range f.subs {
		if v.Has[s.Column] {
			v.Several = append(v.Several, s.Column)
		}
		if err := v.scalar(s, raw); err != nil {
			return err
		}
	}
	return nil
}

// number reads a value that is one in its column.
func (f *Field) number(text, raw []byte) (int64, *fail.Error) {
	switch f.Kind {
	case Long:
		n, err := f.integer(text, raw[0] == '"')
		if err != nil {
			return 0, fail.Illegalf("%v", err)
		}
		return n, nil
	case Double:
		x, err := f.ParseDouble(unsafeString(text))
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || bytes.IndexByte(text, '_') >= 0 {
			return 0, fail.Illegalf("[%s] supports only finite values, but got [%s]", f.TypeName, text)
		}
		return Sortable(x), nil
	case Date:
		ms, ok := parseInstant(text)
		if !ok {
			ms, _, ok = ParseDate(unsafeString(text))
		}
		if !ok {
			return 0, fail.Illegalf("failed to parse date field [%s] with format [strict_date_optional_time||epoch_millis]", text)
		}
		return ms, nil
	}
	n, ok := ParseBoolean(string(text))
	if !ok || raw[0] != '"' && len(text) < 4 {
		return 0, fail.Illegalf("Failed to parse value [%s] as only [true] or [false] are allowed.", text)
	}
	return n, nil
}
