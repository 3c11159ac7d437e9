package app

// anyResource lists the actions that policies allow on every resource, and why
// nothing finer is possible. A test holds it against the templates both ways.
var anyResource = map[string]string{
	"ecr:GetAuthorizationToken": "the token is the account's: the action knows no resource",

	// Of the control room's port forward (Service Authorization Reference, Session Manager
	// Message Gateway Service: none of these knows a resource).
	"ssmmessages:CreateControlChannel": "the action knows no resource",
	"ssmmessages:CreateDataChannel":    "the action knows no resource",
	"ssmmessages:OpenControlChannel":   "the action knows no resource",
	"ssmmessages:OpenDataChannel":      "the action knows no resource",

	// Of the Flink job, for which the service makes and deletes interfaces inside a VPC
	// (Managed Service for Apache Flink guide, "VPC application permissions").
	"ec2:CreateNetworkInterfacePermission": "on interfaces that the service makes",
	"ec2:DescribeDhcpOptions":              "the action knows no resource",
	"ec2:DescribeSecurityGroups":           "the action knows no resource",
	"ec2:DescribeVpcs":                     "the action knows no resource",

	// Of a function inside the VPC: Lambda makes and deletes the interface, and there is
	// none before to name (Lambda guide, "Giving Lambda functions access to resources in a VPC").
	"ec2:AssignPrivateIpAddresses":   "on interfaces that Lambda makes",
	"ec2:CreateNetworkInterface":     "makes one, which has no name before",
	"ec2:DeleteNetworkInterface":     "on interfaces that Lambda made",
	"ec2:DescribeNetworkInterfaces":  "the action knows no resource",
	"ec2:DescribeSubnets":            "the action knows no resource",
	"ec2:UnassignPrivateIpAddresses": "on interfaces that Lambda made",
}
