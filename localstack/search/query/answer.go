package query

import (
	"cmp"
	"strconv"

	"taxistream/internal/jsonscan"
)

// Append appends the answer to a search, without its closing brace.
func (f *Found) Append(b []byte) []byte {
	q := f.q
	b = append(b, `{"took":0,"timed_out":false,`...)
	b = AppendShards(b, len(f.indexes))
	b = append(b, `,"hits":{`...)
	switch {
	case q.track < 0 || f.total <= q.track:
		b = append(b, `"total":{"value":`...)
		b = strconv.AppendInt(b, f.total, 10)
		b = append(b, `,"relation":"eq"},`...)
	case q.track > 0:
		b = append(b, `"total":{"value":`...)
		b = strconv.AppendInt(b, q.track, 10)
		b = append(b, `,"relation":"gte"},`...)
	}
	score := "null"
	switch {
	case len(f.indexes) == 0:
		score = "0.0"
	case len(q.sort) == 0 && len(f.hits) > 0:
		score = "1.0"
	}
	b = append(b, `"max_score":`...)
	b = append(b, score...)
	b = append(b, `,"hits":[`...)
	for i, c := range f.hits {
		if i > 0 {
			b = append(b, ',')
		}
		b = f.appendHit(b, c, score)
	}
	b = append(b, `]}`...)
	if len(f.indexes) == 0 || len(f.aggs) == 0 { // as OpenSearch has it
		return b
	}
	b = append(b, `,"aggregations":{`...)
	b = appendAggs(b, q.aggs, f.aggs)
	return append(b, '}')
}

func (f *Found) appendHit(b []byte, c candidate, score string) []byte {
	v := view{Index: f.indexes[c.ix], reader: f.reader}
	d := v.document(c.slot)
	b = append(b, `{"_index":`...)
	b = jsonscan.AppendString(b, v.Name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, d.ID)
	if f.q.version {
		b = append(b, `,"_version":`...)
		b = strconv.AppendInt(b, d.Version, 10)
	}
	if f.q.seqNo {
		b = append(b, `,"_seq_no":`...)
		b = strconv.AppendInt(b, d.Seq, 10)
		b = append(b, `,"_primary_term":1`...)
	}
	b = append(b, `,"_score":`...)
	b = append(b, score...)
	b = f.q.source.Append(b, d.Source)
	for i := range f.q.sort {
		b = append(b, [...]string{`,"sort":[`, ","}[min(i, 1)]...)
		b = f.q.sort[i].append(b, f.kinds[i], c.values[i])
	}
	if len(f.q.sort) > 0 {
		b = append(b, ']')
	}
	f.err = cmp.Or(f.err, v.err)
	return append(b, '}')
}

// AppendShards appends what an answer says of so many shards.
func AppendShards(b []byte, n int) []byte {
	b = append(b, `"_shards":{"total":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `,"successful":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, `,"skipped":0,"failed":0}`...)
}
