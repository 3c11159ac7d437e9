package app

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// A network is where the tasks of producer and processor run: a VPC over two
// zones, into which no connection comes. Out goes HTTPS only.
type network struct {
	Vpc     awsec2.Vpc
	Group   awsec2.SecurityGroup // of the tasks
	Subnets *awsec2.SubnetSelection
	Public  bool // tasks need public addresses to reach AWS
}

// newNetwork makes the VPC. In mode "public" tasks reach AWS by the internet
// gateway, which costs nothing but their addresses. In mode "endpoints" they have
// none: Kinesis, ECR and CloudWatch Logs are reached by interface endpoints, and
// OpenSearch, whose domain has a public address for its dashboards, through one
// NAT gateway. S3 has a gateway endpoint in both.
func newNetwork(stack awscdk.Stack, cfg config.Config) *network {
	knowZones(stack, cfg)
	n := &network{Public: cfg.Network.Mode == config.NetworkPublic}
	props := &awsec2.VpcProps{
		IpAddresses: awsec2.IpAddresses_Cidr(jsii.String(cfg.Network.CIDR)),
		MaxAzs:      jsii.Number(2),
		NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, MapPublicIpOnLaunch: jsii.Bool(false)},
		},
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
		},
	}
	n.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	if !n.Public {
		props.NatGateways = jsii.Number(1)
		*props.SubnetConfiguration = append(*props.SubnetConfiguration,
			&awsec2.SubnetConfiguration{Name: jsii.String("Tasks"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS})
		n.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	n.Vpc = awsec2.NewVpc(stack, jsii.String("Network"), props)
	n.Group = awsec2.NewSecurityGroup(stack, jsii.String("Tasks"), &awsec2.SecurityGroupProps{
		Vpc:              n.Vpc,
		Description:      jsii.String("Producer and processor: nothing in, HTTPS out"),
		AllowAllOutbound: jsii.Bool(false),
	})
	n.Group.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("AWS and https sources"), jsii.Bool(false))
	if !n.Public {
		n.endpoints(stack)
	}
	n.flowLogs(stack, cfg)
	return n
}

// endpoints are what a task calls, each in both zones; only the tasks reach them.
func (n *network) endpoints(stack awscdk.Stack) {
	group := awsec2.NewSecurityGroup(stack, jsii.String("Endpoints"), &awsec2.SecurityGroupProps{
		Vpc:              n.Vpc,
		Description:      jsii.String("Interface endpoints: HTTPS from the tasks"),
		AllowAllOutbound: jsii.Bool(false),
	})
	group.AddIngressRule(n.Group, awsec2.Port_Tcp(jsii.Number(443)), jsii.String("the tasks"), jsii.Bool(false))
	for _, e := range []struct {
		name    string
		service awsec2.InterfaceVpcEndpointAwsService
	}{
		{"Kinesis", awsec2.InterfaceVpcEndpointAwsService_KINESIS_STREAMS()},
		{"Logs", awsec2.InterfaceVpcEndpointAwsService_CLOUDWATCH_LOGS()},
		{"Images", awsec2.InterfaceVpcEndpointAwsService_ECR()},
		{"ImageData", awsec2.InterfaceVpcEndpointAwsService_ECR_DOCKER()},
	} {
		n.Vpc.AddInterfaceEndpoint(jsii.String(e.name), &awsec2.InterfaceVpcEndpointOptions{
			Service:        e.service,
			Open:           jsii.Bool(false),
			SecurityGroups: &[]awsec2.ISecurityGroup{group},
			Subnets:        n.Subnets,
		})
	}
}

func (n *network) flowLogs(stack awscdk.Stack, cfg config.Config) {
	if !cfg.Network.FlowLogs {
		accept(n.Vpc, "AwsSolutions-VPC7", "nothing listens in this VPC and nothing may come in; -c network.flow-logs=true keeps a log of what goes out")
		return
	}
	logs := logGroup(stack, "FlowLogs", cfg)
	n.Vpc.AddFlowLog(jsii.String("Flow"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(logs, nil),
		TrafficType: awsec2.FlowLogTrafficType_ALL,
	})
}

// outputs are what starts a task by hand.
func (n *network) outputs(stack awscdk.Stack) {
	address := "DISABLED"
	if n.Public {
		address = "ENABLED"
	}
	subnets := n.Vpc.SelectSubnets(n.Subnets).SubnetIds
	output(stack, "Subnets", "where tasks run", awscdk.Fn_Join(jsii.String(","), subnets))
	output(stack, "SecurityGroup", "the tasks' security group", n.Group.SecurityGroupId())
	output(stack, "PublicAddress", "whether tasks need a public address", jsii.String(address))
}

// logGroup keeps logs for as long as configured, and goes with its stack.
func logGroup(stack awscdk.Stack, id string, cfg config.Config) awslogs.LogGroup {
	return awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
		Retention:     retentions[cfg.Processor.LogDays],
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

var retentions = map[int]awslogs.RetentionDays{
	1: awslogs.RetentionDays_ONE_DAY, 3: awslogs.RetentionDays_THREE_DAYS, 5: awslogs.RetentionDays_FIVE_DAYS,
	7: awslogs.RetentionDays_ONE_WEEK, 14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH,
	60: awslogs.RetentionDays_TWO_MONTHS, 90: awslogs.RetentionDays_THREE_MONTHS, 120: awslogs.RetentionDays_FOUR_MONTHS,
	150: awslogs.RetentionDays_FIVE_MONTHS, 180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR,
	400: awslogs.RetentionDays_THIRTEEN_MONTHS, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS, 731: awslogs.RetentionDays_TWO_YEARS,
	1827: awslogs.RetentionDays_FIVE_YEARS, 3653: awslogs.RetentionDays_TEN_YEARS,
}

// knowZones says beforehand that the zones are the region's first two, found out
// when the stack is deployed. Else the CDK, once it knows account and region,
// asks AWS for them during the synthesis, which shall need no network.
func knowZones(stack awscdk.Stack, cfg config.Config) {
	account := os.Getenv("CDK_DEFAULT_ACCOUNT")
	if account == "" || cfg.Region == "" {
		return // the CDK does so by itself
	}
	zones := awscdk.Fn_GetAzs(nil)
	stack.Node().SetContext(jsii.String("availability-zones:account="+account+":region="+cfg.Region),
		[]*string{awscdk.Fn_Select(jsii.Number(0), zones), awscdk.Fn_Select(jsii.Number(1), zones)})
}
