package backfill

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"taxistream/internal/durable"
	"taxistream/internal/trip"
)

// Progress is what a backfill notes in a file (-progress), to go on from. The file is
// replaced as a whole, behind what it speaks of.
type Progress struct {
	Version int `json:"version"`
	// Plan are the flags that say what is computed and where it goes; others are refused.
	Plan  map[string]string `json:"flags"`
	Began int64             `json:"began_ms"` // the first start: the arrival of every trip
	// DoneTo ends the last span that is delivered; 0: none is.
	DoneTo    int64                 `json:"done_to_ms"`
	Trips     int64                 `json:"trips"`
	Documents int64                 `json:"documents"`
	Rejects   map[trip.Reason]int64 `json:"rejects"`
	Parts     map[string]int64      `json:"parts,omitempty"` // bytes of the parts of an export
	Finished  bool                  `json:"finished"`

	path string
}

const progressVersion = 1

// OpenProgress reads the file of an earlier start with the same plan, or begins one. Without a
// path nothing is kept.
func OpenProgress(path string, plan map[string]string, now int64) (*Progress, error) {
	p := &Progress{Version: progressVersion, Plan: plan, Began: now, path: path}
	if path == "" {
		return p, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, p.Write()
	}
	if err != nil {
		return nil, fmt.Errorf("-progress: %w", err)
	}
	var old Progress
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	switch err := d.Decode(&old); {
	case err != nil:
		return nil, fmt.Errorf("-progress %s: it is not the progress of a backfill, or it is damaged: %w; name another file, or remove it to compute everything", path, err)
	case old.Version != progressVersion:
		return nil, fmt.Errorf("-progress %s: it has version %d, this program reads version %d: name another file", path, old.Version, progressVersion)
	}
	for _, flag := range slices.Sorted(maps.Keys(plan)) {
		if old.Plan[flag] != plan[flag] {
			return nil, fmt.Errorf("-progress %s: the progress in it is of a backfill with another -%s (%q, now %q): give the flags of the first start, or name another file", path, flag, old.Plan[flag], plan[flag])
		}
	}
	old.path = path
	return &old, nil
}

// Write puts the progress on the disk.
func (p *Progress) Write() error {
	if p.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.Replace(p.path, append(data, '\n')); err != nil {
		return fmt.Errorf("note the progress: %w", err)
	}
	return nil
}
