// Package application is the custom resource Custom::FlinkRun: a Flink application that
// runs. CloudFormation makes and updates applications, and starts none.
//
//	Create   starts it, from its latest snapshot where it has one, and waits until it runs
//	Update   waits until it runs as the template has it; starts it where it was stopped
//	Delete   stops it with a snapshot; without one where that does not come about
//
// An update of an application that runs is the service's own: it stops the job with a
// snapshot, and starts it again from that (Managed Service for Apache Flink guide, "Manage
// application backups using snapshots"). Where the new one does not start, the service
// goes back to the old one; Update finds that out by what the application is, and says so.
//
// Every event may come twice: each looks first at what is there. The package keeps nothing.
package application

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	service "github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2"
	"github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2/types"

	"taxistream/infra/lambda/cloudformation"
)

// PropertyGroup is the group of the job's flags.
const PropertyGroup = "processor"

// API is what is asked of the service.
type API interface {
	DescribeApplication(context.Context, *service.DescribeApplicationInput, ...func(*service.Options)) (*service.DescribeApplicationOutput, error)
	StartApplication(context.Context, *service.StartApplicationInput, ...func(*service.Options)) (*service.StartApplicationOutput, error)
	StopApplication(context.Context, *service.StopApplicationInput, ...func(*service.Options)) (*service.StopApplicationOutput, error)
	ListApplicationSnapshots(context.Context, *service.ListApplicationSnapshotsInput, ...func(*service.Options)) (*service.ListApplicationSnapshotsOutput, error)
	ListApplicationOperations(context.Context, *service.ListApplicationOperationsInput, ...func(*service.Options)) (*service.ListApplicationOperationsOutput, error)
	DescribeApplicationOperation(context.Context, *service.DescribeApplicationOperationInput, ...func(*service.Options)) (*service.DescribeApplicationOperationOutput, error)
}

// Runner handles events. It may be used by several goroutines.
type Runner struct {
	api API
	log *slog.Logger
	// Pause is between two looks at an application that changes.
	Pause time.Duration
	// Patience is the number of looks after which a deletion stops one that still changes.
	Patience int
}

// New makes a Runner; it owns nothing that must be closed.
func New(api API, log *slog.Logger) *Runner {
	return &Runner{api: api, log: log, Pause: 10 * time.Second, Patience: 48}
}

// Properties are those of the resource; further ones only make CloudFormation send an Update.
type Properties struct {
	Application string            // its name, and the resource's
	Code        string            // key of the jar in its bucket
	Flags       map[string]string // of the property group
}

// Handle does what an event asks for.
func (r *Runner) Handle(ctx context.Context, event cloudformation.Event) (cloudformation.Result, error) {
	var p Properties
	if err := json.Unmarshal(event.Properties, &p); err != nil || p.Application == "" {
		if event.RequestType == cloudformation.Delete {
			return cloudformation.Result{}, nil // such a resource was never made
		}
		return cloudformation.Result{}, fmt.Errorf("%s %s: its properties name no Application", event.RequestType, event.LogicalResourceID)
	}
	result := cloudformation.Result{PhysicalID: p.Application}
	switch event.RequestType {
	case cloudformation.Create, cloudformation.Update:
		return result, r.run(ctx, &p)
	case cloudformation.Delete:
		result.PhysicalID = event.PhysicalResourceID
		if event.PhysicalResourceID != p.Application {
			return result, nil // what never came to be has another name
		}
		return result, r.stop(ctx, p.Application)
	}
	return result, fmt.Errorf("request %q: not one of Create, Update and Delete", event.RequestType)
}

// run makes an application run.
func (r *Runner) run(ctx context.Context, p *Properties) error {
	a, err := r.settled(ctx, p.Application, 0)
	if err != nil {
		return err
	}
	if a.ApplicationStatus == types.ApplicationStatusReady {
		if a, err = r.start(ctx, p.Application); err != nil {
			return err
		}
	}
	if a.ApplicationStatus != types.ApplicationStatusRunning || !p.fits(a) {
		return fmt.Errorf("application %s is %s, and not as the template has it: its last update failed and was taken back: %s",
			p.Application, a.ApplicationStatus, r.failure(ctx, p.Application, r.lastFailed(ctx, p.Application)))
	}
	return nil
}

// fits tells whether the application has the template's jar and flags.
func (p *Properties) fits(a *types.ApplicationDetail) bool {
	d := a.ApplicationConfigurationDescription
	if d == nil || d.ApplicationCodeConfigurationDescription == nil || d.ApplicationCodeConfigurationDescription.CodeContentDescription == nil ||
		d.EnvironmentPropertyDescriptions == nil {
		return false
	}
	code := d.ApplicationCodeConfigurationDescription.CodeContentDescription.S3ApplicationCodeLocationDescription
	if code == nil || aws.ToString(code.FileKey) != p.Code {
		return false
	}
	for _, group := range d.EnvironmentPropertyDescriptions.PropertyGroupDescriptions {
		if aws.ToString(group.PropertyGroupId) == PropertyGroup {
			return equal(group.PropertyMap, p.Flags)
		}
	}
	return false
}

func equal(a, b map[string]string) bool {
	for name, value := range a {
		if there, ok := b[name]; !ok || there != value {
			return false
		}
	}
	return len(a) == len(b)
}

// start starts an application that is ready, and waits until it runs.
func (r *Runner) start(ctx context.Context, name string) (*types.ApplicationDetail, error) {
	from, err := r.restore(ctx, name)
	if err != nil {
		return nil, err
	}
	started, err := r.api.StartApplication(ctx, &service.StartApplicationInput{
		ApplicationName: &name,
		RunConfiguration: &types.RunConfiguration{
			ApplicationRestoreConfiguration: &types.ApplicationRestoreConfiguration{ApplicationRestoreType: from},
			FlinkRunConfiguration:           &types.FlinkRunConfiguration{AllowNonRestoredState: aws.Bool(false)},
		},
	})
	var busy *types.ResourceInUseException
	if err != nil && !errors.As(err, &busy) { // somebody else has just started it
		return nil, fmt.Errorf("start application %s: %w", name, err)
	}
	r.log.Info("flink", "application", name, "starts", string(from))
	a, err := r.settled(ctx, name, 0)
	if err != nil {
		return nil, err
	}
	if a.ApplicationStatus != types.ApplicationStatusRunning {
		operation := ""
		if started != nil {
			operation = aws.ToString(started.OperationId)
		}
		return nil, fmt.Errorf("application %s did not start and is %s: %s", name, a.ApplicationStatus, r.failure(ctx, name, operation))
	}
	return a, nil
}

// restore is from the latest snapshot where there is one that is whole.
func (r *Runner) restore(ctx context.Context, name string) (types.ApplicationRestoreType, error) {
	in := &service.ListApplicationSnapshotsInput{ApplicationName: &name}
	for {
		page, err := r.api.ListApplicationSnapshots(ctx, in)
		if err != nil {
			return "", fmt.Errorf("list the snapshots of application %s: %w", name, err)
		}
		for _, s := range page.SnapshotSummaries {
			if s.SnapshotStatus == types.SnapshotStatusReady {
				return types.ApplicationRestoreTypeRestoreFromLatestSnapshot, nil
			}
		}
		if page.NextToken == nil {
			return types.ApplicationRestoreTypeSkipRestoreFromSnapshot, nil
		}
		in.NextToken = page.NextToken
	}
}
