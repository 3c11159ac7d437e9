package app

import (
	"net/netip"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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

	domainGroup, functionGroup awsec2.SecurityGroup // of a domain inside the VPC, else nil
}

// newNetwork makes the VPC. In mode "public" tasks reach AWS by the internet
// gateway, which costs nothing but their addresses. In mode "endpoints" they have
// none: Kinesis, ECR and CloudWatch Logs are reached by interface endpoints, and
// OpenSearch, whose domain has a public address for its dashboards, through one
// NAT gateway. S3 has a gateway endpoint in both.
func newNetwork(stack awscdk.Stack, cfg config.Config) *network {
	n := &network{Public: cfg.Network.Mode == config.NetworkPublic}
	mask := subnetMask(cfg)
	props := &awsec2.VpcProps{
		IpAddresses: awsec2.IpAddresses_Cidr(jsii.String(cfg.Network.CIDR)),
		NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, MapPublicIpOnLaunch: jsii.Bool(false), CidrMask: mask},
		},
	}
	placeZones(stack, cfg, props)
	if cfg.Search.VPC {
		*props.SubnetConfiguration = append(*props.SubnetConfiguration,
			&awsec2.SubnetConfiguration{Name: jsii.String(searchSubnets), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED, CidrMask: mask})
	}
	n.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	if !n.Public {
		props.NatGateways = jsii.Number(1)
		*props.SubnetConfiguration = append(*props.SubnetConfiguration,
			&awsec2.SubnetConfiguration{Name: jsii.String("Tasks"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS, CidrMask: mask})
		n.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	n.Vpc = awsec2.NewVpc(stack, jsii.String("Network"), props)
	n.Group = awsec2.NewSecurityGroup(stack, jsii.String("Tasks"), &awsec2.SecurityGroupProps{
		Vpc:              n.Vpc,
		Description:      jsii.String("Producer and processor: nothing in, HTTPS out"),
		AllowAllOutbound: jsii.Bool(false),
	})
	n.Group.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("AWS and https sources"), jsii.Bool(false))
	n.gateway(stack)
	if !n.Public {
		n.endpoints(stack)
	}
	n.flowLogs(stack, cfg)
	return n
}

// zonesOf is two, or as many as a domain inside the VPC may come to be spread over.
func zonesOf(cfg config.Config) int {
	if cfg.Search.VPC {
		return 3
	}
	return 2
}

// subnetMask is that of each subnet: a sixteenth of the VPC, whatever subnets there are.
// If they shared it out evenly, another mode would move those that are there to
// addresses that overlap with their old ones, which are not free before the new ones are
// made: EC2 refuses that.
func subnetMask(cfg config.Config) *float64 {
	return jsii.Number(netip.MustParsePrefix(cfg.Network.CIDR).Bits() + 4)
}

// gateway is the way to S3: this account's own callers do there what they may; everybody
// reads, for layers of images lie in a bucket of ECR's, and trips perhaps in a public one;
// and a function answers CloudFormation (Amazon ECR guide, "Minimum Amazon S3 bucket
// permissions"; CloudFormation guide, "Setting up VPC endpoints" for custom resources).
func (n *network) gateway(stack awscdk.Stack) {
	s3 := n.Vpc.AddGatewayEndpoint(jsii.String("S3"), &awsec2.GatewayVpcEndpointOptions{Service: awsec2.GatewayVpcEndpointAwsService_S3()})
	s3.AddToPolicy(ownCallers(stack))
	s3.AddToPolicy(anybody([]string{"s3:GetObject"}, "*"))
	s3.AddToPolicy(anybody([]string{"s3:PutObject"}, "arn:aws:s3:::cloudformation-custom-resource-response-*"))
}

// ownCallers lets those of this account through an endpoint and nobody else: with
// credentials from elsewhere nothing can be carried out of the network (VPC guide,
// "Control access to VPC endpoints using endpoint policies").
func ownCallers(stack awscdk.Stack) awsiam.PolicyStatement {
	statement := anybody([]string{"*"}, "*")
	statement.AddCondition(jsii.String("StringEquals"), map[string]any{"aws:PrincipalAccount": stack.Account()})
	return statement
}

func anybody(actions []string, resource string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource),
	})
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
		made := n.Vpc.AddInterfaceEndpoint(jsii.String(e.name), &awsec2.InterfaceVpcEndpointOptions{
			Service:        e.service,
			Open:           jsii.Bool(false),
			SecurityGroups: &[]awsec2.ISecurityGroup{group},
			Subnets:        n.Subnets,
		})
		made.AddToPolicy(ownCallers(stack))
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

// keep lets logs outlive their stack, until their own retention ends: what fails at
// its first start is taken back with all of its stack, and its log says why. The
// group's name is CloudFormation's, so that the next attempt does not meet it
// (CloudFormation guide, "DeletionPolicy": Retain holds for a creation that is rolled
// back, too; RetainExceptOnCreate would not).
func keep(logs awslogs.ILogGroup) { logs.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN) }

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

// placeZones says that the zones are the region's first ones, found out when the stack is deployed.
// Once the CDK knows account and region it would ask AWS for them during the synthesis, which
// shall need no network, so it is told beforehand; while it does not know them it would take
// two, however many are asked for.
func placeZones(stack awscdk.Stack, cfg config.Config, props *awsec2.VpcProps) {
	zones := awscdk.Fn_GetAzs(nil)
	var named []*string
	for i := range zonesOf(cfg) {
		named = append(named, awscdk.Fn_Select(jsii.Number(i), zones))
	}
	account := os.Getenv("CDK_DEFAULT_ACCOUNT")
	if account == "" || cfg.Region == "" {
		props.AvailabilityZones = &named
		return
	}
	props.MaxAzs = jsii.Number(zonesOf(cfg))
	stack.Node().SetContext(jsii.String("availability-zones:account="+account+":region="+cfg.Region), named)
}
