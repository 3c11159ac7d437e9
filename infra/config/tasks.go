package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Network is where the tasks run.
type Network struct {
	Mode     string `key:"mode" doc:"public: tasks have public addresses, nothing comes in; endpoints: private subnets, AWS by interface endpoints, OpenSearch through a NAT gateway" change:"in place: the tasks start anew in other subnets"`
	CIDR     string `key:"cidr" doc:"addresses of the VPC, /16 to /24" change:"replaces the network: the tasks stop meanwhile; with search.vpc=true fails"`
	FlowLogs bool   `key:"flow-logs" doc:"keep a log of the VPC's connections"`
}

// Processor is the service that reads the stream.
type Processor struct {
	Edition        string `key:"edition" doc:"go: this repository's own processor, a task on Fargate; flink: the same job on the Managed Service for Apache Flink, built by make flink" change:"in place: the other edition starts at the stream's beginning and writes the same documents; see Which edition when"`
	Size           string `key:"size" doc:"size of the task: small, medium, large, xlarge, 2xlarge, or the events/s that it must carry; Flink: processor.kpus"`
	KPUs           int    `key:"kpus" doc:"Flink: units of 1 vCPU and 4 GB that the job begins with and never goes below; above them it scales itself" change:"in place: the job goes on from a snapshot"`
	Jar            string `key:"jar" doc:"Flink: the job's jar; empty: bin/flink/taxistream-flink.jar, which make flink builds" change:"in place: the job goes on from a snapshot"`
	IndexPrefix    string `key:"index-prefix" doc:"text before every index name: other rules or windows need another one" change:"new indexes beside the old ones, and the stream anew from its beginning"`
	Flags          string `key:"flags" doc:"further flags of the processor, separated by spaces, such as -checkpoint-interval=15s"`
	Insights       bool   `key:"insights" doc:"CloudWatch Container Insights of the cluster"`
	LogDays        int    `key:"log-days" doc:"days that logs of producer, processor and network are kept"`
	CheckpointDays int    `key:"checkpoint-days" doc:"days that replaced and deleted checkpoint files can be brought back; each has 200,000 to be emptied when the stack is destroyed; Flink keeps its own"`
}

// Producer is the task that replays trips.
type Producer struct {
	Source  string  `key:"source" doc:"what make replay sends: s3://bucket/prefix, https://..., or generate:DATE[/DAYS]"`
	Speedup float64 `key:"speedup" doc:"event time over wall-clock time; 0: as fast as it goes"`
	Size    string  `key:"size" doc:"size of the task: small, medium, large, xlarge, 2xlarge, or the events/s that it must carry"`
}

// sources are those that a task can reach.
var sources = regexp.MustCompile(`^(s3://|https://|generate:).`)

// The modes of a Network.
const (
	NetworkPublic    = "public"
	NetworkEndpoints = "endpoints"
)

var (
	defaultNetwork   = Network{Mode: NetworkPublic, CIDR: "10.0.0.0/22"}
	defaultProcessor = Processor{Edition: EditionGo, Size: "medium", KPUs: 2, LogDays: 30, CheckpointDays: 1}
	defaultProducer  = Producer{Source: "generate:2016-01-05", Speedup: 1440, Size: "medium"}
)

// LogDays are the retentions that CloudWatch Logs has, of those up to ten years that are used here.
var LogDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653}

func (n *Network) check() error {
	errs := []error{oneOf("network.mode", n.Mode, NetworkPublic, NetworkEndpoints)}
	prefix, err := netip.ParsePrefix(n.CIDR)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 24 || prefix.Masked() != prefix {
		errs = append(errs, fmt.Errorf("network.cidr is %q: write a range such as 10.0.0.0/22, /16 to /24", n.CIDR))
	}
	return errors.Join(errs...)
}

