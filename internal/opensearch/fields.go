package opensearch

import "errors"

var errNoObject = errors.New("not a compact JSON object")

// eachField calls fn with the members of a valid JSON object without white
// space: the name between its quotes and the value, both parts of source.
func eachField(source []byte, fn func(name, value []byte) error) error {
	if len(source) < 2 || source[0] != '{' {
		return errNoObject
	}
	for i := 1; source[i] != '}'; {
		nameEnd := valueEnd(source, i)
		end := valueEnd(source, nameEnd+1)
		if source[i] != '"' || nameEnd-i < 2 || nameEnd+1 >= end || end >= len(source) || source[nameEnd] != ':' {
			return errNoObject
		}
		if err := fn(source[i+1:nameEnd-1], source[nameEnd+1:end]); err != nil {
			return err
		}
		if i = end; source[i] == ',' {
			i++
		}
		if i >= len(source) {
			return errNoObject
		}
	}
	return nil
}

// valueEnd is where the value that begins at b[i] ends: at the comma, colon or
// bracket after it, or at the end of b.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return min(i, len(b))
}
