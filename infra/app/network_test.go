//go:build infra

package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"taxistream/infra/config"
)

// Nothing comes into the VPC, only HTTPS leaves it, and no NAT gateway is paid for.
func TestNetwork(t *testing.T) {
	d := synthesized(t)
	tmpl := d.Template(t, "Processor")
	for kind, want := range map[string]float64{
		"AWS::EC2::NatGateway": 0, "AWS::EC2::SecurityGroupIngress": 0, "AWS::EC2::Subnet": 2, "AWS::EC2::SecurityGroup": 1,
	} {
		tmpl.ResourceCountIs(str(kind), &want)
	}
	for _, group := range d.Stacks["Processor"].resources("AWS::EC2::SecurityGroup") {
		if group.Properties["SecurityGroupIngress"] != nil {
			t.Errorf("%s lets in %v", group.ID, group.Properties["SecurityGroupIngress"])
		}
	}
	tmpl.HasResourceProperties(str("AWS::EC2::SecurityGroup"), map[string]any{
		"SecurityGroupEgress": []any{map[string]any{
			"CidrIp": "0.0.0.0/0", "Description": "AWS and https sources", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp",
		}},
	})
	tmpl.HasResourceProperties(str("AWS::EC2::VPCEndpoint"), map[string]any{"VpcEndpointType": "Gateway"})
	tmpl.HasResourceProperties(str("AWS::EC2::Subnet"), map[string]any{"MapPublicIpOnLaunch": false})
}

// With endpoints the tasks have no public address, and only they reach the endpoints.
func TestNetworkEndpoints(t *testing.T) {
	d := otherwise(t)
	tmpl := d.Template(t, "Processor")
	for kind, want := range map[string]float64{"AWS::EC2::NatGateway": 1, "AWS::EC2::VPCEndpoint": 5, "AWS::EC2::FlowLog": 1} {
		tmpl.ResourceCountIs(str(kind), &want)
	}
	for _, service := range []string{"kinesis-streams", "logs", "ecr.api", "ecr.dkr"} {
		tmpl.HasResourceProperties(str("AWS::EC2::VPCEndpoint"), map[string]any{
			"VpcEndpointType": "Interface", "PrivateDnsEnabled": true, "ServiceName": "com.amazonaws.eu-west-3." + service,
		})
	}
	ingress := d.Stacks["Processor"].resources("AWS::EC2::SecurityGroupIngress")
	if len(ingress) != 1 || ingress[0].Properties["SourceSecurityGroupId"] == nil || ingress[0].Properties["FromPort"] != 443.0 {
		t.Errorf("ingress %+v, want 443 from the tasks' group alone", ingress)
	}
	tmpl.HasResourceProperties(str("AWS::ECS::Service"), map[string]any{
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{"AssignPublicIp": "DISABLED"}},
	})
	tmpl.HasOutput(str("PublicAddress"), map[string]any{"Value": "DISABLED"})
	text, err := os.ReadFile(filepath.Join(d.Folder, "TaxiStream-Processor.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var at []int // in the order in which they are made, so that no synthesis differs from another
	for _, service := range []string{"kinesis-streams", "logs", "ecr.api", "ecr.dkr"} {
		at = append(at, strings.Index(string(text), "com.amazonaws.eu-west-3."+service+`"`))
	}
	if at[0] < 0 || !slices.IsSorted(at) {
		t.Errorf("the endpoints stand at %d, want them in order", at)
	}
}

// The synthesis asks AWS for nothing, not even when account and region are known.
func TestNoLookups(t *testing.T) {
	d := otherwise(t)
	text, err := os.ReadFile(filepath.Join(d.Folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Missing []any }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Missing) > 0 {
		t.Errorf("the synthesis would look up %v", manifest.Missing)
	}
	for _, subnet := range d.Stacks["Processor"].resources("AWS::EC2::Subnet") {
		zone, _ := json.Marshal(subnet.Properties["AvailabilityZone"])
		if !strings.Contains(string(zone), "Fn::GetAZs") {
			t.Errorf("%s is in zone %s", subnet.ID, zone)
		}
	}
}

var other struct {
	once sync.Once
	d    *deployment
}

// otherwise is a deployment whose network and tasks are as far from the default
// as can be, in a known account and region, made once for all tests.
func otherwise(t *testing.T) *deployment {
	t.Helper()
	other.once.Do(func() {
		t.Setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
		cfg := config.Default()
		cfg.Region, cfg.CPU, cfg.Image = "eu-west-3", "arm64", "example.test/taxistream:1"
		cfg.Archive.On, cfg.Watch.On = false, false
		cfg.Network.Mode, cfg.Network.FlowLogs = config.NetworkEndpoints, true
		cfg.Processor.IndexPrefix, cfg.Processor.Flags = "v2-", "-idle-timeout 10s  -p 4"
		cfg.Processor.Size, cfg.Processor.Insights, cfg.Processor.LogDays = "40000", true, 90
		cfg.Producer.Source, cfg.Producer.Speedup = "s3://trips/yellow/2016-", 0
		other.d = synthesize(t, cfg)
	})
	if other.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return other.d
}

// A domain inside the VPC has its zones also while account and region are not known.
func TestSearchInVPC_UnknownAccount(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "")
	cfg := config.Default()
	cfg.Search.VPC, cfg.Search.Zones, cfg.Search.Nodes, cfg.Search.Masters, cfg.Image = true, 3, 3, "m7g.large.search", "example.test/taxistream:1"
	d := synthesize(t, cfg)
	for _, domain := range d.Stacks["Search"].resources("AWS::OpenSearchService::Domain") {
		options, _ := domain.Properties["VPCOptions"].(map[string]any)
		if subnets, _ := options["SubnetIds"].([]any); len(subnets) != 3 {
			t.Errorf("the domain is in %v", options)
		}
	}
	zones := map[string]bool{}
	for _, stack := range d.Stacks {
		for _, subnet := range stack.resources("AWS::EC2::Subnet") {
			zone, _ := json.Marshal(subnet.Properties["AvailabilityZone"])
			zones[string(zone)] = true
		}
	}
	if len(zones) != 3 {
		t.Errorf("the subnets are in %v", zones)
	}
}
