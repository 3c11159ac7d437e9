package operate

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// serveFlink starts the application from its latest snapshot, or stops it with one, and
// waits until it is so.
func (d *deployment) serveFlink(ctx context.Context, name string, run bool) error {
	status, err := d.settled(ctx, name)
	if err != nil {
		return err
	}
	switch {
	case run && status == "READY":
		var snapshots []string
		err := d.call.Into(ctx, "list the job's snapshots", &snapshots, "kinesisanalyticsv2", "list-application-snapshots", "--application-name", name,
			"--query", "SnapshotSummaries[].SnapshotStatus")
		if err != nil {
			return err
		}
		from := "SKIP_RESTORE_FROM_SNAPSHOT"
		if slices.Contains(snapshots, "READY") {
			from = "RESTORE_FROM_LATEST_SNAPSHOT"
		}
		err = d.call.Do(ctx, "start the job", "kinesisanalyticsv2", "start-application", "--application-name", name,
			"--run-configuration", "ApplicationRestoreConfiguration={ApplicationRestoreType="+from+"}")
		if err != nil {
			return err
		}
	case !run && status == "RUNNING":
		if err := d.call.Do(ctx, "stop the job", "kinesisanalyticsv2", "stop-application", "--application-name", name); err != nil {
			return err
		}
	}
	want := map[bool]string{true: "RUNNING", false: "READY"}[run]
	if status, err = d.settled(ctx, name); err == nil && status != want {
		err = fmt.Errorf("application %s is %s, not %s: its log says why (aws logs tail)", name, status, want)
	}
	return err
}

// settled waits until the application changes no more, and gives its status.
func (d *deployment) settled(ctx context.Context, name string) (string, error) {
	for {
		var status string
		err := d.call.Into(ctx, "look at the job", &status, "kinesisanalyticsv2", "describe-application", "--application-name", name, "--query", "ApplicationDetail.ApplicationStatus")
		if err != nil || slices.Contains([]string{"READY", "RUNNING", "ROLLED_BACK"}, status) {
			return status, err
		}
		timer := time.NewTimer(d.pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return status, ctx.Err()
		}
	}
}
