package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

// publishers are the services that speak on the topic.
var publishers = []string{"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}

// openTopic makes the topic of all alarms, encrypted under a key of its own,
// because the account's aws/sns key cannot let CloudWatch use it. Both let the
// publishers in on behalf of this account only (SNS guide, "Enable compatibility
// between event sources from AWS services and encrypted topics").
func (w *Watch) openTopic() {
	w.Key = awskms.NewKey(w.Stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts alarms on their way to people"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	w.Topic = awssns.NewTopic(w.Stack, jsii.String("Topic"), &awssns.TopicProps{
		DisplayName: jsii.String(w.cfg.Name), MasterKey: w.Key, EnforceSSL: jsii.Bool(true),
	})
	for _, service := range publishers {
		own := equals("aws:SourceAccount", w.Stack.Account())
		principals := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)}
		w.Key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: principals, Conditions: own,
			Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"), Resources: jsii.Strings("*"), // a key's policy is about the key
		}), nil)
		w.Topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: principals, Conditions: own,
			Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{w.Topic.TopicArn()},
		}))
	}
	if w.cfg.Watch.Email != "" {
		w.Topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(w.cfg.Watch.Email), nil))
	}
}

// openChat lets a Slack channel hear of alarms. Nobody there can do anything in
// the account: the role has no permission, and the guardrail would allow none.
func (w *Watch) openChat() {
	c := w.cfg.Watch
	if c.SlackWorkspace == "" {
		return
	}
	role := awsiam.NewRole(w.Stack, jsii.String("ChatRole"), &awsiam.RoleProps{
		Description: jsii.String("Slack channel of the alarms: no permission"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("chatbot.amazonaws.com"), nil),
	})
	awschatbot.NewSlackChannelConfiguration(w.Stack, jsii.String("Chat"), &awschatbot.SlackChannelConfigurationProps{
		SlackChannelConfigurationName: accountWide(w.Stack, w.cfg),
		SlackWorkspaceId:              jsii.String(c.SlackWorkspace),
		SlackChannelId:                jsii.String(c.SlackChannel),
		NotificationTopics:            &[]awssns.ITopic{w.Topic},
		Role:                          role,
		GuardrailPolicies:             &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AWSDenyAll"))},
		LoggingLevel:                  awschatbot.LoggingLevel_NONE,
	})
}
