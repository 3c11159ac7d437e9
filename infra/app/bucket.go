package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// privateBucket is a bucket that takes TLS only, encrypted under key (nil: under
// a key of S3), which a deletion of its stack empties first, or leaves with all that is
// in it (kept).
func privateBucket(stack awscdk.Stack, id string, key awskms.IKey, versioned, kept bool, lifecycle *[]*awss3.LifecycleRule) awss3.Bucket {
	props := &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		Versioned:         jsii.Bool(versioned),
		LifecycleRules:    lifecycle,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
		AutoDeleteObjects: jsii.Bool(true),
	}
	if kept {
		props.RemovalPolicy, props.AutoDeleteObjects = awscdk.RemovalPolicy_RETAIN, nil
	}
	if key != nil {
		props.Encryption, props.EncryptionKey, props.BucketKeyEnabled = awss3.BucketEncryption_KMS, key, jsii.Bool(true)
	}
	bucket := awss3.NewBucket(stack, jsii.String(id), props)
	accept(bucket, "AwsSolutions-S1", "who reads and writes is recorded, with identities, by the trail (-c trail.on=true), which access logs have not")
	if !kept {
		nameEmptyingActions(bucket)
		keepEmptyingLogs(stack, bucket)
	}
	return bucket
}

// nameEmptyingActions puts the calls of the CDK's emptying function in the place
// of the families (s3:DeleteObject* and so on) that the CDK allows it. The
// statement comes after those that refuse plain HTTP and old TLS; a test sees to it.
func nameEmptyingActions(bucket awss3.Bucket) {
	policy := bucket.Policy().Node().DefaultChild().(awss3.CfnBucketPolicy)
	policy.AddPropertyOverride(jsii.String("PolicyDocument.Statement.2.Action"), jsii.Strings(
		"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketPolicy", "s3:GetBucketTagging",
		"s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketPolicy"))
}

// keepEmptyingLogs makes the log group of the stack's emptying function part of
// the stack, lest Lambda make one that stays behind for ever.
func keepEmptyingLogs(stack awscdk.Stack, bucket awss3.Bucket) {
	id := jsii.String("EmptyingLogs")
	logs := stack.Node().TryFindChild(id)
	if logs == nil {
		handler := stack.Node().FindChild(jsii.String("Custom::S3AutoDeleteObjectsCustomResourceProvider")).Node().FindChild(jsii.String("Handler"))
		logs = awslogs.NewLogGroup(stack, id, &awslogs.LogGroupProps{
			LogGroupName:  awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("/aws/lambda/"), handler.(awscdk.CfnResource).Ref()}),
			Retention:     awslogs.RetentionDays_ONE_WEEK,
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	bucket.Node().FindChild(jsii.String("AutoDeleteObjectsCustomResource")).Node().AddDependency(logs)
}
