// Command scaling is the Lambda function that doubles and halves the stream's
// shards when an alarm calls for it.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"taxistream/infra/lambda/scaling/shards"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	settings, err := shards.FromEnvironment(os.Getenv)
	if err != nil {
		log.Error("scaling", "error", err.Error())
		os.Exit(1)
	}
	conf, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Error("scaling", "error", err.Error())
		os.Exit(1)
	}
	scaler := shards.New(kinesis.NewFromConfig(conf), cloudwatch.NewFromConfig(conf), settings,
		time.Now) //nolint:forbidigo // the command hands the clock on
	lambda.Start(func(ctx context.Context, event shards.Event) (shards.Outcome, error) {
		outcome, err := scaler.Handle(ctx, event)
		if err != nil {
			log.Error("scaling", "alarm", event.Data.Name, "error", err.Error())
			return outcome, err
		}
		log.Info("scaling", "alarm", event.Data.Name, "did", outcome.Did, "from", outcome.From, "to", outcome.To, "why", outcome.Why)
		return outcome, nil
	})
}
