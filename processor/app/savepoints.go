package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"taxistream/engine"
	"taxistream/engine/checkpoint"
	"taxistream/engine/web"
	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	"taxistream/processor/store"
)

// control is what REST may ask of a running processor.
type control struct{ p *Processor }

var _ web.Control = control{}

// Savepoint implements web.Control.
func (c control) Savepoint(ctx context.Context, target string) (string, error) {
	return c.saved(ctx, target, func(j *engine.Job, to checkpoint.Place) (engine.SavepointStatus, error) { return j.Savepoint(ctx, to) })
}

// Stop implements web.Control.
func (c control) Stop(ctx context.Context, target string, drain bool) (string, error) {
	return c.saved(ctx, target, func(j *engine.Job, to checkpoint.Place) (engine.SavepointStatus, error) {
		return j.StopWithSavepoint(ctx, to, drain)
	})
}

func (c control) saved(ctx context.Context, target string, take func(*engine.Job, checkpoint.Place) (engine.SavepointStatus, error)) (string, error) {
	j := c.p.job.Load()
	if j == nil {
		return "", engine.ErrNotRunning
	}
	to, location, err := c.p.savepointPlace(ctx, target)
	if err != nil {
		return "", err
	}
	s, err := take(j, to)
	if err != nil {
		return "", err
	}
	c.p.log.Info("savepoint", "id", s.ID, "at", location, "bytes", s.Bytes, "duration", s.Duration)
	return location, nil
}

// Rescale implements web.Control.
func (c control) Rescale(ctx context.Context, parallelism int) error {
	j := c.p.job.Load()
	if j == nil {
		return engine.ErrNotRunning
	}
	return j.Rescale(ctx, parallelism)
}

// Cancel implements web.Control: Run ends without a last checkpoint, in order.
func (c control) Cancel() error {
	if !c.p.Status().State.Live() {
		return engine.ErrNotRunning
	}
	c.p.log.Info("cancelled: no last checkpoint is taken")
	c.p.stop(errStopped)
	return nil
}

// heardWithin is how long a processor that was stopped by a request waits for the question
// what became of it.
const heardWithin = 5 * time.Second

func (p *Processor) linger() {
	ctx, cancel := context.WithTimeout(p.life, heardWithin)
	defer cancel()
	p.heard(ctx)
}

// savepointPlace is a new place below target, or below the folder savepoints beside the
// checkpoints.
func (p *Processor) savepointPlace(ctx context.Context, target string) (to checkpoint.Place, location string, err error) {
	if target == "" {
		target = strings.TrimRight(p.c.CheckpointDir, "/") + "/savepoints"
	}
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	name := fmt.Sprintf("%s%.6s-%s", savepointPrefix, p.id(), hex.EncodeToString(random[:]))
	if strings.HasPrefix(target, s3.Scheme) {
		at, err := s3.Parse(target)
		if err != nil {
			return nil, "", err
		}
		client, err := p.s3(ctx)
		if err != nil {
			return nil, "", err
		}
		at.Prefix = strings.TrimLeft(strings.TrimRight(at.Prefix, "/")+"/"+name, "/")
		return store.NewSavepoint(client, at), at.String(), nil
	}
	if strings.Contains(target, "://") {
		return nil, "", fmt.Errorf("savepoint %s: name a folder or %sbucket/prefix", target, s3.Scheme)
	}
	dir, err := filepath.Abs(filepath.Join(target, name))
	if err != nil {
		return nil, "", fmt.Errorf("savepoint %s: %w", target, err)
	}
	return checkpoint.NewSavepoint(dir), dir, nil
}

const savepointPrefix = "savepoint-"

// s3 is a client for where the stream is, but for an endpoint that has no S3.
// AWS_ENDPOINT_URL_S3 names another.
func (p *Processor) s3(ctx context.Context) (*s3.Client, error) {
	o := awsconf.Options{Region: p.c.region(), Service: awsconf.S3, Dial: p.c.Dial}
	if !p.c.KinesisOnly {
		o.Default = p.c.Endpoint
	}
	cfg, err := awsconf.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	return s3.New(cfg), nil
}

// openSavepoint reads what -from-savepoint names.
func (p *Processor) openSavepoint(ctx context.Context) (err error) {
	from := p.c.FromSavepoint
	switch {
	case from == "" || p.savepoint != nil:
		return nil
	case !strings.HasPrefix(from, s3.Scheme):
		dir, err := onlySavepoint(from)
		if err == nil {
			p.savepoint, err = checkpoint.Open(ctx, dir)
		}
		return named(err)
	}
	at, err := s3.Parse(from)
	if err != nil {
		return named(err)
	}
	client, err := p.s3(ctx)
	if err == nil {
		p.savepoint, err = store.OpenSavepoint(ctx, p.life, client, at)
	}
	return named(err)
}

func named(err error) error {
	if err != nil {
		return fmt.Errorf("-from-savepoint: %w", err)
	}
	return nil
}

// onlySavepoint finds the savepoint in a folder that holds one, and no more, as `savepoint DIR`
// leaves it; any other folder is taken for a savepoint itself.
func onlySavepoint(dir string) (string, error) {
	if _, err := os.Stat(filepath.Join(dir, checkpoint.ManifestName)); err == nil {
		return dir, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), savepointPrefix) {
			found = append(found, e.Name())
		}
	}
	switch len(found) {
	case 0:
		return dir, nil
	case 1:
		return filepath.Join(dir, found[0]), nil
	}
	return "", fmt.Errorf("%s holds %d savepoints: name one of them, such as %s", dir, len(found), filepath.Join(dir, found[0]))
}

// checkFrom refuses a value of -from-savepoint that names no place.
func (c *Config) checkFrom() error {
	if strings.Contains(c.FromSavepoint, "://") && !strings.HasPrefix(c.FromSavepoint, s3.Scheme) {
		return errors.New("-from-savepoint " + c.FromSavepoint + ": name a folder or " + s3.Scheme + "bucket/prefix")
	}
	return nil
}
