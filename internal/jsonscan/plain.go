package jsonscan

// Space passes over white space.
func Space(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at]-'\t' < 2 || b[at] == '\r') {
		at++
	}
	return at
}

// Holds reports whether c stands at a place.
func Holds(b []byte, at int, c byte) bool { return uint(at) < uint(len(b)) && b[at] == c }

// Literal passes over a text as it is given.
func Literal(b []byte, at int, text string) int {
	end := at + len(text)
	if end <= len(b) && string(b[at:end]) == text {
		return end
	}
	return Declined
}

// Plain reads a string of printable ASCII without escapes and returns what stands
// between the quotes.
func Plain(b []byte, at int) (text []byte, next int) {
	if !Holds(b, at, '"') {
		return nil, Declined
	}
	at++
	for i, c := range b[at:] {
		if c == '"' {
			return b[at : at+i], at + i + 1
		}
		if c < ' ' || c > '~' || c == '\\' {
			break
		}
	}
	return nil, Declined
}

// Digits reads the digits there are, after those that v holds. From the 20th on
// the value is meaningless.
func Digits(b []byte, at int, v uint64) (uint64, int) {
	for at < len(b) {
		d := b[at] - '0'
		if d > 9 {
			break
		}
		v = v*10 + uint64(d)
		at++
	}
	return v, at
}
