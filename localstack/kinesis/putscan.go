package kinesis

// scanPut reads the PutRecords that SDKs write: the known members once each,
// strings of printable ASCII without escapes. It returns false on anything
// else, right or wrong, and leaves that to decodePut; where it returns true
// the two agree.
func scanPut(body []byte, p *putRequest) bool {
	p.text = body
	s := scanner{rest: body, whole: len(body)}
	if len(body) > maxBody || !s.take('{') {
		return false
	}
	records := false
	for !s.take('}') {
		name, ok := s.member(body)
		if !ok {
			return false
		}
		switch {
		case string(name) == "Records" && !records:
			records = true
			ok = s.entries(body, p)
		case string(name) == "StreamName" && p.stream == nil:
			p.stream, ok = s.textBytes(body)
		case string(name) == "StreamARN" && p.arn == nil:
			p.arn, ok = s.textBytes(body)
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

// scanner reads JSON from the front of rest, the end of a body of whole bytes.
type scanner struct {
	rest  []byte
	whole int
}

// position is the offset in the body of what comes next.
func (s *scanner) position() uint32 { return uint32(s.whole - len(s.rest)) }

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
func (s *scanner) member(body []byte) ([]byte, bool) {
	name, ok := s.textBytes(body)
	return name, ok && s.take(':')
}

func (s *scanner) textBytes(body []byte) ([]byte, bool) {
	text, ok := s.text()
	return body[text.begin:text.end:text.end], ok
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() (span, bool) {
	if !s.take('"') {
		return span{}, false
	}
	begin := s.position()
	for i, c := range s.rest {
		if c == '"' {
			s.rest = s.rest[i+1:]
			return span{begin, begin + uint32(i)}, true
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
	begin := s.position()
	run := base64Run(s.rest)
	end := run
	for end < len(s.rest) && end < run+2 && s.rest[end] == '=' {
		end++
	}
	if end >= len(s.rest) || s.rest[end] != '"' || end%4 != 0 {
		return span{}, 0, false
	}
	s.rest = s.rest[end+1:]
	return span{begin, begin + uint32(end)}, end/4*3 - (end - run), true
}

func (s *scanner) entries(body []byte, p *putRequest) bool {
	if !s.take('[') {
		return false
	}
	for !s.take(']') {
		if len(p.entries) > MaxPutRecords || !s.take('{') {
			return false
		}
		p.entries = append(p.entries, putEntry{})
		if !s.entry(body, &p.entries[len(p.entries)-1]) || !s.separator(']') {
			return false
		}
	}
	return true
}

// entry reads the members of one record up to its closing brace.
func (s *scanner) entry(body []byte, e *putEntry) bool {
	for !s.take('}') {
		name, ok := s.member(body)
		if !ok {
			return false
		}
		switch {
		case string(name) == "Data" && !e.data.present():
			e.data, e.size, ok = s.data()
		case string(name) == "PartitionKey" && !e.key.present():
			e.key, ok = s.text()
			e.keyJSON = e.key
		case string(name) == "ExplicitHashKey" && !e.explicit.present():
			e.explicit, ok = s.text()
		default:
			return false
		}
		if !ok || !s.separator('}') {
			return false
		}
	}
	return e.data.present() && e.key.present()
}
