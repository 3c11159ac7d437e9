package checkpoint

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// Ensure that no bytes make the reader of states fail otherwise than by an error, and
// that what it accepts is written again to states that read the same.
func FuzzReadStates(f *testing.F) {
	for _, entries := range states(1) {
		f.Add(encode(entries))
	}
	f.Add([]byte("txst\x01g\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("txst\x02s\x01a\x01\x01\x01g\x00\x03\xff\xff\xff\xff\x01"))
	load := func(data []byte) (entries []Entry, err error) {
		err = readStates(bytes.NewReader(data), int64(len(data)), func(e Entry) error {
			e.Data = slices.Clone(e.Data)
			entries = append(entries, e)
			return nil
		})
		return entries, err
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := load(data)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%v is not ErrCorrupt", err)
			}
			return
		}
		again, err := load(encode(entries))
		if err != nil || !reflect.DeepEqual(again, entries) {
			t.Fatalf("%+v is read again as %+v, %v", entries, again, err)
		}
	})
}

// Ensure that no bytes make the decoder of manifests fail otherwise than by an error.
func FuzzDecodeManifest(f *testing.F) {
	for _, version := range []string{"golden-v1", "golden-v2"} {
		if golden, err := os.ReadFile(filepath.Join("testdata", version, ManifestName)); err == nil {
			f.Add(golden)
		}
	}
	f.Add([]byte("{}\ncrc32c 00000000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := DecodeManifest(data); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%v is not ErrCorrupt", err)
		}
	})
}
