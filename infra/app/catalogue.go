package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/infra/queries"
)

// catalogue makes the table over the events and the workgroup that queries it.
func (a *Archive) catalogue(cfg config.Config) {
	a.Database = awsglue.NewCfnDatabase(a.Stack, jsii.String("Database"), &awsglue.CfnDatabaseProps{
		CatalogId: a.Stack.Account(),
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name: jsii.String(databaseName(cfg)), Description: jsii.String("Taxi trips, as the stream carried them"),
		},
	})
	a.table(cfg).Node().AddDependency(a.Database)
	a.WorkGroup = a.workGroup(cfg)
	for _, q := range queries.All() {
		awsathena.NewCfnNamedQuery(a.Stack, jsii.String("Query-"+q.Name), &awsathena.CfnNamedQueryProps{
			Name: jsii.String(q.Name), Description: jsii.String(q.Description), QueryString: jsii.String(q.SQL),
			Database: a.Database.Ref(), WorkGroup: a.WorkGroup.Ref(),
		})
	}
}

// table needs no crawler and no MSCK REPAIR: the partitions are the days from
// the first one to tomorrow, computed by Athena (its guide, "Partition projection").
func (a *Archive) table(cfg config.Config) awsglue.CfnTable {
	var columns []any
	for _, c := range queries.Columns {
		columns = append(columns, column(c))
	}
	location := a.Bucket.S3UrlForObject(jsii.String(eventsPrefix))
	return awsglue.NewCfnTable(a.Stack, jsii.String("Table"), &awsglue.CfnTableProps{
		CatalogId:    a.Stack.Account(),
		DatabaseName: jsii.String(databaseName(cfg)),
		TableInput: &awsglue.CfnTable_TableInputProperty{
			Name:          jsii.String(queries.Table),
			Description:   jsii.String("Trips and watermarks, by the UTC day of their event time"),
			TableType:     jsii.String("EXTERNAL_TABLE"),
			PartitionKeys: []any{column(queries.Column{Name: queries.Partition, Type: "string", Doc: "yyyy-MM-dd"})},
			Parameters: map[string]any{
				"classification":                                     "json",
				"compressionType":                                    "gzip",
				"projection.enabled":                                 "true",
				"projection." + queries.Partition + ".type":          "date",
				"projection." + queries.Partition + ".format":        "yyyy-MM-dd",
				"projection." + queries.Partition + ".range":         cfg.Archive.FirstDate + ",NOW+1DAYS",
				"projection." + queries.Partition + ".interval":      "1",
				"projection." + queries.Partition + ".interval.unit": "DAYS",
				"storage.location.template": *a.Bucket.S3UrlForObject(jsii.String(
					eventsPrefix + queries.Partition + "=${" + queries.Partition + "}/")),
			},
			StorageDescriptor: &awsglue.CfnTable_StorageDescriptorProperty{
				Columns:      columns,
				Location:     location,
				InputFormat:  jsii.String("org.apache.hadoop.mapred.TextInputFormat"),
				OutputFormat: jsii.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
				SerdeInfo: &awsglue.CfnTable_SerdeInfoProperty{
					SerializationLibrary: jsii.String("org.openx.data.jsonserde.JsonSerDe"),
					// The contract's names are case-sensitive.
					Parameters: map[string]any{"case.insensitive": "false"},
				},
			},
		},
	})
}

func column(c queries.Column) *awsglue.CfnTable_ColumnProperty {
	return &awsglue.CfnTable_ColumnProperty{Name: jsii.String(c.Name), Type: jsii.String(c.Type), Comment: jsii.String(c.Doc)}
}

// workGroup settles what no query can change: where its result goes, under
// which key, and how much it may read.
func (a *Archive) workGroup(cfg config.Config) awsathena.CfnWorkGroup {
	return awsathena.NewCfnWorkGroup(a.Stack, jsii.String("Athena"), &awsathena.CfnWorkGroupProps{
		Name:                  jsii.String(cfg.Name),
		Description:           jsii.String("Queries over the archive of taxi trips"),
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			BytesScannedCutoffPerQuery:      jsii.Number(float64(cfg.Archive.ScanLimitGB) * 1e9),
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String("Athena engine version 3"),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation:      a.Results.S3UrlForObject(jsii.String("results/")),
				ExpectedBucketOwner: a.Stack.Account(),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"), KmsKey: a.Key.KeyArn(),
				},
			},
		},
	})
}
