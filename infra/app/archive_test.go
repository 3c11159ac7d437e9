//go:build infra

package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"taxistream/infra/config"
	"taxistream/infra/queries"
)

// Events go to S3 one a line, by the day of their event time, compressed and
// under a key of the archive's own.
func TestDelivery(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Archive")
	tmpl.HasResourceProperties(str("AWS::KinesisFirehose::DeliveryStream"), map[string]any{
		"DeliveryStreamType": "KinesisStreamAsSource",
		"ExtendedS3DestinationConfiguration": map[string]any{
			"Prefix":                           "events/event_date=!{partitionKeyFromQuery:event_date}/",
			"ErrorOutputPrefix":                "errors/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/",
			"CompressionFormat":                "GZIP",
			"BufferingHints":                   map[string]any{"SizeInMBs": 64, "IntervalInSeconds": 300},
			"EncryptionConfiguration":          map[string]any{"KMSEncryptionConfig": assertions.Match_AnyValue()},
			"CloudWatchLoggingOptions":         map[string]any{"Enabled": true},
			"DynamicPartitioningConfiguration": map[string]any{"Enabled": true},
			"ProcessingConfiguration": map[string]any{
				"Enabled": true,
				"Processors": []any{
					map[string]any{"Type": "RecordDeAggregation", "Parameters": parameters("SubRecordType", "JSON")},
					map[string]any{"Type": "MetadataExtraction", "Parameters": parameters(
						"MetadataExtractionQuery", "{event_date:"+queries.EventDate+"}", "JsonParsingEngine", "JQ-1.6")},
					map[string]any{"Type": "AppendDelimiterToRecord"},
				},
			},
		},
	})
}

func parameters(pairs ...string) []any {
	var list []any
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, map[string]any{"ParameterName": pairs[i], "ParameterValue": pairs[i+1]})
	}
	return list
}

// The archive is versioned and moves to colder storage, and a
// deletion empties both buckets (TestBuckets: their privacy).
func TestArchiveBuckets(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Archive")
	tmpl.HasResourceProperties(str("AWS::S3::Bucket"), map[string]any{
		"VersioningConfiguration": map[string]any{"Status": "Enabled"},
		"LifecycleConfiguration": map[string]any{"Rules": []any{map[string]any{
			"Transitions": []any{
				map[string]any{"StorageClass": "STANDARD_IA", "TransitionInDays": 30},
				map[string]any{"StorageClass": "GLACIER_IR", "TransitionInDays": 90},
			},
			"NoncurrentVersionExpiration": map[string]any{"NoncurrentDays": 30},
		}}},
	})
	tmpl.ResourceCountIs(str("AWS::S3::Bucket"), num(2))
	tmpl.ResourceCountIs(str("Custom::S3AutoDeleteObjects"), num(2))
}

// The table has the columns of an event, and a partition for each day without a crawler.
func TestTable(t *testing.T) {
	var columns []any
	for _, c := range queries.Columns {
		columns = append(columns, map[string]any{"Name": c.Name, "Type": c.Type, "Comment": c.Doc})
	}
	synthesized(t).Template(t, "Archive").HasResourceProperties(str("AWS::Glue::Table"), map[string]any{
		"DatabaseName": "taxistream",
		"TableInput": map[string]any{
			"Name":          "events",
			"PartitionKeys": []any{map[string]any{"Name": "event_date", "Type": "string"}},
			"Parameters": map[string]any{
				"projection.enabled":          "true",
				"projection.event_date.type":  "date",
				"projection.event_date.range": "2009-01-01,NOW+1DAYS",
				"storage.location.template":   assertions.Match_AnyValue(),
			},
			"StorageDescriptor": map[string]any{
				"Columns":   columns,
				"SerdeInfo": map[string]any{"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
			},
		},
	})
}

// A query cannot choose where its result goes or read without end; the saved ones are there.
func TestWorkGroup(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Archive")
	tmpl.HasResourceProperties(str("AWS::Athena::WorkGroup"), map[string]any{
		"RecursiveDeleteOption": true,
		"WorkGroupConfiguration": map[string]any{
			"EnforceWorkGroupConfiguration": true,
			"BytesScannedCutoffPerQuery":    10_000_000_000,
			"ResultConfiguration": map[string]any{
				"EncryptionConfiguration": map[string]any{"EncryptionOption": "SSE_KMS", "KmsKey": assertions.Match_AnyValue()},
			},
		},
	})
	for _, q := range queries.All() {
		tmpl.HasResourceProperties(str("AWS::Athena::NamedQuery"), map[string]any{
			"Name": q.Name, "QueryString": q.SQL, "Database": assertions.Match_AnyValue(), "WorkGroup": assertions.Match_AnyValue(),
		})
	}
}

func num(n float64) *float64 { return &n }

// Firehose may read this stream and write this bucket, and do nothing else.
func TestDeliveryRole(t *testing.T) {
	var got []string
	for _, s := range synthesized(t).Stacks["Archive"].statements() {
		if strings.HasPrefix(s.of, "DeliveryPolicy") {
			got = append(got, s.actions...)
		}
	}
	slices.Sort(got)
	want := []string{
		"kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
		"kms:Decrypt", "kms:Decrypt", "kms:GenerateDataKey", "logs:PutLogEvents",
		"s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutObject",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Steps of the lifecycle that are turned off are not there.
func TestEventsLifecycle(t *testing.T) {
	for name, test := range map[string]struct {
		archive config.Archive
		steps   int
		expires bool
	}{
		"All":     {config.Archive{InfrequentDays: 30, GlacierDays: 90, ExpireDays: 365}, 2, true},
		"Glacier": {config.Archive{GlacierDays: 90}, 1, false},
		"None":    {config.Archive{}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			rule := (*eventsLifecycle(test.archive))[0]
			steps := 0
			if rule.Transitions != nil {
				steps = len(*rule.Transitions)
			}
			if steps != test.steps || (rule.Expiration != nil) != test.expires || rule.NoncurrentVersionExpiration == nil {
				t.Errorf("%d steps, expires %v", steps, rule.Expiration != nil)
			}
		})
	}
}
