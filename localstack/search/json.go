package search

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// The store reads each document once, in one pass over its bytes, and keeps the
// bytes. These functions are that pass: they accept exactly JSON (RFC 8259),
// nested to maxDepth, and allocate nothing.

const maxDepth = 64

var (
	errSyntax = errors.New("not valid JSON")
	errDepth  = errors.New("nested deeper than 64 levels")
)

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the end of the value that begins at b[i], which is no white space.
func skipValue(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, errSyntax
	}
	switch c := b[i]; {
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	case c == '"':
		return skipString(b, i)
	case c == '{':
		return skipObject(b, i, depth)
	case c == '[':
		return skipArray(b, i, depth)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	}
	return i, errSyntax
}

func skipWord(b []byte, i int, word string) (int, error) {
	end := i + len(word)
	if end > len(b) || string(b[i:end]) != word {
		return i, errSyntax
	}
	return end, nil
}

func skipObject(b []byte, i, depth int) (int, error) {
	return members(b, i, depth, func([]byte, int, int) error { return nil })
}

// members calls fn with each member of the object that begins at b[i]: the key
// between its quotes, as it is written, and where the value begins and ends.
func members(b []byte, i, depth int, fn func(key []byte, from, to int) error) (int, error) {
	return membersOf(b, i, depth, nil, fn)
}

func membersOf(b []byte, i, depth int, known *knownObjects, fn func(key []byte, from, to int) error) (int, error) {
	if depth >= maxDepth {
		return i, errDepth
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, errSyntax
		}
		keyEnd, err := skipString(b, i)
		if err != nil {
			return keyEnd, err
		}
		key := b[i+1 : keyEnd-1]
		if i = keyEnd; i < len(b) && b[i] <= ' ' {
			i = skipSpace(b, i)
		}
		if i >= len(b) || b[i] != ':' {
			return i, errSyntax
		}
		from := i + 1
		if from < len(b) && b[from] <= ' ' {
			from = skipSpace(b, from)
		}
		to, err := known.skip(b, from, depth+1)
		if err != nil {
			return to, err
		}
		if err := fn(key, from, to); err != nil {
			return to, err
		}
		i = skipSpace(b, to)
		switch {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, nil
		default:
			return i, errSyntax
		}
	}
}

// skipArray is elements without a function to call: boundaries are mostly numbers.
func skipArray(b []byte, i, depth int) (int, error) {
	if depth >= maxDepth {
		return i, errDepth
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		to, err := skipValue(b, i, depth+1)
		if err != nil {
			return to, err
		}
		i = to
		if i < len(b) && b[i] <= ' ' {
			i = skipSpace(b, i)
		}
		if i >= len(b) || b[i] != ',' && b[i] != ']' {
			return i, errSyntax
		}
		if b[i] == ']' {
			return i + 1, nil
		}
		if i++; i < len(b) && b[i] <= ' ' {
			i = skipSpace(b, i)
		}
	}
}

// elements calls fn with where each element of the array at b[i] begins and ends.
func elements(b []byte, i, depth int, fn func(from, to int) error) (int, error) {
	if depth >= maxDepth {
		return i, errDepth
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		to, err := skipValue(b, i, depth+1)
		if err != nil {
			return to, err
		}
		if err := fn(i, to); err != nil {
			return to, err
		}
		i = skipSpace(b, to)
		switch {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1, nil
		default:
			return i, errSyntax
		}
	}
}

// plainByte tells the bytes of a string that need no second look.
var plainByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		c := b[i]
		if plainByte[c] {
			continue
		}
		if c == '"' {
			return i + 1, nil
		}
		if c != '\\' {
			return i, errSyntax
		}
		last, err := skipEscape(b, i)
		if err != nil {
			return i, err
		}
		i = last
	}
	return i, errSyntax
}

// skipEscape returns the last byte of the escape at b[i].
func skipEscape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return i, errSyntax
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1, nil
	case 'u':
		if i+5 >= len(b) {
			return i, errSyntax
		}
		for _, c := range b[i+2 : i+6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return i, errSyntax
			}
		}
		return i + 5, nil
	}
	return i, errSyntax
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

func skipNumber(b []byte, i int) (int, error) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := skipDigits(b, i)
	if whole == i || (b[i] == '0' && whole > i+1) {
		return i, errSyntax
	}
	i = whole
	if i < len(b) && b[i] == '.' {
		end := skipDigits(b, i+1)
		if end == i+1 {
			return i, errSyntax
		}
		i = end
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		end := skipDigits(b, i)
		if end == i {
			return i, errSyntax
		}
		i = end
	}
	return i, nil
}

// object checks that b is one JSON object in UTF-8 and calls fn with its members.
func object(b []byte, fn func(key []byte, from, to int) error) error {
	return objectOf(b, nil, fn)
}

func objectOf(b []byte, known *knownObjects, fn func(key []byte, from, to int) error) error {
	if !utf8.Valid(b) {
		return errors.New("not valid UTF-8")
	}
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return errSyntax
	}
	end, err := membersOf(b, i, 0, known, fn)
	if err != nil {
		return err
	}
	if skipSpace(b, end) != len(b) {
		return errSyntax
	}
	return nil
}

// lookup finds a member of an object that is known to be valid. Of repeated keys
// the first counts; mapped documents have none.
func lookup(b []byte, name string) (raw []byte, ok bool) {
	_, _ = members(b, skipSpace(b, 0), 0, func(key []byte, from, to int) error {
		if keyIs(key, name) {
			raw, ok = b[from:to], true
			return errFound
		}
		return nil
	})
	return raw, ok
}

// errFound ends a walk over members early.
var errFound = errors.New("found")

func keyIs(key []byte, name string) bool {
	for _, c := range key {
		if c == '\\' {
			return unescape(key) == name
		}
	}
	return string(key) == name
}

// unescape reads what stands between the quotes of a valid string.
func unescape(raw []byte) string {
	for _, c := range raw {
		if c == '\\' {
			var s string
			_ = json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &s) // it is valid
			return s
		}
	}
	return string(raw)
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s) // a string cannot fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
