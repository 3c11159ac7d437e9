package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Trail is the stack that records who put and took data, and when: CloudTrail's
// data events of the stream and of the buckets, in files whose digests are
// signed. GetRecords is left out, five calls a second and shard that would cost
// more than the stream; who begins to read shows in GetShardIterator and SubscribeToShard.
type Trail struct {
	awscdk.Stack
	Key    awskms.Key
	Bucket awss3.Bucket
	Trail  awscloudtrail.CfnTrail
}

// NewTrail makes the stack "Trail" over the buckets that are there.
func NewTrail(app constructs.Construct, cfg config.Config, stream *Stream, buckets ...awss3.IBucket) *Trail {
	stack := newStack(app, cfg, "Trail", "Taxi trips: who reads and writes the data")
	t := &Trail{Stack: stack}
	name := cfg.Name + "-data"
	trailARN := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudtrail"), Resource: jsii.String("trail"), ResourceName: jsii.String(name),
	})
	t.Key = t.key(cfg, trailARN)
	t.Bucket = privateBucket(stack, "Files", nil, true, cfg.Protect, &[]*awss3.LifecycleRule{{
		Id: jsii.String("files"), Expiration: days(cfg.Trail.KeepDays), NoncurrentVersionExpiration: days(30), AbortIncompleteMultipartUploadAfter: days(7),
	}})
	t.letWrite(trailARN)
	selectors := []any{
		dataEvents("Stream", "AWS::Kinesis::Stream",
			field("resources.ARN", []*string{stream.Stream.StreamArn()}, nil),
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{
				Field: jsii.String("eventName"), NotEquals: jsii.Strings("GetRecords"),
			}),
	}
	if len(buckets) > 0 {
		var prefixes []*string
		for _, b := range buckets {
			prefixes = append(prefixes, b.ArnForObjects(jsii.String("")))
		}
		selectors = append(selectors, dataEvents("Buckets", "AWS::S3::Object", field("resources.ARN", nil, prefixes)))
	}
	t.Trail = awscloudtrail.NewCfnTrail(stack, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  jsii.String(name),
		IsLogging:                  jsii.Bool(true),
		S3BucketName:               t.Bucket.BucketName(),
		KmsKeyId:                   t.Key.KeyArn(),
		EnableLogFileValidation:    jsii.Bool(true),
		IncludeGlobalServiceEvents: jsii.Bool(false),
		IsMultiRegionTrail:         jsii.Bool(false),
		AdvancedEventSelectors:     selectors,
	})
	// CloudTrail tries to write when it is made; a deletion ends it before it empties the bucket.
	t.Trail.Node().AddDependency(t.Bucket)
	output(stack, "TrailBucket", "where CloudTrail's files are", t.Bucket.BucketName())
	return t
}

// key lets CloudTrail encrypt this trail's files (CloudTrail guide, "Configure
// KMS key policies"). Who reads them needs kms:Decrypt by a policy of their own.
func (t *Trail) key(cfg config.Config, trailARN *string) awskms.Key {
	key := awskms.NewKey(t.Stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the record of who reads and writes taxi trips"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal(cfg),
	})
	for _, action := range []string{"kms:DescribeKey", "kms:GenerateDataKey*"} {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)},
			Actions:    jsii.Strings(action),
			Resources:  jsii.Strings("*"),
			Conditions: equals("aws:SourceArn", trailARN),
		}), nil)
	}
	return key
}

// letWrite lets this trail, and no other, put its files (CloudTrail guide,
// "Amazon S3 bucket policy").
func (t *Trail) letWrite(trailARN *string) {
	cloudtrail := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)}
	t.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: cloudtrail, Actions: jsii.Strings("s3:GetBucketAcl"), Resources: &[]*string{t.Bucket.BucketArn()},
		Conditions: equals("aws:SourceArn", trailARN),
	}))
	t.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: cloudtrail, Actions: jsii.Strings("s3:PutObject"),
		Resources: &[]*string{t.Bucket.ArnForObjects(jsii.String("AWSLogs/" + *t.Stack.Account() + "/*"))},
		Conditions: &map[string]any{"StringEquals": map[string]any{
			"aws:SourceArn": trailARN, "s3:x-amz-acl": "bucket-owner-full-control",
		}},
	}))
}

// dataEvents selects those of one type of resource.
func dataEvents(name, kind string, fields ...*awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty) *awscloudtrail.CfnTrail_AdvancedEventSelectorProperty {
	all := []any{
		field("eventCategory", []*string{jsii.String("Data")}, nil),
		field("resources.type", []*string{jsii.String(kind)}, nil),
	}
	for _, f := range fields {
		all = append(all, f)
	}
	return &awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{Name: jsii.String(name), FieldSelectors: all}
}

func field(name string, equal, starts []*string) *awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty {
	f := &awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: jsii.String(name)}
	if equal != nil {
		f.EqualTo = &equal
	}
	if starts != nil {
		f.StartsWith = &starts
	}
	return f
}
