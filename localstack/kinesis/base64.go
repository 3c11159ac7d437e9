package kinesis

import (
	"bytes"
	"sync"

	"github.com/segmentio/asm/base64"
)

// base64Chunk is how many letters are checked at once, a multiple of four.
const base64Chunk = 4096

// scratch takes what a check decodes, which nobody reads.
var scratch = sync.Pool{New: func() any { return new([base64Chunk / 4 * 3]byte) }}

// base64Size returns how many bytes the text decodes to; false if it is not
// base64 with its padding (RFC 4648, section 4).
func base64Size(text []byte) (int, bool) {
	if len(text)%4 != 0 {
		return 0, false
	}
	to := scratch.Get().(*[base64Chunk / 4 * 3]byte)
	defer scratch.Put(to)
	size := 0
	for len(text) > 0 {
		chunk := text[:min(base64Chunk, len(text))]
		text = text[len(chunk):]
		n, err := base64.StdEncoding.Decode(to[:], chunk)
		// The decoder passes over line ends, JSON has none; padding is for the end.
		if err != nil || n != unpadded(chunk) || (n%3 != 0 && (len(text) > 0 || !spareBitsUnset(chunk, n))) {
			return 0, false
		}
		size += n
	}
	return size, true
}

// spareBitsUnset says whether the last letter of padded text that decodes to n bytes holds
// nothing beyond them, as the service wants it.
func spareBitsUnset(text []byte, n int) bool {
	if n%3 == 1 {
		return bytes.IndexByte([]byte("AQgw"), text[len(text)-3]) >= 0
	}
	return bytes.IndexByte([]byte("AEIMQUYcgkosw048"), text[len(text)-2]) >= 0
}

// unpadded is how many bytes the text decodes to if it is base64.
func unpadded(text []byte) int {
	n := len(text) / 4 * 3
	for i := len(text) - 1; i >= 0 && text[i] == '='; i-- {
		n--
	}
	return n
}