func (p *Processor) check(c *Config) error {
	_, size := TaskSize("processor.size", p.Size)
	errs := []error{
		oneOf("processor.edition", p.Edition, EditionGo, EditionFlink),
		size, between("processor.checkpoint-days", p.CheckpointDays, 1, 3650), between("processor.kpus", p.KPUs, 1, MostKPUs),
	}
	if !slices.Contains(LogDays, p.LogDays) {
		errs = append(errs, fmt.Errorf("processor.log-days is %d: choose one of %v", p.LogDays, LogDays))
	}
	if p.IndexPrefix != "" && !prefixes.MatchString(p.IndexPrefix) {
		errs = append(errs, fmt.Errorf("processor.index-prefix is %q: write up to 100 lower-case letters, digits and . _ -, a letter or digit first", p.IndexPrefix))
	}
	if p.Edition == EditionFlink {
		return errors.Join(append(errs, p.checkFlink(c))...)
	}
	for _, word := range strings.Fields(p.Flags) {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if strings.HasPrefix(word, "-") && slices.Contains(given, name) {
			errs = append(errs, fmt.Errorf("processor.flags has %s, which the deployment gives the processor itself: leave it out", word))
		}
	}
	return errors.Join(errs...)
}

// prefixes are the index prefixes that can stand in policies as they are, fewer than OpenSearch takes.
var prefixes = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// given are the processor's flags that follow from the deployment, their aliases
// included, and those that its health check counts on.
var given = []string{
	"stream", "region", "endpoint", "opensearch-endpoint", "es-endpoint", "sign", "index-prefix", "es-index",
	"checkpoint-dir", "checkpoint", "consumer", "consumer-name", "listen", "listen-token-file", "log-format", "emf",
}

func (p *Producer) check() error {
	_, size := TaskSize("producer.size", p.Size)
	errs := []error{size}
	if !(p.Speedup >= 0 && p.Speedup <= 1e6) {
		errs = append(errs, fmt.Errorf("producer.speedup is %v: choose 0 to 1000000", p.Speedup))
	}
	if _, _, err := p.Bucket(); err != nil {
		errs = append(errs, err)
	} else if !sources.MatchString(p.Source) {
		errs = append(errs, fmt.Errorf("producer.source is %q: write s3://bucket/prefix, https://... or generate:DATE[/DAYS]: a task has no files, and only HTTPS goes out", p.Source))
	}
	return errors.Join(errs...)
}

// Bucket is where the trips are if the source is in S3, else empty.
func (p *Producer) Bucket() (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(p.Source, "s3://")
	if !ok {
		return "", "", nil
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	if bucket == "" || strings.ContainsAny(rest, "*?") {
		return "", "", fmt.Errorf("producer.source is %q: write s3://bucket/prefix", p.Source)
	}
	return bucket, prefix, nil
}

// A Size is what a task gets.
type Size struct {
	Name      string
	VCPU      float64
	MemoryMiB int
	Events    int // a second that a task of this size carries at half its CPU
}

// Sizes are the task sizes, smallest first. Measured in November 2026 on a
// generated day of 441,000 trips, as separate processes on two shared cores
// without SHA instructions: the processor takes 5.0 to 6.2 us CPU an event and at
// most 161 MiB, the producer 3.7 to 4.8 us and 56 MiB. Counted with are 10 us, for
// TLS and signatures and because a vCPU is half a core, and half of the CPU, so
// that a backlog shrinks as fast as it grew.
//
// The replay of a day at 1440 is 7,350 events/s, and 12,000 in the evening.
var Sizes = []Size{
	{"small", 0.25, 512, 12_500},
	{"medium", 0.5, 1024, 25_000},
	{"large", 1, 2048, 50_000},
	{"xlarge", 2, 4096, 100_000},
	{"2xlarge", 4, 8192, 200_000},
}

// TaskSize is the size of a name, or the smallest that carries so many events/s.
func TaskSize(key, text string) (Size, error) {
	events, err := strconv.Atoi(text)
	for _, s := range Sizes {
		if s.Name == text || err == nil && events > 0 && events <= s.Events {
			return s, nil
		}
	}
	most := Sizes[len(Sizes)-1]
	return Size{}, fmt.Errorf("%s is %q: choose small, medium, large, xlarge or 2xlarge, or the events/s, up to %d", key, text, most.Events)
}
