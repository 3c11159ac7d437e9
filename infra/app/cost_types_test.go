//go:build infra

package app

import (
	"slices"
	"strconv"
	"strings"

	"taxistream/infra/cost"
)

const (
	month         = 730.0 // hours
	networkIsFree = "a VPC and its parts cost nothing, what goes through gateways and addresses does"
)

// How the estimate of the cost treats each type of resource: counted ones stand
// in the bill of their stack with the amounts a month that follow from their
// properties; the others are named with the line that has them, or with the
// reason why they cost nothing.
var (
	counted = map[string]func(resource) map[cost.Item]float64{
		"AWS::KMS::Key": each(cost.KeyMonth, 1),
		"AWS::ElasticLoadBalancingV2::LoadBalancer": func(r resource) map[cost.Item]float64 {
			all := map[cost.Item]float64{cost.BalancerHour: month}
			if r.Properties["Scheme"] == "internet-facing" {
				subnets, _ := r.Properties["Subnets"].([]any)
				all[cost.PublicAddressHour] = month * float64(len(subnets))
			}
			return all
		},
		"AWS::WAFv2::WebACL": func(r resource) map[cost.Item]float64 {
			rules, _ := r.Properties["Rules"].([]any)
			return map[cost.Item]float64{cost.FirewallMonth: 1, cost.FirewallRuleMonth: float64(len(rules))}
		},
		"AWS::CloudWatch::Dashboard": each(cost.DashboardMonth, 1),
		"AWS::EC2::NatGateway":       each(cost.NATHour, month),
		"AWS::EC2::EIP":              each(cost.PublicAddressHour, month),
		"AWS::CloudWatch::Alarm": func(r resource) map[cost.Item]float64 {
			return map[cost.Item]float64{cost.AlarmMonth: alarmMetrics(r)}
		},
		"AWS::EC2::VPCEndpoint": func(r resource) map[cost.Item]float64 {
			if subnets, _ := r.Properties["SubnetIds"].([]any); r.Properties["VpcEndpointType"] == "Interface" {
				return map[cost.Item]float64{cost.EndpointHour: month * float64(len(subnets))}
			}
			return nil // S3's gateway costs nothing
		},
		"AWS::Kinesis::Stream": func(r resource) map[cost.Item]float64 {
			return map[cost.Item]float64{cost.ShardHour: month * number(r.Properties, "ShardCount")}
		},
		"AWS::ECS::Service": func(r resource) map[cost.Item]float64 {
			if at := r.Properties["NetworkConfiguration"].(map[string]any)["AwsvpcConfiguration"].(map[string]any); at["AssignPublicIp"] != "ENABLED" {
				return nil
			}
			return map[cost.Item]float64{cost.PublicAddressHour: month * number(r.Properties, "DesiredCount")}
		},
		"AWS::ECS::TaskDefinition":             taskAmounts,
		"AWS::KinesisAnalyticsV2::Application": unitAmounts,
		"AWS::OpenSearchService::Domain":       domainAmounts,
	}
	uncounted = map[string]string{
		"AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption": "what is written costs, see the log group",
		"AWS::KinesisFirehose::DeliveryStream":                        "Firehose data in, partitioned data and objects",
		"AWS::S3::Bucket":                                             "requests and storage",
		"AWS::ECS::Cluster":                                           "CloudWatch custom metrics, with Container Insights",
		"AWS::Cognito::UserPool":                                      "Cognito users",
		"AWS::Athena::WorkGroup":                                      "Athena data scanned",
		"AWS::Logs::LogGroup":                                         "CloudWatch Logs data in",

		"AWS::Lambda::Function":                    "runs at a deployment or an alarm, for seconds",
		"AWS::Kinesis::StreamConsumer":             "consumer-shard-hours",
		"AWS::IoT::TopicRule":                      "messages, rules and actions",
		"AWS::CloudTrail::Trail":                   "CloudTrail data events",
		"AWS::IoT::Policy":                         "a text",
		"AWS::Lambda::Permission":                  "a text",
		"AWS::CodePipeline::Pipeline":              "CodePipeline V2 minutes",
		"AWS::CodeBuild::Project":                  "CodeBuild minutes",
		"AWS::EC2::FlowLog":                        "see its log group",
		"AWS::EC2::VPC":                            networkIsFree,
		"AWS::EC2::Subnet":                         networkIsFree,
		"AWS::EC2::Route":                          networkIsFree,
		"AWS::EC2::RouteTable":                     networkIsFree,
		"AWS::EC2::SubnetRouteTableAssociation":    networkIsFree,
		"AWS::EC2::InternetGateway":                networkIsFree,
		"AWS::EC2::VPCGatewayAttachment":           networkIsFree,
		"AWS::EC2::SecurityGroup":                  networkIsFree,
		"AWS::EC2::SecurityGroupIngress":           networkIsFree,
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
		"AWS::ElasticLoadBalancingV2::Listener":    "its load balancer costs",
		"AWS::ElasticLoadBalancingV2::TargetGroup": "its load balancer costs",
		"AWS::Cognito::UserPoolClient":             "users cost, not the pool",
		"AWS::EC2::SecurityGroupEgress":            networkIsFree,
		"AWS::WAFv2::IPSet":                        "its rule costs",
		"AWS::WAFv2::WebACLAssociation":            "a text",
		"AWS::Logs::LogStream":                     "what is written costs, see the log group",
		"AWS::S3::BucketPolicy":                    "a text",
	}
)

