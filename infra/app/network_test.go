//go:build infra

package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

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
	cfg := tasksOnly()
	cfg.Network.Mode, cfg.Network.FlowLogs = config.NetworkEndpoints, true
	d := synthesize(t, cfg)
	tmpl := d.Template(t, "Processor")
	for kind, want := range map[string]float64{"AWS::EC2::NatGateway": 1, "AWS::EC2::VPCEndpoint": 5, "AWS::EC2::FlowLog": 1} {
		tmpl.ResourceCountIs(str(kind), &want)
	}
	for _, service := range []string{"kinesis-streams", "logs", "ecr.api", "ecr.dkr"} {
		tmpl.HasResourceProperties(str("AWS::EC2::VPCEndpoint"), map[string]any{
			"VpcEndpointType": "Interface", "PrivateDnsEnabled": true,
			"ServiceName": assertions.Match_ObjectLike(&map[string]any{"Fn::Join": []any{"", []any{"com.amazonaws.", map[string]any{"Ref": "AWS::Region"}, "." + service}}}),
		})
	}
	ingress := d.Stacks["Processor"].resources("AWS::EC2::SecurityGroupIngress")
	if len(ingress) != 1 || ingress[0].Properties["SourceSecurityGroupId"] == nil || ingress[0].Properties["FromPort"] != 443.0 {
		t.Errorf("ingress %+v, want 443 from the tasks' group alone", ingress)
	}
	tmpl.HasResourceProperties(str("AWS::ECS::Service"), map[string]any{
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{"AssignPublicIp": "DISABLED"}},
	})
}

// The synthesis asks AWS for nothing, not even when account and region are known.
func TestNoLookups(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
	cfg := tasksOnly()
	cfg.Region = "eu-west-3"
	d := synthesize(t, cfg)
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

// tasksOnly is a configuration of few stacks, to change one thing in.
func tasksOnly() config.Config {
	cfg := config.Default()
	cfg.Image, cfg.Archive.On, cfg.CPU = "example.test/taxistream:1", false, "amd64"
	return cfg
}
