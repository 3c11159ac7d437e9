package index

import (
	"bytes"

	"taxistream/internal/jsonscan"
)

// words numbers the texts of a keyword field in the order in which they first
// come, so that a column holds small numbers. Texts beyond the first are too many
// to be worth it: they stand in the documents only.
type words struct {
	numbers map[string]int64
	texts   []string
}

const (
	maxWords  = 1 << 14
	elsewhere = -1 // the number of a text that stands in the document only
)

// number gives the number of a text as it is written between quotes.
func (w *words) number(raw []byte) int64 {
	var n int64
	var known bool
	text := ""
	if bytes.IndexByte(raw, '\\') < 0 {
		n, known = w.numbers[string(raw)]
	} else {
		text = jsonscan.Unescape(raw)
		n, known = w.numbers[text]
	}
	switch {
	case known:
		return n
	case len(w.texts) >= maxWords || len(raw) > 256:
		return elsewhere
	case text == "":
		text = string(raw)
	}
	n = int64(len(w.texts))
	w.texts = append(w.texts, text)
	w.numbers[text] = n
	return n
}
