package trips

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"taxistream/internal/redact"
	"taxistream/internal/s3"
)

// Places reach the sources that are not files of this machine. The zero value
// reaches http and https addresses only.
type Places struct {
	// S3 gives the client for s3:// sources. It is called once for each of them.
	S3 func(ctx context.Context) (*s3.Client, error)
	// HTTP gives the client for http and https sources; nil: the standard library's.
	HTTP func() (*http.Client, error)
	// Notify is told of a download that is broken and cannot go on for now; nil: nobody.
	Notify func(string)
}

// Finder finds the files of sources. The rules are the same wherever the files
// lie:
//
//   - What a source names is read, whatever its name. Of what a folder, a glob or
//     a prefix holds, names that begin with _ or . are left out, and all below
//     folders with such a name.
//   - A folder is read with all folders in it, such as year=2019/month=01.
//   - Each file is read once, however many links, names and sources lead to it.
//   - A file with nothing in it is left out. A source of which nothing is left is
//     an error.
//
// A Finder is for one goroutine, and for all sources of one run.
type Finder struct {
	Places  Places
	LeftOut LeftOut
	// Events has the archive's files, and those of JSON lines of which the first names its type, read
	// as the processor reads the stream: what is no event to the letter is Malformed.
	Events bool

	files  map[identity][]fs.FileInfo // of this machine: read already
	remote map[string]bool
	found  []Input // of this source
	again  int     // files of this source that were found before
}

// identity tells most files apart; os.SameFile is asked only where it is equal.
type identity struct {
	folder      bool
	size, mtime int64
}

// fileLimit is the most files of one source.
const fileLimit = 100_000

// Find returns the files of one more source (a file, a folder, a glob, s3:// with a
// prefix or a glob, an http or https address) in the order of their names. Each
// was looked at: it can be read and its form is known. Close those that are not
// opened, also where an error comes with them.
func (f *Finder) Find(ctx context.Context, source string) ([]Input, error) {
	if err := f.expand(ctx, source); err != nil {
		return nil, err
	}
	return f.lookAt(ctx)
}

// Expand returns the files of a source on this machine, not looked at.
func Expand(source string) ([]Input, error) {
	var f Finder
	err := f.expand(context.Background(), source)
	return f.found, err
}

// expand finds the files of one source.
func (f *Finder) expand(ctx context.Context, source string) error {
	f.found, f.again = nil, 0
	before := f.LeftOut
	f.LeftOut = LeftOut{}
	defer func() { f.LeftOut.follow(&before) }()
	var err error
	switch {
	case source == "":
		err = errors.New("a source is empty: name a file, folder, glob, s3:// or http(s) address or generate:DATE")
	case strings.HasPrefix(source, "http://"), strings.HasPrefix(source, "https://"):
		err = f.addRemote(source, f.Places.download(source))
	case strings.HasPrefix(source, s3.Scheme) && f.Places.S3 != nil:
		err = f.objects(ctx, source)
	case strings.Contains(source, "://"):
		err = fmt.Errorf("%s: no source of this kind: copy the files here, or serve them over http", redact.URL(source))
	default:
		err = f.local(source)
	}
	if err == nil && len(f.found) == 0 && f.again == 0 {
		err = fmt.Errorf("%s: there is no file to read%s", source, f.LeftOut.because())
	}
	slices.SortFunc(f.found, func(a, b Input) int { return strings.Compare(a.Name, b.Name) })
	return err
}

// lookAt opens each file found, and leaves those out that are empty.
func (f *Finder) lookAt(ctx context.Context) (files []Input, err error) {
	var empty error
	for _, in := range f.found {
		switch err = f.lookAtOne(ctx, in); {
		case errors.Is(err, errEmpty):
			f.LeftOut.add(Empty, in.Name)
			empty = err
		case err != nil:
			return files, err
		default:
			files = append(files, in)
		}
	}
	if len(files) == 0 && f.again == 0 {
		return nil, empty
	}
	return files, nil
}

func (f *Finder) lookAtOne(ctx context.Context, in Input) error {
	r, err := Open(ctx, in)
	if err != nil {
		return err
	}
	if in.kept != nil {
		in.kept.reader = r
		return nil
	}
	return r.Close()
}

// add takes a file, unless the source has too many.
func (f *Finder) add(in Input) error {
	in.events = f.Events
	if f.found = append(f.found, in); len(f.found) > fileLimit {
		return fmt.Errorf("more than %d files: name a folder or a prefix that holds fewer", fileLimit)
	}
	return nil
}

// addRemote takes a file by its address, of which its name is only what may be shown.
func (f *Finder) addRemote(address string, in Input) error {
	if f.remote[address] {
		f.leaveAgain(in.Name)
		return nil
	}
	if f.remote == nil {
		f.remote = make(map[string]bool)
	}
	f.remote[address] = true
	return f.add(in)
}

func (f *Finder) leaveAgain(name string) {
	f.again++
	f.LeftOut.add(SameFile, name)
}

// seen notes a file or folder of this machine, and reports whether it was there before.
func (f *Finder) seen(info fs.FileInfo) bool {
	id := identity{info.IsDir(), info.Size(), info.ModTime().UnixNano()}
	for _, other := range f.files[id] {
		if os.SameFile(info, other) {
			return true
		}
	}
	if f.files == nil {
		f.files = make(map[identity][]fs.FileInfo)
	}
	f.files[id] = append(f.files[id], info)
	return false
}

// local finds a file or folder, else what matches a glob.
func (f *Finder) local(source string) error {
	info, err := os.Stat(source)
	if err == nil {
		return f.visit(source, info, true)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	names, err := filepath.Glob(source)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if len(names) == 0 {
		return fmt.Errorf("%s: no such file, and no file matches it", source)
	}
	pattern := parts(filepath.ToSlash(filepath.Clean(source)))
	for _, name := range names {
		if hidden(parts(filepath.ToSlash(filepath.Clean(name))), pattern) {
			f.LeftOut.add(HiddenName, name)
		} else if err := f.follow(name); err != nil {
			return err
		}
	}
	return nil
}

// follow visits what a name of a folder or a glob leads to.
func (f *Finder) follow(name string) error {
	info, err := os.Stat(name)
	switch link, _ := os.Lstat(name); {
	case err == nil:
		return f.visit(name, info, false)
	case link != nil && link.Mode()&fs.ModeSymlink != 0 && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP)):
		f.LeftOut.add(BrokenLink, name)
		return nil
	}
	return err
}

// visit takes a file, or all of a folder. What is neither can be read if it is named.
func (f *Finder) visit(name string, info fs.FileInfo, named bool) error {
	regular := info.Mode().IsRegular()
	switch {
	case !regular && !info.IsDir() && named:
		return f.add(localFile(name, info))
	case !regular && !info.IsDir():
		f.LeftOut.add(NoFile, name)
		return nil
	case f.seen(info):
		f.leaveAgain(name)
		return nil
	case regular:
		return f.add(localFile(name, info))
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(name, e.Name())
		if isHidden(e.Name()) {
			f.LeftOut.add(HiddenName, path)
		} else if err := f.follow(path); err != nil {
			return err
		}
	}
	return nil
}
