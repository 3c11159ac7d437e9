package preflight

import (
	"context"
	"fmt"
	"strings"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
)

// shards asks Kinesis itself, which counts for its quota what it has.
func shards(ctx context.Context, a *account) (string, error) {
	if a.cfg.Stream.Shards == 0 || a.ours {
		return "no new ones", nil
	}
	var limits struct{ ShardLimit, OpenShardCount int }
	if err := a.call.Into(ctx, "ask for the quota of shards", &limits, "kinesis", "describe-limits"); err != nil {
		return "", err
	}
	if free := limits.ShardLimit - limits.OpenShardCount; free < a.cfg.Stream.Shards {
		return "", fmt.Errorf("%d of %d shards are free, %d are wanted: -c stream.shards=%d or 0, or Service Quotas, Kinesis Data Streams, Shards per Region",
			free, limits.ShardLimit, a.cfg.Stream.Shards, max(0, free))
	}
	return fmt.Sprintf("%d, of %d that are free", a.cfg.Stream.Shards, limits.ShardLimit-limits.OpenShardCount), nil
}

// The codes of quotas in Service Quotas.
const (
	quotaVPCs  = "L-F678F1CE" // VPCs per Region
	quotaVCPUs = "L-3032A538" // Fargate On-Demand vCPU resource count
)

func (a *account) quota(ctx context.Context, service, code string) (float64, error) {
	var value float64
	err := a.call.Into(ctx, "ask for the quota "+code, &value, "service-quotas", "get-service-quota", "--service-code", service, "--quota-code", code, "--query", "Quota.Value")
	return value, err
}

func networks(ctx context.Context, a *account) (string, error) {
	if a.ours {
		return "no new one", nil
	}
	most, err := a.quota(ctx, "vpc", quotaVPCs)
	if err != nil {
		return "", err
	}
	var there int
	if err := a.call.Into(ctx, "count the VPCs", &there, "ec2", "describe-vpcs", "--query", "length(Vpcs)"); err != nil {
		return "", err
	}
	if float64(there) >= most {
		return "", fmt.Errorf("the region has %d VPCs and may have %.0f: delete one, or Service Quotas, Amazon VPC, VPCs per Region", there, most)
	}
	return fmt.Sprintf("%d of %.0f", there, most), nil
}

// vcpus are those of the two tasks, of which the edition flink has the producer's. What others of the account use, no quota says.
func vcpus(ctx context.Context, a *account) (string, error) {
	need := 0.0
	tasks := map[string]string{"producer.size": a.cfg.Producer.Size}
	if a.cfg.Processor.Edition == config.EditionGo {
		tasks["processor.size"] = a.cfg.Processor.Size
	}
	for key, size := range tasks {
		s, err := config.TaskSize(key, size)
		if err != nil {
			return "", err
		}
		need += s.VCPU
	}
	most, err := a.quota(ctx, "fargate", quotaVCPUs)
	if err != nil {
		return "", err
	}
	if need > most {
		return "", fmt.Errorf("the tasks need %g vCPUs of Fargate, the account may have %g: smaller ones, or Service Quotas, AWS Fargate, On-Demand vCPU resource count", need, most)
	}
	return fmt.Sprintf("%g, of %g", need, most), nil
}

// namesFree looks for those names that are chosen, not made by CloudFormation, and that
// something else may have.
func namesFree(ctx context.Context, a *account) (string, error) {
	if a.ours {
		return "the deployment's own", nil
	}
	var taken []string
	for _, n := range []struct {
		what, option string
		look         []string
	}{
		{"stream " + a.cfg.Stream.Name, "stream.name", []string{"kinesis", "describe-stream-summary", "--stream-name", a.cfg.Stream.Name}},
		{"domain " + a.cfg.DomainName(), "name", []string{"opensearch", "describe-domain", "--domain-name", a.cfg.DomainName()}},
		{"workgroup " + a.cfg.Name, "name", []string{"athena", "get-work-group", "--work-group", a.cfg.Name}},
	} {
		err := a.call.Do(ctx, "look for "+n.what, n.look...)
		switch {
		case err == nil:
			taken = append(taken, fmt.Sprintf("%s is there already, of something else: -c %s=", n.what, n.option))
		case !awscli.NotThere(err) && !strings.Contains(err.Error(), "is not found"):
			return "", err
		}
	}
	if len(taken) > 0 {
		return "", fmt.Errorf("%s", strings.Join(taken, "; "))
	}
	return "free", nil
}
