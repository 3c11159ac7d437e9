// Temporary: keeps the pinned modules in go.mod until the code that uses them is in.

//go:build deps

package deps

import (
	_ "github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/credentials"
	_ "github.com/aws/aws-sdk-go-v2/service/kinesis"
	_ "github.com/aws/smithy-go"
	_ "github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
	_ "github.com/cockroachdb/datadriven"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/opensearch-project/opensearch-go/v4/opensearchapi"
	_ "github.com/opensearch-project/opensearch-go/v4/signer/awsv2"
	_ "github.com/parquet-go/parquet-go"
	_ "github.com/pierrec/lz4/v4"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/uber/h3-go/v4"
	_ "golang.org/x/term"
	_ "golang.org/x/time/rate"
	_ "golang.org/x/sync/errgroup"
	_ "google.golang.org/protobuf/encoding/protowire"
	_ "pgregory.net/rapid"
)
