package jsonscan

import (
	"encoding/json"
	"unicode/utf8"
)

// Unescape reads what stands between the quotes of a valid string.
func Unescape(written []byte) string {
	for _, c := range written {
		if c == '\\' {
			var s string
			_ = json.Unmarshal(append(append([]byte{'"'}, written...), '"'), &s) // it is valid
			return s
		}
	}
	return string(written)
}

// Scalar reads a valid value that is neither an array nor an object, as text.
func Scalar(raw []byte) string {
	if len(raw) > 1 && raw[0] == '"' {
		return Unescape(raw[1 : len(raw)-1])
	}
	return string(raw)
}

// AppendString appends s as a JSON string. Only what can not stand there is
// escaped: quotes, backslashes, control characters; bytes that are not UTF-8
// become U+FFFD, as encoding/json does it.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		if c := s[i]; !plainByte[c] || c >= utf8.RuneSelf {
			b = append(b, s[:i]...)
			for _, r := range s[i:] {
				switch {
				case r == '"' || r == '\\':
					b = append(b, '\\', byte(r))
				case r < ' ':
					b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
				default:
					b = utf8.AppendRune(b, r)
				}
			}
			return append(b, '"')
		}
	}
	b = append(b, s...)
	return append(b, '"')
}
