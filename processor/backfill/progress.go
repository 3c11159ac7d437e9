package backfill

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"taxistream/internal/durable"
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// Plan is what is computed, and where it goes: a start that goes on has the same.
type Plan struct {
	Flags map[string]string `json:"flags"`
	// Sources is a fingerprint of the files that are read (sort.Stream.Fingerprint).
	Sources string `json:"sources"`
}

// Digest names the plan: no other has the same.
func (p *Plan) Digest() string {
	data, err := json.Marshal(p) // sorts the flags
	if err != nil {
		panic(err) // of texts
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))[:16]
}

// Progress is what a backfill notes in a file (-progress), to go on from. The file is
// replaced as a whole, behind what it speaks of. While it is open, the lock beside it keeps other
// processes from it.
type Progress struct {
	Version int `json:"version"`
	Plan
	ID    string `json:"id"`       // of the backfill, from its first start on
	Began int64  `json:"began_ms"` // the first start: the arrival of every trip
	// DoneTo ends the last span that is delivered, if Trips is not 0.
	DoneTo    int64                 `json:"done_to_ms"`
	Trips     int64                 `json:"trips"`
	Documents int64                 `json:"documents"`
	Rejects   map[trip.Reason]int64 `json:"rejects"`
	Parts     map[string]int64      `json:"parts,omitempty"` // bytes of the parts of an export
	// Dropped are known at the end, as are the malformed among the rejects.
	Dropped  int64 `json:"dropped"`
	Finished bool  `json:"finished"`

	path string
	disk disk
	lock *durable.Lock
}

const progressVersion = 2

// OpenProgress reads the file of an earlier start with the same plan. Where there is none it is made once there
// is something to note; without a path nothing is kept.
func OpenProgress(path string, plan Plan, now int64) (*Progress, error) {
	return openProgress(realDisk{}, path, plan, now)
}

func openProgress(d disk, path string, plan Plan, now int64) (p *Progress, err error) {
	p = &Progress{Version: progressVersion, Plan: plan, ID: strings.ToLower(rand.Text()[:13]), Began: now, path: path, disk: d}
	if path == "" {
		return p, nil
	}
	p.lock, err = durable.TakeLock(path + lockSuffix)
	switch {
	case errors.Is(err, durable.ErrLocked):
		return nil, fmt.Errorf("-progress %s: another backfill is at work on it: wait for its end, or name another file", path)
	case err != nil:
		return nil, fmt.Errorf("-progress: %w", err)
	}
	if err := p.read(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// read takes over what the file says, if there is one.
func (p *Progress) read() error {
	data, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("-progress: %w", err)
	}
	old := Progress{path: p.path, disk: p.disk, lock: p.lock}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&old); err != nil {
		return fmt.Errorf("-progress %s: it is not the progress of a backfill, or it is damaged: %w; name another file, or remove it to compute everything", p.path, err)
	}
	if old.Version != progressVersion {
		return fmt.Errorf("-progress %s: it has version %d, this program reads version %d: name another file", p.path, old.Version, progressVersion)
	}
	for _, flag := range slices.Sorted(maps.Keys(p.Flags)) {
		if have, want := old.Flags[flag], p.Flags[flag]; have != want {
			return fmt.Errorf("-progress %s: the progress in it is of a backfill with another -%s (%q, now %q): give the flags of the first start, or name another file", p.path, flag, have, want)
		}
	}
	if old.Sources != p.Sources {
		return fmt.Errorf("-progress %s: the files of -source are not those of the first start: one was added, removed or changed since (its name, its size, or its time of change or ETag): name another file, or remove it to compute everything", p.path)
	}
	*p = old
	return nil
}

// write puts the progress on the disk.
func (p *Progress) write() error {
	if p.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := p.disk.Replace(p.path, append(data, '\n')); err != nil {
		return fmt.Errorf("note the progress: %w", err)
	}
	return nil
}

// After is where to go on: every trip before it is done.
func (p *Progress) After() int64 {
	if p.Trips == 0 {
		return math.MinInt64
	}
	return p.DoneTo
}

// RejectsText is the counts of the reasons, in the order of the rules.
func (p *Progress) RejectsText() string {
	var all []string
	for _, r := range names.Reasons() {
		if n := p.Rejects[trip.Reason(r)]; n > 0 {
			all = append(all, telemetry.Group(n)+" "+r)
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// Close lets another process have the file.
func (p *Progress) Close() error {
	if p.lock == nil {
		return nil
	}
	return p.lock.Release()
}
