// Command flink is the Lambda function of the custom resource that starts a Flink
// application, and stops it with a snapshot.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesisanalyticsv2"

	"taxistream/infra/lambda/cloudformation"
	"taxistream/infra/lambda/flink/application"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	conf, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Error("flink", "error", err.Error())
		os.Exit(1)
	}
	runner := application.New(kinesisanalyticsv2.NewFromConfig(conf), log)
	answerer := cloudformation.Answerer{
		HTTP: &http.Client{Timeout: 10 * time.Second}, Log: log,
		Now: time.Now, //nolint:forbidigo // the command hands the clock on
	}
	lambda.Start(func(ctx context.Context, event cloudformation.Event) error {
		return answerer.Serve(ctx, event, runner.Handle)
	})
}
