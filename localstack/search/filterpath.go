package search

import (
	"strings"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/query"
)

// filterPath keeps of an answer what the comma-separated paths name, as the
// filter_path parameter of OpenSearch does: * stands for any run of characters
// of one name, arrays are looked through, what becomes empty is left out.
func filterPath(body []byte, paths string) ([]byte, *fail.Error) {
	var all [][]string
	for _, p := range strings.Split(paths, ",") {
		if strings.HasPrefix(p, "-") || strings.Contains(p, "**") {
			return nil, fail.Unsupportedf("filter_path=%s", p)
		}
		all = append(all, strings.Split(p, "."))
	}
	f := pathFilter{in: body, out: make([]byte, 0, len(body)/4)}
	if !f.value(0, len(body), all) {
		return []byte("{}"), nil
	}
	return f.out, nil
}

type pathFilter struct {
	in, out []byte
}

// value appends what remains of the value between from and to, and tells
// whether anything does.
func (f *pathFilter) value(from, to int, paths [][]string) bool {
	for _, p := range paths {
		if len(p) == 0 {
			f.out = append(f.out, f.in[from:to]...)
			return true
		}
	}
	start := len(f.out)
	kept := 0
	begin := func() int {
		before := len(f.out)
		if kept > 0 {
			f.out = append(f.out, ',')
		}
		return before
	}
	end := func(ok bool, before int) {
		if ok {
			kept++
		} else {
			f.out = f.out[:before]
		}
	}
	switch f.in[from] {
	case '{':
		f.out = append(f.out, '{')
		_, _ = jsonscan.Members(f.in, from, 0, func(key []byte, from, to int) error {
			var rest [][]string
			for _, p := range paths {
				if query.MatchName(p[0], unsafeString(key)) {
					rest = append(rest, p[1:])
				}
			}
			if len(rest) == 0 {
				return nil
			}
			before := begin()
			f.out = append(f.out, '"')
			f.out = append(f.out, key...)
			f.out = append(f.out, '"', ':')
			end(f.value(from, to, rest), before)
			return nil
		})
		f.out = append(f.out, '}')
	case '[':
		f.out = append(f.out, '[')
		_, _ = jsonscan.Elements(f.in, from, 0, func(from, to int) error {
			before := begin()
			end(f.value(from, to, paths), before)
			return nil
		})
		f.out = append(f.out, ']')
	}
	if kept == 0 {
		f.out = f.out[:start]
	}
	return kept > 0
}
