package kinesis

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// readSaved reads a file of JSON that has a version.
func readSaved(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var version struct{ Version int }
	if err := json.Unmarshal(text, &version); err != nil {
		return fmt.Errorf("%s is damaged: put it back, or remove it: %w", path, err)
	}
	if version.Version != dataVersion {
		return fmt.Errorf("%s has version %d, this program reads version %d: use the program that wrote it",
			path, version.Version, dataVersion)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is damaged: put it back, or remove it: %w", path, err)
	}
	return nil
}

// writeWhole replaces a file so that it is the old or the new one, whatever ends the process.
func writeWhole(path string, text []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
