package local

import "strings"

// creatable are the types of resources that LocalStack 4.9.2, free edition,
// creates from a template and removes with it: those of the deployment that its
// CloudFormation knows and whose service runs in the container.
// localstack/integration's TestDeploy creates them there.
var creatable = map[string]bool{
	"AWS::CloudWatch::Alarm":                true,
	"AWS::EC2::InternetGateway":             true,
	"AWS::EC2::Route":                       true,
	"AWS::EC2::RouteTable":                  true,
	"AWS::EC2::SecurityGroup":               true,
	"AWS::EC2::Subnet":                      true,
	"AWS::EC2::SubnetRouteTableAssociation": true,
	"AWS::EC2::VPC":                         true,
	"AWS::EC2::VPCEndpoint":                 true,
	"AWS::EC2::VPCGatewayAttachment":        true,
	"AWS::IAM::Policy":                      true,
	"AWS::IAM::Role":                        true,
	"AWS::KMS::Key":                         true,
	"AWS::Kinesis::Stream":                  true,
	"AWS::Kinesis::StreamConsumer":          true,
	"AWS::Logs::LogGroup":                   true,
	"AWS::Logs::LogStream":                  true,
	"AWS::OpenSearchService::Domain":        true,
	"AWS::S3::Bucket":                       true,
	"AWS::S3::BucketPolicy":                 true,
	"AWS::SNS::Subscription":                true,
	"AWS::SNS::Topic":                       true,
	"AWS::SNS::TopicPolicy":                 true,
	"AWS::CDK::Metadata":                    true,
}

// lacking says why LocalStack has not what the beginning of a type names.
var lacking = []struct{ types, reason string }{
	{"AWS::Athena::", "not in the free edition"},
	{"AWS::Budgets::", "not in the free edition"},
	{"AWS::CloudTrail::", "not in the free edition"},
	{"AWS::Chatbot::", "not in the free edition"},
	{"AWS::CloudWatch::Dashboard", "its CloudFormation creates none"},
	{"AWS::CodeBuild::", "not in the free edition"},
	{"AWS::CodePipeline::", "not in the free edition"},
	{"AWS::Cognito::", "not in the free edition"},
	{"AWS::ECS::", "not in the free edition: the programs run beside it"},
	{"AWS::Glue::", "not in the free edition"},
	{"AWS::IoT::", "not in the free edition"},
	{"AWS::KinesisAnalyticsV2::", "not in the free edition"},
	{"AWS::KinesisFirehose::", "its server is no part of the image"},
	{"AWS::Logs::ResourcePolicy", "its CloudFormation creates none"},
	{"AWS::Lambda::", "functions run in containers that LocalStack starts, and it is given no Docker"},
	{"Custom::", "answered by a function"},
}

// reason says why a type is left out; "" where it is not.
func reason(kind string) string {
	if creatable[kind] {
		return ""
	}
	for _, l := range lacking {
		if strings.HasPrefix(kind, l.types) {
			return l.reason
		}
	}
	return "unknown to its CloudFormation"
}
