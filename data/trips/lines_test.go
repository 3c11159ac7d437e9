package trips

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// Ensure lines are those of the obvious split, whatever the reader gives at a
// time and however small the first buffer is.
func TestLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "bcd", "\n", "\r", "\r\n", byteOrderMark, "\xef", strings.Repeat("x", 40)}), 0, 30).Draw(t, "text"), "")
		var want []string
		whole := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		for line := range strings.Lines(whole) {
			want = append(want, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), byteOrderMark))
		}
		var r io.Reader = strings.NewReader(text)
		if rapid.Bool().Draw(t, "byte by byte") {
			r = iotest.OneByteReader(r)
		} else if rapid.Bool().Draw(t, "end with data") {
			r = iotest.DataErrReader(r)
		}
		l := newLines(r)
		l.buf = l.buf[:rapid.IntRange(1, 50).Draw(t, "buffer")]
		if rapid.Bool().Draw(t, "look ahead") {
			if _, err := l.peek(); err != nil {
				t.Fatal(err)
			}
		}
		for i := 0; ; i++ {
			line, err := l.next()
			if err == io.EOF {
				if i != len(want) {
					t.Fatalf("%q: %d lines, want %q", text, i, want)
				}
				return
			}
			if err != nil || i >= len(want) || string(line) != want[i] || l.number() != int64(i+1) {
				t.Fatalf("%q: line %d is %q, %v; want %q", text, i+1, line, err, want)
			}
		}
	})
}

// Ensure a line beyond the limit is passed over as one, with any end, and that the
// longest one within it is read whole.
func TestLines_Long(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		longest, tooLong := strings.Repeat("y", maxLine), strings.Repeat("z", 3*maxLine)
		l := newLines(strings.NewReader(strings.Join([]string{"a", tooLong, longest, tooLong, "b"}, end)))
		for i, want := range []string{"a", "z", longest, "z", "b"} {
			line, err := l.next()
			switch {
			case want == "z" && (!errors.Is(err, errLongLine) || len(line) != keepText || line[0] != 'z'):
				t.Errorf("line %d: %d bytes, %v", i+1, len(line), err)
			case want != "z" && (err != nil || string(line) != want):
				t.Errorf("line %d: %d bytes, %v", i+1, len(line), err)
			}
		}
		if _, err := l.next(); err != io.EOF || len(l.buf) > 4*maxLine {
			t.Errorf("the end: %v, a buffer of %d", err, len(l.buf))
		}
	}
}

// Ensure a broken reader's error comes behind the lines before it, and stays.
func TestLines_Broken(t *testing.T) {
	broken := errors.New("broken")
	l := newLines(io.MultiReader(strings.NewReader("a\rb"), iotest.ErrReader(broken)))
	if line, err := l.next(); err != nil || string(line) != "a" {
		t.Errorf("%q, %v", line, err)
	}
	for range 2 {
		if line, err := l.next(); !errors.Is(err, broken) {
			t.Errorf("%q, %v", line, err)
		}
	}
	if _, err := newLines(readsNothing{}).next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that reads nothing: %v", err)
	}
}

type readsNothing struct{}

func (readsNothing) Read([]byte) (int, error) { return 0, nil }

// Ensure quotes are undone as RFC 4180 says, within a line.
func TestSplitQuoted(t *testing.T) {
	l := &layout{separator: ',', slots: []int8{0, 1, 2}}
	for line, want := range map[string][]string{
		`a,b,c`:            {"a", "b", "c"},
		`"a","b","c"`:      {"a", "b", "c"},
		`"a,b", "c""d" ,e`: {"a,b", `c"d`, "e"},
		`"",,""`:           {"", "", ""},
		`a"b,c",d,e`:       {`a"b`, `c"`, "d"},
		`"a""",b,c,"x,y"`:  {`a"`, "b", "c"},
		`"a,b,c`:           nil, `"a"x,b,c`: nil, `a,"`: nil, `"a","b"`: nil,
	} {
		var got [numColumns][]byte
		reason := splitQuoted([]byte(line), l, &got)
		if (reason == "") != (want != nil) {
			t.Errorf("%s: %q", line, reason)
			continue
		}
		for i, w := range want {
			if !bytes.Equal(got[i], []byte(w)) {
				t.Errorf("%s: field %d is %q, want %q", line, i, got[i], w)
			}
		}
	}
}
