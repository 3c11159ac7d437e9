package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// attempts is the number of requests in five minutes from one address, above which the
// firewall refuses more: a login takes some ten.
const attempts = 300

// newFirewall stands before a user pool's login: addresses that AWS knows attackers to
// use, and more attempts than people make, are refused; with search.allow-cidr
// everybody else's, too (Cognito guide, "Associate an AWS WAF web ACL with a user pool").
func newFirewall(stack awscdk.Stack, cfg config.Config, users *string) {
	rules := []any{
		firewallRule("Attackers", 1, &awswafv2.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
				VendorName: jsii.String("AWS"), Name: jsii.String("AWSManagedRulesAmazonIpReputationList"),
			},
		}, true),
		firewallRule("Attempts", 2, &awswafv2.CfnWebACL_StatementProperty{
			RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{Limit: jsii.Number(attempts), AggregateKeyType: jsii.String("IP")},
		}, false),
	}
	first := &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}}
	if ranges := cfg.Search.AllowList(); len(ranges) > 0 {
		known := awswafv2.NewCfnIPSet(stack, jsii.String("KnownAddresses"), &awswafv2.CfnIPSetProps{
			Scope: jsii.String("REGIONAL"), IpAddressVersion: jsii.String("IPV4"), Addresses: jsii.Strings(ranges...),
		})
		first = &awswafv2.CfnWebACL_DefaultActionProperty{Block: map[string]any{}}
		rule := firewallRule("Known", 3, &awswafv2.CfnWebACL_StatementProperty{
			IpSetReferenceStatement: map[string]any{"arn": known.AttrArn()},
		}, false)
		rule.Action = &awswafv2.CfnWebACL_RuleActionProperty{Allow: map[string]any{}}
		rules = append(rules, rule)
	}
	acl := awswafv2.NewCfnWebACL(stack, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Scope: jsii.String("REGIONAL"), DefaultAction: first, Rules: rules, VisibilityConfig: firewallMetrics("Firewall"),
	})
	awswafv2.NewCfnWebACLAssociation(stack, jsii.String("FirewallOfLogin"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: users, WebAclArn: acl.AttrArn(),
	})
}

// firewallRule refuses what its statement matches; a group's rules each do so themselves.
func firewallRule(name string, priority int, statement *awswafv2.CfnWebACL_StatementProperty, group bool) *awswafv2.CfnWebACL_RuleProperty {
	rule := &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(priority), Statement: statement, VisibilityConfig: firewallMetrics(name),
	}
	if group {
		rule.OverrideAction = &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
	} else {
		rule.Action = &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}}
	}
	return rule
}

func firewallMetrics(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: jsii.Bool(true), MetricName: jsii.String(name), SampledRequestsEnabled: jsii.Bool(true),
	}
}
