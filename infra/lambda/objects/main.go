// Command objects is the Lambda function of the custom resources that put index
// templates, the dashboard, access rights and logging into an OpenSearch domain.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"taxistream/infra/lambda/cloudformation"
	"taxistream/infra/lambda/objects/resources"
	"taxistream/internal/awsconf"
	"taxistream/internal/opensearch"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	conf, err := awsconf.Load(context.Background(), awsconf.Options{})
	if err != nil {
		log.Error("objects", "error", err.Error())
		os.Exit(1)
	}
	handler := resources.New(func(url string) (*opensearch.Client, error) {
		return opensearch.New(opensearch.Options{
			Endpoint: url, Sign: "es", AWS: conf,
			OnTrouble:   func(message string) { log.Warn("objects", "trouble", message) },
			OnRecovered: func(message string) { log.Info("objects", "recovered", message) },
		})
	})
	answerer := cloudformation.Answerer{
		HTTP: &http.Client{Timeout: 10 * time.Second}, Log: log,
		Now: time.Now, //nolint:forbidigo // the command hands the clock on
	}
	lambda.Start(func(ctx context.Context, event cloudformation.Event) error {
		return answerer.Serve(ctx, event, handler.Handle)
	})
}
