package kinesis

import (
	"encoding/json"
	"fmt"
	"os"
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
