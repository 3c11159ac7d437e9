package trips

import (
	"fmt"
	"path"
	"strings"
)

// Omission says why a file was left out.
type Omission int

// The reasons to leave a file out.
const (
	HiddenName Omission = iota // the name of the file, or of a folder around it, begins with _ or .
	SameFile                   // read already, under another name or for another source
	Empty                      // nothing in it
	BrokenLink                 // a link that leads nowhere
	NoFile                     // a device, a socket or a pipe in a folder
	numOmissions
)

var omissions = [numOmissions]string{
	HiddenName: "by name (_ or . at its beginning)", SameFile: "read already under another name or for another source", Empty: "empty",
	BrokenLink: "a link that leads nowhere", NoFile: "no file but a device, a socket or a pipe",
}

// LeftOut counts what was left out, and keeps the first of each kind.
type LeftOut struct {
	Count [numOmissions]int
	First [numOmissions]string
}

func (l *LeftOut) add(why Omission, name string) {
	if l.Count[why]++; l.Count[why] == 1 {
		l.First[why] = name
	}
}

// follow adds what was left out before.
func (l *LeftOut) follow(before *LeftOut) {
	for why, n := range before.Count {
		if l.Count[why] += n; n > 0 {
			l.First[why] = before.First[why]
		}
	}
}

// Total is the number of files and folders left out.
func (l *LeftOut) Total() (n int) {
	for _, count := range l.Count {
		n += count
	}
	return n
}

// String lists the counts by reason, with the first name of each: "2 by name (_ or
// . at its beginning), such as a/_SUCCESS; 1 empty: a/part-7". Empty if there is none.
func (l *LeftOut) String() string {
	var parts []string
	for why, n := range l.Count {
		switch {
		case n == 1:
			parts = append(parts, fmt.Sprintf("1 %s: %s", omissions[why], l.First[why]))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s, such as %s", n, omissions[why], l.First[why]))
		}
	}
	return strings.Join(parts, "; ")
}

// because is the end of the error of a source without a file.
func (l *LeftOut) because() string {
	if l.Total() == 0 {
		return ""
	}
	return "; left out: " + l.String()
}

func isHidden(name string) bool { return name != "" && (name[0] == '_' || name[0] == '.') }

// hidden reports whether a name that matches a pattern, both in their parts, is
// hidden: one of its parts is, and the pattern does not ask for that.
func hidden(name, pattern []string) bool {
	for i, part := range name {
		if isHidden(part) && (i >= len(pattern) || pattern[i] == "" || pattern[i][0] != part[0]) {
			return true
		}
	}
	return false
}

// matches reports whether the parts of a name, or the first of them, match those
// of a pattern: what lies in a folder that matches, matches.
func matches(name, pattern []string) bool {
	if len(name) < len(pattern) {
		return false
	}
	for i := range pattern {
		if ok, _ := path.Match(pattern[i], name[i]); !ok {
			return false
		}
	}
	return true
}
