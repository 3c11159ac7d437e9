package kinesis

import "taxistream/internal/jsonscan"

// scanPut reads the PutRecords that SDKs write: the known members once each,
// strings of printable ASCII without escapes. It returns false on anything
// else, right or wrong, and leaves that to decodePut; where it returns true
// the two agree.
func scanPut(body []byte, p *putRequest) bool {
	p.text = body
	s := scanner{jsonscan.Cursor{Text: body}}
	if len(body) > maxBody || !s.Take('{') {
		return false
	}
	records, stream, arn := false, span{}, span{}
	for !s.Take('}') {
		ok := false
		switch {
		case !records && s.Name(`"Records"`):
			records = true
			ok = s.entries(p)
		case !stream.Present() && s.Name(`"StreamName"`):
			stream, ok = s.Plain()
			p.stream = p.at(stream)
		case !arn.Present() && s.Name(`"StreamARN"`):
			arn, ok = s.Plain()
			p.arn = p.at(arn)
		}
		if !ok || !s.Separator('}') {
			return false
		}
	}
	return records && s.End()
}

type scanner struct{ jsonscan.Cursor }

// data reads a string of base64.
func (s *scanner) data() (text span, size int, ok bool) {
	if text, ok = s.Opaque(); !ok {
		return span{}, 0, false
	}
	size, ok = base64Size(text.Of(s.Text))
	return text, size, ok
}

func (s *scanner) entries(p *putRequest) bool {
	if !s.Take('[') {
		return false
	}
	for !s.Take(']') {
		if len(p.entries) > MaxPutRecords || !s.Take('{') {
			return false
		}
		p.entries = append(p.entries, putEntry{})
		if !s.entry(&p.entries[len(p.entries)-1]) || !s.Separator(']') {
			return false
		}
	}
	return true
}

// entry reads the members of one record up to its closing brace.
func (s *scanner) entry(e *putEntry) bool {
	for !s.Take('}') {
		ok := false
		switch {
		case !e.data.Present() && s.Name(`"Data"`):
			e.data, e.size, ok = s.data()
		case !e.key.Present() && s.Name(`"PartitionKey"`):
			e.key, ok = s.Plain()
			e.keyJSON = e.key
		case !e.explicit.Present() && s.Name(`"ExplicitHashKey"`):
			e.explicit, ok = s.Plain()
		}
		if !ok || !s.Separator('}') {
			return false
		}
	}
	return e.data.Present() && e.key.Present()
}
