package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// searchSubnets are those of a domain inside the VPC and of the function that sets it up:
// from them nothing leads out but S3's endpoint.
const searchSubnets = "Search"

// sharedNetwork is the stack "Network" where the domain is inside the VPC
// (search.vpc=true) and so needs it before the tasks do; nil otherwise: then the
// processor's stack makes the network.
func sharedNetwork(app constructs.Construct, cfg config.Config) *network {
	if !cfg.Search.VPC {
		return nil
	}
	stack := newStack(app, cfg, "Network", "Taxi trips: the network of domain and tasks")
	n := newNetwork(stack, cfg)
	n.domainGroup = awsec2.NewSecurityGroup(stack, jsii.String("Domain"), &awsec2.SecurityGroupProps{
		Vpc: n.Vpc, Description: jsii.String("The domain: HTTPS from inside the VPC"), AllowAllOutbound: jsii.Bool(false),
	})
	// From all of the VPC: whoever comes by a VPN has one of its addresses.
	n.domainGroup.AddIngressRule(awsec2.Peer_Ipv4(jsii.String(cfg.Network.CIDR)), awsec2.Port_Tcp(jsii.Number(443)),
		jsii.String("the tasks, the function, people on a VPN"), jsii.Bool(false))
	n.functionGroup = awsec2.NewSecurityGroup(stack, jsii.String("Function"), &awsec2.SecurityGroupProps{
		Vpc: n.Vpc, Description: jsii.String("The function that sets the domain up: HTTPS out"), AllowAllOutbound: jsii.Bool(false),
	})
	n.functionGroup.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(443)),
		jsii.String("the domain, and CloudFormation's answers by S3's endpoint"), jsii.Bool(false))
	return n
}

// domainPlace is where the domain's nodes have addresses: a subnet for each zone
// (OpenSearch Service guide, "Launching your domains within a VPC"; the account needs
// the service-linked role, which preflight makes).
func (n *network) domainPlace(cfg config.Config) (awsec2.IVpc, *[]*awsec2.SubnetSelection, *[]awsec2.ISecurityGroup) {
	subnets := *n.Vpc.SelectSubnets(&awsec2.SubnetSelection{SubnetGroupName: jsii.String(searchSubnets)}).Subnets
	subnets = subnets[:cfg.Search.Zones]
	return n.Vpc, &[]*awsec2.SubnetSelection{{Subnets: &subnets}}, &[]awsec2.ISecurityGroup{n.domainGroup}
}

// takeIn lets a function into the network, with the calls by which Lambda gives it an
// address there (Lambda guide, "Giving Lambda functions access to resources in a VPC").
func (n *network) takeIn(stack awscdk.Stack, role awsiam.Role, props *awslambda.FunctionProps) {
	role.AddToPolicy(allow(nil, jsii.String("*"), "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface",
		"ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"))
	accept(role, "AwsSolutions-IAM5", "infra/app/anyresource.go says why for each")
	props.Vpc = n.Vpc
	props.VpcSubnets = &awsec2.SubnetSelection{SubnetGroupName: jsii.String(searchSubnets)}
	props.SecurityGroups = &[]awsec2.ISecurityGroup{n.functionGroup}
}
