package query

import (
	"encoding/json"
	"math"
	"strconv"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/schema"
)

// appendAggs appends "name":{…} of each, as OpenSearch writes it.
func appendAggs(b []byte, list []*agg, collectors []collector) []byte {
	for i, a := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, a.name)
		b = append(b, ':')
		b = collectors[i].append(b)
	}
	return b
}

func (m *metric) append(b []byte) []byte {
	b = append(b, `{"value":`...)
	switch {
	case m.kind == "value_count":
		b = strconv.AppendInt(b, m.count, 10)
	case m.count == 0 && m.kind != "sum":
		b = append(b, "null"...)
	default:
		b = appendDouble(b, m.value())
		if m.typed != nil && m.typed.Kind == schema.Date {
			b = append(b, `,"value_as_string":`...)
			b = jsonscan.AppendString(b, utc.text(int64(m.value())))
		}
	}
	return append(b, '}')
}

func (d *distinct) append(b []byte) []byte {
	b = append(b, `{"value":`...)
	b = strconv.AppendInt(b, int64(len(d.seen)), 10)
	return append(b, '}')
}

func (g *grouping) append(b []byte) []byte {
	list, others := g.sorted()
	b = append(b, '{')
	if g.kind == "terms" {
		b = append(b, `"doc_count_error_upper_bound":0,"sum_other_doc_count":`...)
		b = strconv.AppendInt(b, others, 10)
		b = append(b, ',')
	}
	b = append(b, `"buckets":[`...)
	for i, one := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if g.kind == "date_histogram" {
			b = appendAsString(b, g.dates.text(one.key.n))
		}
		b = append(b, `"key":`...)
		b = appendKey(b, g.kindOfKey(), one.key)
		if g.kind == "terms" {
			switch g.kindOfKey() {
			case schema.Date:
				b = appendAsString(append(b, ','), utc.text(one.key.n))
				b = b[:len(b)-1]
			case schema.Boolean:
				b = appendAsString(append(b, ','), strconv.FormatBool(one.key.n == 1))
				b = b[:len(b)-1]
			}
		}
		b = append(b, `,"doc_count":`...)
		b = strconv.AppendInt(b, one.count, 10)
		if g.terms.showError {
			b = append(b, `,"doc_count_error_upper_bound":0`...)
		}
		if len(g.subs) > 0 {
			b = append(b, ',')
			b = appendAggs(b, g.subs, one.subs)
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

func (g *grouping) kindOfKey() schema.Kind {
	if g.typed == nil {
		return schema.Date // of buckets that only bounds made
	}
	return g.typed.Kind
}

// appendAsString appends "key_as_string":…, with its comma.
func appendAsString(b []byte, text string) []byte {
	b = append(b, `"key_as_string":`...)
	b = jsonscan.AppendString(b, text)
	return append(b, ',')
}

func appendKey(b []byte, kind schema.Kind, k key) []byte {
	switch kind {
	case schema.Keyword:
		return jsonscan.AppendString(b, k.s)
	case schema.Double:
		return appendDouble(b, schema.Float(k.n))
	}
	return strconv.AppendInt(b, k.n, 10)
}

// appendDouble writes a double as Java does at these sizes: 5.0, not 5.
func appendDouble(b []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	text, _ := json.Marshal(v) // it is finite
	return append(b, text...)
}
