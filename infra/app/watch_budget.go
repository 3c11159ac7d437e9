package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/jsii-runtime-go"
)

// openBudget rings when the month has cost 80 % of the budget, and when it is
// going to cost more than all of it. It counts the whole account: a filter by
// tag would count nothing until somebody has activated the tag for cost
// allocation. Budgets' messages have no text of ours; their runbook is
// docs/runbooks/budget.md.
func (w *Watch) openBudget() {
	if w.cfg.Watch.BudgetDollars == 0 {
		return
	}
	subscribers := []any{&awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("SNS"), Address: w.Topic.TopicArn()}}
	ring := func(kind string, percent float64) *awsbudgets.CfnBudget_NotificationWithSubscribersProperty {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: jsii.String(kind), ComparisonOperator: jsii.String("GREATER_THAN"),
				Threshold: jsii.Number(percent), ThresholdType: jsii.String("PERCENTAGE"),
			},
			Subscribers: subscribers,
		}
	}
	budget := awsbudgets.NewCfnBudget(w.Stack, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(w.cfg.Name), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(w.cfg.Watch.BudgetDollars), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: []any{ring("ACTUAL", 80), ring("FORECASTED", 100)},
	})
	// The topic's policy must let Budgets in before it looks.
	budget.Node().AddDependency(w.Topic)
}
