package kinesis

import "bytes"

// scanPut reads the PutRecords that SDKs write: the known members once each,
// strings of printable ASCII without escapes. It returns false on anything
// else, right or wrong, and leaves that to decodePut; where it returns true
// the two agree.
func scanPut(body []byte, p *putRequest) bool {
	p.text = body
	s := scanner{body: body}
	if len(body) > maxBody || !s.take('{') {
		return false
	}
	records, stream, arn := false, span{}, span{}
	for !s.take('}') {
		ok := false
		switch {
		case !records && s.name(`"Records"`):
			records = true
			ok = s.entries(p)
		case !stream.present() && s.name(`"StreamName"`):
			stream, ok = s.text()
			p.stream = p.at(stream)
		case !arn.present() && s.name(`"StreamARN"`):
			arn, ok = s.text()
			p.arn = p.at(arn)
		}
		if !ok || !s.separator('}') {
			return false
		}
	}
	s.space()
	return records && s.at == len(body)
}

// scanner reads JSON from body[at:]. It moves an offset and not a slice, which
// would cost a write barrier a step.
type scanner struct {
	body []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.body) {
		switch s.body[s.at] {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return
		}
	}
}

// next says whether c comes next.
func (s *scanner) next(c byte) bool {
	s.space()
	return s.at < len(s.body) && s.body[s.at] == c
}

// take consumes c if it comes next.
func (s *scanner) take(c byte) bool {
	if !s.next(c) {
		return false
	}
	s.at++
	return true
}

// separator consumes a comma with something other than the closing mark after
// it, or nothing before the mark.
func (s *scanner) separator(mark byte) bool {
	if s.take(',') {
		return !s.next(mark)
	}
	return s.next(mark)
}

// name consumes a quoted name and its colon if they come next.
func (s *scanner) name(quoted string) bool {
	s.space()
	end := s.at + len(quoted)
	if end > len(s.body) || string(s.body[s.at:end]) != quoted {
		return false
	}
	s.at = end
	return s.take(':')
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() (span, bool) {
	if !s.take('"') {
		return span{}, false
	}
	begin := s.at
	for i, c := range s.body[begin:] {
		if c == '"' {
			s.at = begin + i + 1
			return span{uint32(begin), uint32(begin + i)}, true
		}
		if c < ' ' || c > '~' || c == '\\' {
			break
		}
	}
	return span{}, false
}

// data reads a string of base64.
func (s *scanner) data() (text span, size int, ok bool) {
	if !s.take('"') {
		return span{}, 0, false
	}
	begin := s.at
	end := bytes.IndexByte(s.body[begin:], '"')
	if end < 0 {
		return span{}, 0, false
	}
	if size, ok = base64Size(s.body[begin : begin+end]); !ok {
		return span{}, 0, false
	}
	s.at = begin + end + 1
	return span{uint32(begin), uint32(begin + end)}, size, true
}

func (s *scanner) entries(p *putRequest) bool {
	if !s.take('[') {
		return false
	}
	for !s.take(']') {
		if len(p.entries) > MaxPutRecords || !s.take('{') {
			return false
		}
		p.entries = append(p.entries, putEntry{})
		if !s.entry(&p.entries[len(p.entries)-1]) || !s.separator(']') {
			return false
		}
	}
	return true
}

// entry reads the members of one record up to its closing brace.
func (s *scanner) entry(e *putEntry) bool {
	for !s.take('}') {
		ok := false
		switch {
		case !e.data.present() && s.name(`"Data"`):
			e.data, e.size, ok = s.data()
		case !e.key.present() && s.name(`"PartitionKey"`):
			e.key, ok = s.text()
			e.keyJSON = e.key
		case !e.explicit.present() && s.name(`"ExplicitHashKey"`):
			e.explicit, ok = s.text()
		}
		if !ok || !s.separator('}') {
			return false
		}
	}
	return e.data.present() && e.key.present()
}
