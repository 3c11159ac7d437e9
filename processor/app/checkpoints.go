package app

import (
	"context"
	"fmt"
	"os"
	"strings"

	"taxistream/engine/checkpoint"
	"taxistream/internal/s3"
	"taxistream/processor/store"
)

// inBucket reports whether checkpoints go to S3.
func (c *Config) inBucket() bool { return strings.HasPrefix(c.CheckpointDir, s3.Scheme) }

// checkCheckpointDir refuses a value that names neither a folder nor a place in S3.
func (c *Config) checkCheckpointDir() error {
	switch {
	case c.CheckpointDir == "":
		return fmt.Errorf("-checkpoint-dir is empty: name a folder or %sbucket/prefix", s3.Scheme)
	case c.TakeOver && !c.inBucket():
		return fmt.Errorf("-takeover needs a -checkpoint-dir in S3: the lock of the folder %s goes with the process that holds it; stop that one first", c.CheckpointDir)
	case c.inBucket():
		if _, err := s3.Parse(c.CheckpointDir); err != nil {
			return fmt.Errorf("-checkpoint-dir %w", err)
		}
	case strings.Contains(c.CheckpointDir, "://"):
		return fmt.Errorf("-checkpoint-dir %s: name a folder or %sbucket/prefix", c.CheckpointDir, s3.Scheme)
	}
	return nil
}

// openFolder takes the checkpoint folder, before the first log line. A place in
// S3 is left to Run: it may have to wait for it.
func (p *Processor) openFolder() error {
	if p.c.inBucket() {
		return nil
	}
	folder, err := checkpoint.OpenFolder(p.c.CheckpointDir, checkpoint.FolderOptions{OnLost: p.stop})
	if err != nil {
		return err
	}
	p.store = folder
	return nil
}

// openBucket takes the place of the checkpoints in S3. When another processor
// takes it later, the run ends with *store.LostError.
func (p *Processor) openBucket(ctx context.Context) error {
	if !p.c.inBucket() {
		return nil
	}
	at, err := s3.Parse(p.c.CheckpointDir)
	if err != nil {
		return err
	}
	client, err := p.s3(ctx)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	place, err := store.Open(ctx, client, at, store.Options{
		Holder: fmt.Sprintf("process %d on %s", os.Getpid(), host), Clock: p.now,
		Notify: func(m string) { p.log.Warn(m) },
		OnLost: p.stop, TakeOver: p.c.TakeOver, Signs: os.TempDir(),
	})
	if err != nil {
		return err
	}
	p.store = place
	// Checkpoints are removed, too; an object that is not there tells whether they may be.
	if err := client.Delete(ctx, at, strings.TrimSuffix(at.Prefix, "/")+"/rights-check"); err != nil && !s3.Transient(err) {
		return err
	}
	return nil
}
