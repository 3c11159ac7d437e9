package app

import (
	"math"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/infra/cost"
)

// budgetShare is the budget over the estimate where no other is given: an estimate that
// is a quarter wrong is no alarm.
const budgetShare = 1.25

// openBudget rings when the month has cost half of the budget and 80 % of it, and when
// it is going to cost more than all of it. It counts the whole account: a filter by
// tag would count nothing until somebody has activated the tag for cost
// allocation. Budgets' messages have no text of ours; their runbook is
// docs/runbooks/budget.md.
func (w *Watch) openBudget() {
	dollars := budgetOf(w.cfg)
	if dollars == 0 {
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
			BudgetName: accountWide(w.Stack, w.cfg), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(dollars), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: []any{ring("ACTUAL", 50), ring("ACTUAL", 80), ring("FORECASTED", 100)},
	})
	// The topic's policy must let Budgets in before it looks.
	budget.Node().AddDependency(w.Topic)
}

// budgetOf is in whole US dollars a month; 0: there is none.
func budgetOf(cfg config.Config) float64 {
	if cfg.Watch.Budget != "" {
		dollars, _ := strconv.ParseFloat(cfg.Watch.Budget, 64) // Config.Check has passed it
		return dollars
	}
	bill, err := cost.Of(&cfg, &cost.USEast1)
	if err != nil {
		panic(err.Error() + "; or give -c watch.budget-dollars=")
	}
	return math.Ceil(bill.Monthly() * budgetShare)
}
