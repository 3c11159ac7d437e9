package application

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	service "github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2"
	"github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2/types"
)

// stop stops an application with a snapshot. Where none comes about (the job fails over and
// over, or the application changes without end) it is stopped without: a stack that cannot
// be deleted helps nobody, and documents are the same when they are written again.
func (r *Runner) stop(ctx context.Context, name string) error {
	a, err := r.settled(ctx, name, r.Patience)
	if err == nil && a.ApplicationStatus == types.ApplicationStatusRunning {
		if err = r.halt(ctx, name, false); err == nil {
			a, err = r.settled(ctx, name, r.Patience)
		}
	}
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) || err == nil && stopped(a.ApplicationStatus) {
		return nil
	}
	if err != nil && ctx.Err() != nil {
		return err
	}
	why := "it still runs"
	if err != nil {
		why = err.Error()
	}
	r.log.Warn("flink", "application", name, "stops", "without a snapshot", "why", why)
	if err := r.halt(ctx, name, true); err != nil {
		return err
	}
	if a, err = r.settled(ctx, name, r.Patience); errors.As(err, &gone) {
		return nil
	} else if err != nil {
		return err
	}
	if !stopped(a.ApplicationStatus) {
		return fmt.Errorf("application %s is %s and does not stop: aws kinesisanalyticsv2 stop-application --force --application-name %s, then destroy the stack again",
			name, a.ApplicationStatus, name)
	}
	return nil
}

// stopped tells whether nothing runs, so that the application can be deleted.
func stopped(s types.ApplicationStatus) bool {
	return s == types.ApplicationStatusReady || s == types.ApplicationStatusDeleting
}

// halt asks the service to stop an application. One that has just ended by itself is fine.
func (r *Runner) halt(ctx context.Context, name string, force bool) error {
	_, err := r.api.StopApplication(ctx, &service.StopApplicationInput{ApplicationName: &name, Force: aws.Bool(force)})
	var busy *types.ResourceInUseException
	if errors.As(err, &busy) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop application %s: %w", name, err)
	}
	return nil
}

// settled waits until an application changes no more, at most for some looks (0: as long as
// there is time), and gives what it is.
func (r *Runner) settled(ctx context.Context, name string, looks int) (*types.ApplicationDetail, error) {
	for n := 1; ; n++ {
		out, err := r.api.DescribeApplication(ctx, &service.DescribeApplicationInput{ApplicationName: &name})
		if err != nil {
			return nil, fmt.Errorf("look at application %s: %w", name, err)
		}
		a := out.ApplicationDetail
		switch a.ApplicationStatus {
		case types.ApplicationStatusReady, types.ApplicationStatusRunning, types.ApplicationStatusRolledBack, types.ApplicationStatusDeleting:
			return a, nil
		}
		if n == looks {
			return nil, fmt.Errorf("application %s is still %s", name, a.ApplicationStatus)
		}
		if err := r.pause(ctx); err != nil {
			return nil, fmt.Errorf("application %s is still %s: %w", name, a.ApplicationStatus, err)
		}
	}
}

func (r *Runner) pause(ctx context.Context) error {
	timer := time.NewTimer(r.Pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lastFailed is the newest operation that failed, or empty.
func (r *Runner) lastFailed(ctx context.Context, name string) string {
	out, err := r.api.ListApplicationOperations(ctx, &service.ListApplicationOperationsInput{
		ApplicationName: &name, OperationStatus: types.OperationStatusFailed,
	})
	if err != nil {
		return ""
	}
	var newest types.ApplicationOperationInfo
	for _, o := range out.ApplicationOperationInfoList {
		if newest.StartTime == nil || o.StartTime != nil && o.StartTime.After(*newest.StartTime) {
			newest = o
		}
	}
	return aws.ToString(newest.OperationId)
}

// failure says why an operation failed, as far as the service does.
func (r *Runner) failure(ctx context.Context, name, operation string) string {
	const look = "its log group says why; other rules or windows need another -c processor.index-prefix="
	if operation == "" {
		return look
	}
	out, err := r.api.DescribeApplicationOperation(ctx, &service.DescribeApplicationOperationInput{ApplicationName: &name, OperationId: &operation})
	if err != nil || out.ApplicationOperationInfoDetails == nil {
		return look
	}
	details := out.ApplicationOperationInfoDetails.OperationFailureDetails
	if details == nil || details.ErrorInfo == nil {
		return look
	}
	return cmp.Or(aws.ToString(details.ErrorInfo.ErrorString), "no reason is given") + "; " + look
}
