package app

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Archive is the stack of the events on S3, by the day of their event time, and
// of the queries over them. It keeps what the stream carries from its own
// deployment on: Firehose starts at the stream's end.
type Archive struct {
	awscdk.Stack
	Key       awskms.Key
	Bucket    awss3.Bucket // events/event_date=yyyy-MM-dd/, and errors/<kind>/<day of delivery>/
	Results   awss3.Bucket // of queries
	Delivery  awskinesisfirehose.CfnDeliveryStream
	Logs      awslogs.LogGroup // of Firehose's errors
	Database  awsglue.CfnDatabase
	WorkGroup awsathena.CfnWorkGroup
}

// The archive's prefixes in its bucket.
const (
	eventsPrefix = "events/"
	errorsPrefix = "errors/"
)

// NewArchive makes the stack "Archive".
func NewArchive(app constructs.Construct, cfg config.Config, stream *Stream) *Archive {
	stack := newStack(app, cfg, "Archive", "Taxi trips: all events on S3, and queries over them")
	a := &Archive{Stack: stack}
	a.Key = awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the archive of taxi trips and the results of queries"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal(cfg),
	})
	a.Bucket = privateBucket(stack, "Events", a.Key, true, cfg.Protect, eventsLifecycle(cfg.Archive))
	a.Results = privateBucket(stack, "Results", a.Key, false, false, &[]*awss3.LifecycleRule{{
		Id: jsii.String("results"), Expiration: days(cfg.Archive.ResultDays), AbortIncompleteMultipartUploadAfter: days(7),
	}})
	a.deliver(cfg, stream)
	a.catalogue(cfg)
	output(stack, "ArchiveBucket", "where the events are, below "+eventsPrefix, a.Bucket.BucketName())
	output(stack, "WorkGroup", "Athena's workgroup with the saved queries", a.WorkGroup.Name())
	return a
}

// eventsLifecycle moves events to colder storage; all classes can be queried.
// Objects replaced or deleted are kept for 30 days.
func eventsLifecycle(a config.Archive) *[]*awss3.LifecycleRule {
	var steps []*awss3.Transition
	if a.InfrequentDays > 0 {
		steps = append(steps, &awss3.Transition{StorageClass: awss3.StorageClass_INFREQUENT_ACCESS(), TransitionAfter: days(a.InfrequentDays)})
	}
	if a.GlacierDays > 0 {
		steps = append(steps, &awss3.Transition{StorageClass: awss3.StorageClass_GLACIER_INSTANT_RETRIEVAL(), TransitionAfter: days(a.GlacierDays)})
	}
	rule := &awss3.LifecycleRule{
		Id:                                  jsii.String("events"),
		NoncurrentVersionExpiration:         days(30),
		AbortIncompleteMultipartUploadAfter: days(7),
	}
	if len(steps) > 0 {
		rule.Transitions = &steps
	}
	if a.ExpireDays > 0 {
		rule.Expiration = days(a.ExpireDays)
	}
	return &[]*awss3.LifecycleRule{rule}
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }

var notInNames = regexp.MustCompile(`[^a-z0-9_]+`)

// databaseName is the deployment's name as Glue and Athena take one.
func databaseName(cfg config.Config) string {
	return notInNames.ReplaceAllString(strings.ToLower(cfg.Name), "_")
}
