package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// checkpointsPrefix is the processor's place in its bucket.
const checkpointsPrefix = "checkpoints"

// checkpointBucket keeps the processor's state. Its key is S3's own: a checkpoint
// holds ids and sums of trips, no coordinates, and is written every few seconds,
// for each of which KMS would be asked. What is replaced or deleted can be brought
// back for some days.
func checkpointBucket(stack awscdk.Stack, cfg config.Config) awss3.Bucket {
	lifecycle := &[]*awss3.LifecycleRule{{
		Id:                                  jsii.String("replaced"),
		NoncurrentVersionExpiration:         days(cfg.Processor.CheckpointDays),
		ExpiredObjectDeleteMarker:           jsii.Bool(true),
		AbortIncompleteMultipartUploadAfter: days(1),
	}}
	return privateBucket(stack, "Checkpoints", nil, true, false, lifecycle)
}

// allowCheckpoints are the calls of internal/s3 on the processor's place. The
// right to list is not bound to the prefix: reading an object that is not there,
// as the first processor reads the lease, names no prefix, and is answered 403
// and not 404 where that right does not hold. The bucket has nothing else in it.
func allowCheckpoints(role awsiam.Role, bucket awss3.Bucket) {
	role.AddToPolicy(allow(nil, bucket.ArnForObjects(jsii.String(checkpointsPrefix+"/*")), "s3:GetObject", "s3:PutObject", "s3:DeleteObject"))
	role.AddToPolicy(allow(nil, bucket.BucketArn(), "s3:ListBucket"))
}
