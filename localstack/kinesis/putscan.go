package kinesis

import "bytes"

// scanPut reads the PutRecords that SDKs write: the known members once each,
// strings of printable ASCII without escapes. It returns false on anything
// else, right or wrong, and leaves that to decodePut; where it returns true
// the two agree.
func scanPut(body []byte, p *putRequest) bool {
	s := scanner{rest: body}
	if !s.take('{') {
		return false
	}
	records := false
	for !s.take('}') {
		name, ok := s.member()
		if !ok {
			return false
		}
		switch {
		case string(name) == "Records" && !records:
			records = true
			ok = s.entries(p)
		case string(name) == "StreamName" && p.stream == nil:
			p.stream, ok = s.text()
		case string(name) == "StreamARN" && p.arn == nil:
			p.arn, ok = s.text()
		default:
			return false
		}
		if !ok || !s.separator('}') {
			return false
		}
	}
	s.space()
	return records && len(s.rest) == 0
}

// scanner reads JSON from the front of rest.
type scanner struct{ rest []byte }

func (s *scanner) space() {
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case ' ', '\n', '\r', '\t':
			s.rest = s.rest[1:]
		default:
			return
		}
	}
}

// take consumes c if it comes next.
func (s *scanner) take(c byte) bool {
	s.space()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// separator consumes a comma with something other than the closing mark after
// it, or nothing before the mark.
func (s *scanner) separator(mark byte) bool {
	if s.take(',') {
		s.space()
		return len(s.rest) > 0 && s.rest[0] != mark
	}
	return len(s.rest) > 0 && s.rest[0] == mark
}

// member reads a name and its colon.
func (s *scanner) member() ([]byte, bool) {
	name, ok := s.text()
	return name, ok && s.take(':')
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	end := bytes.IndexByte(s.rest, '"')
	if end < 0 {
		return nil, false
	}
	text := s.rest[:end:end]
	for _, c := range text {
		if c < ' ' || c > '~' || c == '\\' {
			return nil, false
		}
	}
	s.rest = s.rest[end+1:]
	return text, true
}

// data reads a string of base64.
func (s *scanner) data() (text []byte, size int, ok bool) {
	if !s.take('"') {
		return nil, 0, false
	}
	run := base64Run(s.rest)
	end := run
	for end < len(s.rest) && end < run+2 && s.rest[end] == '=' {
		end++
	}
	if end >= len(s.rest) || s.rest[end] != '"' || end%4 != 0 {
		return nil, 0, false
	}
	text = s.rest[:end:end]
	s.rest = s.rest[end+1:]
	return text, end/4*3 - (end - run), true
}

func (s *scanner) entries(p *putRequest) bool {
	if !s.take('[') {
		return false
	}
	for !s.take(']') {
		if len(p.entries) > MaxPutRecords || !s.take('{') {
			return false
		}
		e := putEntry{}
		if !s.entry(&e) {
			return false
		}
		p.entries = append(p.entries, e)
		if !s.separator(']') {
			return false
		}
	}
	return true
}

// entry reads the members of one record up to its closing brace.
func (s *scanner) entry(e *putEntry) bool {
	for !s.take('}') {
		name, ok := s.member()
		if !ok {
			return false
		}
		switch {
		case string(name) == "Data" && e.data == nil:
			e.data, e.size, ok = s.data()
		case string(name) == "PartitionKey" && e.key == nil:
			e.key, ok = s.text()
			e.keyJSON = e.key
		case string(name) == "ExplicitHashKey" && e.explicit == nil:
			e.explicit, ok = s.text()
		default:
			return false
		}
		if !ok || !s.separator('}') {
			return false
		}
	}
	return e.data != nil && e.key != nil
}
