//go:build infra

package app

import "taxistream/infra/cost"

const networkIsFree = "a VPC and its parts cost nothing, what goes through gateways and addresses does"

// How the estimate of the cost treats each type of resource: counted ones stand
// in the bill of their stack as often as in its template; the others are named
// with the line that has them, or with the reason why they cost nothing.
var (
	counted = map[string]struct {
		item cost.Item
		each float64 // how much of the item a month one resource is
	}{
		"AWS::KMS::Key":              {cost.KeyMonth, 1},
		"AWS::CloudWatch::Dashboard": {cost.DashboardMonth, 1},
	}
	uncounted = map[string]string{
		"AWS::Kinesis::Stream":                 "shard-hours, PUT units or on-demand data",
		"AWS::KinesisFirehose::DeliveryStream": "Firehose data in, partitioned data and objects",
		"AWS::S3::Bucket":                      "requests and storage",
		"AWS::ECS::Service":                    "Fargate vCPU-hours and GB-hours, a public address",
		"AWS::ECS::TaskDefinition":             "Fargate vCPU-hours and GB-hours while a task runs",
		"AWS::ECS::Cluster":                    "CloudWatch custom metrics, with Container Insights",
		"AWS::EC2::VPCEndpoint":                "see TestCostOfEndpoints; S3's gateway costs nothing",
		"AWS::OpenSearchService::Domain":       "instance hours and gp3 storage",
		"AWS::Cognito::UserPool":               "Cognito users",
		"AWS::Athena::WorkGroup":               "Athena data scanned",
		"AWS::Logs::LogGroup":                  "CloudWatch Logs data in",
		"AWS::CloudWatch::Alarm":               "see TestCostOfAlarms",

		"AWS::Lambda::Function":                    "runs at a deployment or an alarm, for seconds",
		"AWS::Kinesis::StreamConsumer":             "consumer-shard-hours",
		"AWS::IoT::TopicRule":                      "messages, rules and actions",
		"AWS::CloudTrail::Trail":                   "CloudTrail data events",
		"AWS::IoT::Policy":                         "a text",
		"AWS::Lambda::Permission":                  "a text",
		"AWS::CodePipeline::Pipeline":              "CodePipeline V2 minutes",
		"AWS::CodeBuild::Project":                  "CodeBuild minutes",
		"AWS::EC2::VPC":                            networkIsFree,
		"AWS::EC2::Subnet":                         networkIsFree,
		"AWS::EC2::Route":                          networkIsFree,
		"AWS::EC2::RouteTable":                     networkIsFree,
		"AWS::EC2::SubnetRouteTableAssociation":    networkIsFree,
		"AWS::EC2::InternetGateway":                networkIsFree,
		"AWS::EC2::VPCGatewayAttachment":           networkIsFree,
		"AWS::EC2::SecurityGroup":                  networkIsFree,
		"AWS::Cognito::UserPoolDomain":             "users cost, not the pool",
		"AWS::Cognito::IdentityPool":               "users cost, not the pool",
		"AWS::Cognito::IdentityPoolRoleAttachment": "a text",
		"AWS::Logs::ResourcePolicy":                "a text",
		"AWS::SNS::Topic":                          "a million messages cost 50 cents",
		"AWS::SNS::TopicPolicy":                    "a text",
		"AWS::SNS::Subscription":                   "a thousand e-mails a month cost nothing",
		"AWS::Chatbot::SlackChannelConfiguration":  "chat costs nothing",
		"AWS::Budgets::Budget":                     "budgets without actions cost nothing",
		"AWS::Athena::NamedQuery":                  "a text",
		"AWS::Glue::Database":                      "the first million objects of the catalogue cost nothing",
		"AWS::Glue::Table":                         "the first million objects of the catalogue cost nothing",
		"AWS::IAM::Policy":                         "IAM costs nothing",
		"AWS::IAM::Role":                           "IAM costs nothing",
		"AWS::Logs::LogStream":                     "what is written costs, see the log group",
		"AWS::S3::BucketPolicy":                    "a text",
	}
)
