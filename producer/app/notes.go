package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"taxistream/internal/durable"
	"taxistream/internal/kinesis"
	"taxistream/internal/redact"
	"taxistream/producer/replay"
	"taxistream/producer/watermark"
)

// notes are what -resume keeps in its file: of which replay it is, and how far its
// trips are acknowledged. They are replaced as a whole, under another name first,
// and lie on the disk before the watermark that says the same goes to the stream:
//
//   - every trip up to SentTo is on the stream, so that none is lost;
//   - no watermark on the stream is later than SentTo, so that no trip sent again is
//     late: its window is open, and the processor knows it as a duplicate.
//
// All times are in ms. A nil *notes keeps nothing.
type notes struct {
	Version int       `json:"version"`
	Stream  string    `json:"stream"` // its ARN
	Created time.Time `json:"stream_created"`
	plan

	Begun bool  `json:"begun"`    // what follows is known: the first trip was about to be sent
	Shift int64 `json:"shift_ms"` // of -adapt-time
	First int64 `json:"first_ms"` // the first trip's event time, in the data's own times
	// Of -loop; 0 before the end of the first pass.
	Step    int64 `json:"pass_shift_ms"` // between two passes
	PassEnd int64 `json:"pass_end_ms"`   // event time of a pass's last trip, in the data's own times

	Pass     int   `json:"pass"`       // from 0, in which SentTo lies
	SentTo   int64 `json:"sent_to_ms"` // in the stream's times
	Finished bool  `json:"finished"`   // all trips are sent
	Last     int64 `json:"last_watermark_ms,omitempty"`

	path string
	lock *durable.Lock // beside the file: for one producer at a time
	from int64         // SentTo when the producer started; watermark.None: nothing was sent
}

// plan are the flags that say which trips are sent at which times.
type plan struct {
	Sources   []string `json:"sources"`
	Seek      *int64   `json:"seek_ms"`
	Until     *int64   `json:"until_ms"`
	AdaptTime string   `json:"adapt_time"`
	Loop      int      `json:"loop"`
}

const notesVersion = 1

func (c *Config) plan() plan {
	p := plan{Sources: redact.All(c.sources()), AdaptTime: c.AdaptTime, Loop: c.Loop}
	if c.Seek != replay.NoSeek {
		p.Seek = &c.Seek
	}
	if c.Until != replay.NoUntil {
		p.Until = &c.Until
	}
	return p
}

// differs names the flag in which two plans are not the same; empty: none.
func (p plan) differs(other plan) string {
	same := func(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
	switch {
	case !slices.Equal(p.Sources, other.Sources):
		return "-source"
	case !same(p.Seek, other.Seek):
		return "-seek"
	case !same(p.Until, other.Until):
		return "-until"
	case p.AdaptTime != other.AdaptTime:
		return "-adapt-time"
	case p.Loop != other.Loop:
		return "-loop"
	}
	return ""
}

// openNotes locks the file of -resume, until close, and reads it; without one it is a first start.
func openNotes(c *Config) (*notes, error) {
	if c.Resume == "" {
		return nil, nil
	}
	lock, err := durable.TakeLock(c.Resume + ".lock")
	switch {
	case errors.Is(err, durable.ErrLocked):
		return nil, fmt.Errorf("-resume %s: another producer is at work on it: wait for its end, or name another file", c.Resume)
	case err != nil:
		return nil, fmt.Errorf("-resume: %w", err)
	}
	n, err := readNotes(c)
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	n.lock = lock
	return n, nil
}

func (n *notes) close() error {
	if n == nil || n.lock == nil {
		return nil
	}
	return n.lock.Release()
}

func readNotes(c *Config) (*notes, error) {
	data, err := os.ReadFile(c.Resume)
	if errors.Is(err, fs.ErrNotExist) {
		return &notes{Version: notesVersion, plan: c.plan(), SentTo: watermark.None, path: c.Resume, from: watermark.None}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("-resume: %w", err)
	}
	n := &notes{path: c.Resume}
	if err := n.decode(data); err != nil {
		return nil, fmt.Errorf("-resume %s: %w; name another file, or remove it to send everything", c.Resume, err)
	}
	if flag := n.differs(c.plan()); flag != "" {
		return nil, fmt.Errorf("-resume %s: the progress in it is of a replay with another %s: give the flags of the first start, or name another file", c.Resume, flag)
	}
	return n, nil
}

func (n *notes) decode(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(n); err != nil {
		return fmt.Errorf("it is not the progress of a replay, or it is damaged: %w", err)
	}
	switch {
	case n.Version != notesVersion:
		return fmt.Errorf("it has version %d, this program reads version %d", n.Version, notesVersion)
	case n.Pass < 0, n.Step < 0, n.Pass > 0 && n.Step == 0, n.Finished && !n.Begun:
		return errors.New("its values contradict each other")
	}
	n.from = n.SentTo
	return nil
}

// of checks that the stream is the one the progress was made on, and writes the
// file: what is wrong with its folder is seen before the first trip.
func (n *notes) of(d kinesis.Description) error {
	if n == nil {
		return nil
	}
	if n.Stream != "" && !d.Same(kinesis.Description{ARN: n.Stream, Created: n.Created}) {
		return fmt.Errorf("-resume %s: the progress in it is of stream %s, created at %s, and not of %s, created at %s: name another file, or remove it to send everything",
			n.path, n.Stream, n.Created.UTC().Format(time.RFC3339), d.ARN, d.Created.UTC().Format(time.RFC3339))
	}
	n.Stream, n.Created = d.ARN, d.Created.UTC()
	return n.write()
}

// begin notes the first trip, which is about to be sent: a trip that was sent at a
// shift that nobody knows any more would be another one.
func (n *notes) begin(shift, first int64) error {
	if n == nil || n.Begun {
		return nil
	}
	n.Begun, n.Shift, n.First = true, shift, first
	return n.write()
}

// passes notes what the end of the first pass shows.
func (n *notes) passes(b batch) {
	if n != nil && b.passes > 1 && n.Step == 0 {
		n.Step, n.PassEnd = b.shift/int64(b.passes-1), b.last
	}
}

// sent notes that all trips up to a time on the stream are acknowledged.
func (n *notes) sent(to int64) error {
	if n == nil || to <= n.SentTo {
		return nil
	}
	n.SentTo = to
	if n.Step > 0 {
		n.Pass = int(max(0, (to+1-n.Shift-n.First)/n.Step))
	}
	return n.write()
}

// finish notes that all trips are acknowledged, and what watermark is the last.
func (n *notes) finish(last int64) error {
	if n == nil || n.Finished {
		return nil
	}
	n.Finished, n.Last = true, last
	return n.write()
}

// begun reports whether the shift of the first start is known.
func (n *notes) begun() bool { return n != nil && n.Begun }

func (n *notes) finished() bool { return n != nil && n.Finished }

// resumed reports whether trips were sent before this start.
func (n *notes) resumed() bool { return n != nil && n.from != watermark.None }

// after is the event time in the data's own times behind which to go on.
func (n *notes) after() int64 { return n.from - n.Shift - int64(n.Pass)*n.Step }

// write puts the notes on the disk in place of those before.
func (n *notes) write() error {
	data, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.Replace(n.path, append(data, '\n')); err != nil {
		return fmt.Errorf("note the progress: %w: make room or another folder writable, and start again with the same flags", err)
	}
	return nil
}
