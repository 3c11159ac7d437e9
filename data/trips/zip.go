package trips

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

func isZip(head []byte) bool { return begins(head, "PK\x03\x04", "PK\x05\x06", "PK\x07\x08PK") }

// openZip opens the one file of an archive. Folders, hidden files and what
// macOS adds are no files.
func openZip(f io.Reader, b *bufio.Reader) (io.Reader, func(), error) {
	file, end, err := seekable(f, b)
	if err != nil {
		return nil, nil, err
	}
	r, err := onlyFile(file)
	if err != nil {
		end()
		return nil, nil, err
	}
	return r, func() { r.Close(); end() }, nil
}

func onlyFile(file *os.File) (io.ReadCloser, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, err
	}
	var one *zip.File
	n := 0
	for _, e := range z.File {
		base := path.Base(e.Name)
		switch {
		case e.Name == "[Content_Types].xml":
			return nil, &refusal{"an Excel workbook", "ssconvert FILE trips.csv"}
		case strings.HasSuffix(e.Name, "/"), base[0] == '.', base[0] == '_', strings.HasPrefix(e.Name, "__MACOSX/"):
		default:
			one, n = e, n+1
		}
	}
	switch {
	case n == 0:
		return nil, errEmpty
	case n > 1:
		return nil, &refusal{fmt.Sprintf("an archive of %d files", n), "unzip FILE -d FOLDER, and name the folder"}
	case one.Flags&1 != 0:
		return nil, &refusal{"an archive behind a password", "unzip FILE"}
	}
	r, err := one.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, &refusal{fmt.Sprintf("an archive of method %d", one.Method), "7z x FILE"}
	}
	return r, err
}

// seekable is f itself if it is a file of this machine, else a copy that is gone with end.
func seekable(f io.Reader, rest io.Reader) (file *os.File, end func(), err error) {
	if file, ok := f.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file, nothing, nil
		}
	}
	if file, err = spool(rest); err != nil {
		return nil, nil, err
	}
	return file, func() { file.Close() }, nil
}

// spool copies r into a file that is gone when it is closed.
func spool(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "taxistream-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name())
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
