package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/infra/queries"
)

// deliver makes the Firehose from the stream to the bucket. Firehose takes KPL
// aggregates apart by itself (Kinesis guide, "Use the KPL with Amazon Data
// Firehose"); the processors make sure that each JSON object is a record of its
// own, on a line of its own, and find its partition. A record that ends in a
// newline already may be followed by an empty line, which is no event to any query.
func (a *Archive) deliver(cfg config.Config, stream *Stream) {
	a.Logs = awslogs.NewLogGroup(a.Stack, jsii.String("DeliveryErrors"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_ONE_MONTH,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	log := a.Logs.AddStream(jsii.String("S3"), &awslogs.StreamOptions{LogStreamName: jsii.String("S3")})
	role, policy := a.deliveryRole(stream)
	a.Delivery = awskinesisfirehose.NewCfnDeliveryStream(a.Stack, jsii.String("Delivery"), &awskinesisfirehose.CfnDeliveryStreamProps{
		DeliveryStreamType: jsii.String("KinesisStreamAsSource"),
		KinesisStreamSourceConfiguration: &awskinesisfirehose.CfnDeliveryStream_KinesisStreamSourceConfigurationProperty{
			KinesisStreamArn: stream.Stream.StreamArn(),
			RoleArn:          role.RoleArn(),
		},
		ExtendedS3DestinationConfiguration: &awskinesisfirehose.CfnDeliveryStream_ExtendedS3DestinationConfigurationProperty{
			BucketArn:         a.Bucket.BucketArn(),
			RoleArn:           role.RoleArn(),
			Prefix:            jsii.String(eventsPrefix + queries.Partition + "=!{partitionKeyFromQuery:" + queries.Partition + "}/"),
			ErrorOutputPrefix: jsii.String(errorsPrefix + "!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/"),
			CompressionFormat: jsii.String("GZIP"),
			FileExtension:     jsii.String(".json.gz"),
			BufferingHints: &awskinesisfirehose.CfnDeliveryStream_BufferingHintsProperty{
				SizeInMBs: jsii.Number(cfg.Archive.BufferMB), IntervalInSeconds: jsii.Number(cfg.Archive.BufferSeconds),
			},
			EncryptionConfiguration: &awskinesisfirehose.CfnDeliveryStream_EncryptionConfigurationProperty{
				KmsEncryptionConfig: &awskinesisfirehose.CfnDeliveryStream_KMSEncryptionConfigProperty{AwskmsKeyArn: a.Key.KeyArn()},
			},
			CloudWatchLoggingOptions: &awskinesisfirehose.CfnDeliveryStream_CloudWatchLoggingOptionsProperty{
				Enabled: jsii.Bool(true), LogGroupName: a.Logs.LogGroupName(), LogStreamName: log.LogStreamName(),
			},
			DynamicPartitioningConfiguration: &awskinesisfirehose.CfnDeliveryStream_DynamicPartitioningConfigurationProperty{
				Enabled:      jsii.Bool(true),
				RetryOptions: &awskinesisfirehose.CfnDeliveryStream_RetryOptionsProperty{DurationInSeconds: jsii.Number(300)},
			},
			ProcessingConfiguration: &awskinesisfirehose.CfnDeliveryStream_ProcessingConfigurationProperty{
				Enabled: jsii.Bool(true),
				Processors: []any{
					recordProcessor("RecordDeAggregation", "SubRecordType", "JSON"),
					recordProcessor("MetadataExtraction",
						"MetadataExtractionQuery", "{"+queries.Partition+":"+queries.EventDate+"}",
						"JsonParsingEngine", "JQ-1.6"),
					recordProcessor("AppendDelimiterToRecord"),
				},
			},
		},
	})
	// A deletion ends the delivery before it empties the bucket, and Firehose
	// tries its role when it is made.
	a.Delivery.Node().AddDependency(a.Bucket, policy)
	accept(a.Delivery, "AwsSolutions-KDF1", "the stream that it reads is encrypted; Firehose encrypts by itself only what is put to it directly")
}

func recordProcessor(kind string, parameters ...string) *awskinesisfirehose.CfnDeliveryStream_ProcessorProperty {
	list := []any{}
	for i := 0; i < len(parameters); i += 2 {
		list = append(list, &awskinesisfirehose.CfnDeliveryStream_ProcessorParameterProperty{
			ParameterName: jsii.String(parameters[i]), ParameterValue: jsii.String(parameters[i+1]),
		})
	}
	return &awskinesisfirehose.CfnDeliveryStream_ProcessorProperty{Type: jsii.String(kind), Parameters: list}
}

// deliveryRole reads this stream and writes this bucket, each through its own
// key and service only (Firehose guide, "Controlling access").
func (a *Archive) deliveryRole(stream *Stream) (awsiam.Role, awsiam.Policy) {
	role := awsiam.NewRole(a.Stack, jsii.String("DeliveryRole"), &awsiam.RoleProps{
		Description: jsii.String("Firehose: from the stream of taxi trips to the archive"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("firehose.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: equals("sts:ExternalId", a.Stack.Account()),
		}),
	})
	policy := awsiam.NewPolicy(a.Stack, jsii.String("DeliveryPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{
			allow(nil, stream.Stream.StreamArn(), "kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"),
			allow(equals("kms:ViaService", viaService(a.Stack, "kinesis")), stream.Key.KeyArn(), "kms:Decrypt"),
			allow(nil, a.Bucket.BucketArn(), "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
			allow(nil, a.Bucket.ArnForObjects(jsii.String("*")), "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
			allow(equals("kms:ViaService", viaService(a.Stack, "s3")), a.Key.KeyArn(), "kms:Decrypt", "kms:GenerateDataKey"),
			allow(nil, a.Logs.LogGroupArn(), "logs:PutLogEvents"),
		},
	})
	accept(policy, "AwsSolutions-IAM5", "the objects of one bucket, whose names hold dates, and the streams of one log group")
	return role, policy
}

// viaService is a service of this region as kms:ViaService names it.
func viaService(stack awscdk.Stack, name string) *string {
	return awscdk.Fn_Join(jsii.String("."), &[]*string{jsii.String(name), stack.Region(), stack.UrlSuffix()})
}

// allow is a statement on one resource.
func allow(conditions *map[string]any, resource *string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource}, Conditions: conditions,
	})
}

func equals(key string, value *string) *map[string]any {
	return &map[string]any{"StringEquals": map[string]any{key: value}}
}
