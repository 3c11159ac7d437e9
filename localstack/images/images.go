// Package images names the container images that this project runs, once, for
// the integration tests and localstack/compose.yaml. The names are the public
// ones: a machine that has no registry builds them under the same names.
//
// It only names them; whoever starts a container owns it.
package images

// The images, each with the one tag that is tested.
const (
	// LocalStack serves Kinesis and S3, the community edition.
	LocalStack = "localstack/localstack:4.9.2"
	// OpenSearch is the results store, without its security plugin in use.
	OpenSearch = "opensearchproject/opensearch:2.19.6"
	// Secured is OpenSearch with the security plugin in use, as a domain of AWS has it: of an
	// older version, and built here alone. Its tests are skipped where it is not there.
	Secured = "opensearchproject/opensearch:2.19.1-security"
	// Dashboards is OpenSearch's own, of the same version; no test starts it.
	Dashboards = "opensearchproject/opensearch-dashboards:2.19.6"
	// Prometheus is its second version, whose language and tools Debian has, too; the tests run Debian's.
	Prometheus = "prom/prometheus:v2.42.0"
	// Grafana shows what Prometheus has; no test starts it.
	Grafana = "grafana/grafana:11.6.0"
	// Ryuk removes what a killed test run leaves; testcontainers-go names it.
	Ryuk = "testcontainers/ryuk:0.14.0"
)

// Tested are those that the integration tests start.
func Tested() []string { return []string{LocalStack, OpenSearch, Ryuk} }
