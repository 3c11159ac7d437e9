// Package redact takes secrets off what a message shows. An address may hold a
// user's password, a signature (X-Amz-Signature, Signature, sig) or a token; it is
// shown with its scheme, host and path only, also where it cannot be parsed.
package redact

import "strings"

// mask stands for what is not shown.
const mask = "…"

// URL is an address without what may be secret: user and password, query and
// fragment. Text that is no address stays as it is.
func URL(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	scheme += "://"
	query := strings.IndexAny(rest, "?#")
	at := strings.LastIndexByte(rest, '@')
	switch {
	case at >= 0 && query >= 0 && query < at:
		// The password has a question mark, or the query an at sign: nobody can tell.
		return scheme + mask
	case query >= 0:
		rest = rest[:query+1] + mask
	}
	if at >= 0 && userinfo(scheme, rest[:at]) {
		rest = mask + rest[at:]
	}
	return scheme + rest
}

// userinfo tells whether what stands before an at sign is a user's name and
// password. In a place in S3 a key may have one.
func userinfo(scheme, before string) bool {
	return scheme != "s3://" || !strings.Contains(before, "/") || strings.Contains(before, ":")
}

// Text is a text in which each address is redacted.
func Text(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	words := strings.SplitAfter(text, " ")
	for i, w := range words {
		word, blank := strings.CutSuffix(w, " ")
		quoted := strings.TrimLeft(word, `"'(`)
		end := strings.TrimRight(quoted, `"'),;:`)
		words[i] = word[:len(word)-len(quoted)] + URL(end) + quoted[len(end):]
		if blank {
			words[i] += " "
		}
	}
	return strings.Join(words, "")
}

// All are addresses, each redacted.
func All(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = URL(t)
	}
	return out
}
