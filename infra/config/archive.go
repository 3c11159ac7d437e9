package config

import (
	"errors"
	"fmt"
	"time"
)

// Archive is the copy of all events on S3, and the queries over it.
type Archive struct {
	On             bool   `key:"on" doc:"keep all events on S3, for Athena" change:"adds a stack; to take it away destroy it, then give false"`
	BufferMB       int    `key:"buffer-mb" doc:"megabytes of events in an object before compression, 64 to 128"`
	BufferSeconds  int    `key:"buffer-seconds" doc:"seconds until a smaller object is written, 60 to 900"`
	InfrequentDays int    `key:"infrequent-days" doc:"days until an object moves to infrequent access, 30 or more; 0: never"`
	GlacierDays    int    `key:"glacier-days" doc:"days until it moves to Glacier, whose instant retrieval Athena still reads; 0: never"`
	ExpireDays     int    `key:"expire-days" doc:"days until it is deleted; 0: never"`
	ResultDays     int    `key:"result-days" doc:"days until the result of a query is deleted"`
	ScanLimitGB    int    `key:"scan-limit-gb" doc:"gigabytes that one query may read"`
	FirstDate      string `key:"first-date" doc:"first day with events: Athena looks for none before"`
}

var defaultArchive = Archive{
	On: true, BufferMB: 64, BufferSeconds: 300, InfrequentDays: 30, GlacierDays: 90,
	ResultDays: 7, ScanLimitGB: 10, FirstDate: "2009-01-01",
}

func (a *Archive) check() error {
	errs := []error{
		between("archive.buffer-mb", a.BufferMB, 64, 128),
		between("archive.buffer-seconds", a.BufferSeconds, 60, 900),
		between("archive.infrequent-days", a.InfrequentDays, 0, 36500),
		between("archive.glacier-days", a.GlacierDays, 0, 36500),
		between("archive.expire-days", a.ExpireDays, 0, 36500),
		between("archive.result-days", a.ResultDays, 1, 3650),
		between("archive.scan-limit-gb", a.ScanLimitGB, 1, 100_000),
	}
	if a.InfrequentDays > 0 && a.InfrequentDays < 30 {
		errs = append(errs, fmt.Errorf("archive.infrequent-days is %d: S3 takes no object before 30 days", a.InfrequentDays))
	}
	errs = append(errs,
		later("archive.glacier-days", a.GlacierDays, "archive.infrequent-days", a.InfrequentDays, 30),
		later("archive.expire-days", a.ExpireDays, "archive.infrequent-days", a.InfrequentDays, 1),
		later("archive.expire-days", a.ExpireDays, "archive.glacier-days", a.GlacierDays, 1))
	if _, err := time.Parse(time.DateOnly, a.FirstDate); err != nil {
		errs = append(errs, fmt.Errorf("archive.first-date is %q: write a day such as 2009-01-01", a.FirstDate))
	}
	return errors.Join(errs...)
}

// later is the order that S3 asks of a rule's steps; 0 is no step.
func later(key string, days int, before string, least, gap int) error {
	if days == 0 || least == 0 || days >= least+gap {
		return nil
	}
	return fmt.Errorf("%s is %d: choose %d or more, for %s is %d, or 0", key, days, least+gap, before, least)
}