// taskAmounts counts the processor's task around the clock; the producer's runs on demand.
func taskAmounts(r resource) map[cost.Item]float64 {
	if family, _ := r.Properties["Family"].(string); !strings.HasSuffix(family, "-processor") {
		return nil
	}
	cpu, memory := cost.CPUHourX86, cost.MemoryHourX86
	if r.Properties["RuntimePlatform"].(map[string]any)["CpuArchitecture"] == "ARM64" {
		cpu, memory = cost.CPUHourARM, cost.MemoryHourARM
	}
	return map[cost.Item]float64{
		cpu:    month * number(r.Properties, "Cpu") / 1024,
		memory: month * number(r.Properties, "Memory") / 1024,
	}
}

// unitAmounts counts the units that an application begins with, and the one that holds it together.
func unitAmounts(r resource) map[cost.Item]float64 {
	flink := r.Properties["ApplicationConfiguration"].(map[string]any)["FlinkApplicationConfiguration"].(map[string]any)
	parallel := flink["ParallelismConfiguration"].(map[string]any)
	units := number(parallel, "Parallelism") / number(parallel, "ParallelismPerKPU")
	return map[cost.Item]float64{cost.UnitHour: month * (units + 1), cost.UnitMonth: 50 * units}
}

func domainAmounts(r resource) map[cost.Item]float64 {
	cluster := r.Properties["ClusterConfig"].(map[string]any)
	nodes := number(cluster, "InstanceCount")
	all := map[cost.Item]float64{
		cost.Instance(cluster["InstanceType"].(string)): month * nodes,
		cost.VolumeMonth: nodes * number(r.Properties["EBSOptions"].(map[string]any), "VolumeSize"),
	}
	if kind, _ := cluster["DedicatedMasterType"].(string); kind != "" {
		all[cost.Instance(kind)] += month * number(cluster, "DedicatedMasterCount")
	}
	return all
}

// alarmMetrics: an alarm costs by the metrics that it looks at.
func alarmMetrics(alarm resource) float64 {
	queries, _ := alarm.Properties["Metrics"].([]any)
	if queries == nil {
		return 1
	}
	n := 0.0
	for _, q := range queries {
		if q.(map[string]any)["MetricStat"] != nil {
			n++
		}
	}
	return n
}

// inTemplates tells whether an item follows from the properties of resources.
func inTemplates(item cost.Item) bool {
	return strings.HasSuffix(string(item), ".search") || slices.Contains([]cost.Item{
		cost.KeyMonth, cost.DashboardMonth, cost.FirewallMonth, cost.FirewallRuleMonth, cost.BalancerHour, cost.NATHour, cost.PublicAddressHour, cost.AlarmMonth, cost.EndpointHour, cost.ShardHour,
		cost.UnitHour, cost.UnitMonth, cost.CPUHourARM, cost.CPUHourX86, cost.MemoryHourARM, cost.MemoryHourX86, cost.VolumeMonth,
	}, item)
}

func each(item cost.Item, amount float64) func(resource) map[cost.Item]float64 {
	return func(resource) map[cost.Item]float64 { return map[cost.Item]float64{item: amount} }
}

// number is a property that CloudFormation has as a number or as text.
func number(properties map[string]any, name string) float64 {
	switch v := properties[name].(type) {
	case float64:
		return v
	case string:
		f, _ := strconv.ParseFloat(v, 64)
		return f
	}
	return 0
}
