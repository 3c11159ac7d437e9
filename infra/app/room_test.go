//go:build infra

package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// The control room is behind a login and the gate: HTTPS from known addresses only, one
// port from the load balancer alone to the tasks, and no page of the processor's off its
// loopback.
func TestRoom(t *testing.T) {
	d := known(t)
	tmpl := d.Template(t, "Processor")
	tmpl.HasResourceProperties(str("AWS::ElasticLoadBalancingV2::Listener"), map[string]any{
		"Port": 443, "Protocol": "HTTPS", "Certificates": assertions.Match_AnyValue(),
		"DefaultActions": []any{
			assertions.Match_ObjectLike(&map[string]any{"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": assertions.Match_AnyValue()}),
			assertions.Match_ObjectLike(&map[string]any{"Type": "forward", "Order": 2}),
		},
	})
	tmpl.HasResourceProperties(str("AWS::Cognito::UserPoolClient"), map[string]any{
		"CallbackURLs": []any{"https://room.example.org/oauth2/idpresponse"}, "AllowedOAuthFlows": []any{"code"}, "GenerateSecret": true,
	})
	for _, r := range d.Stacks["Processor"].resources("AWS::EC2::SecurityGroupIngress") {
		if r.Properties["FromPort"] != 8082. || r.Properties["ToPort"] != 8082. || r.Properties["SourceSecurityGroupId"] == nil || r.Properties["CidrIp"] != nil {
			t.Errorf("the tasks let in %v", r.Properties)
		}
	}
	var from []string
	for _, r := range d.Stacks["Processor"].resources("AWS::EC2::SecurityGroup") {
		rules, _ := r.Properties["SecurityGroupIngress"].([]any)
		for _, rule := range rules {
			from = append(from, rule.(map[string]any)["CidrIp"].(string))
		}
	}
	slices.Sort(from)
	if !slices.Equal(from, []string{"198.51.100.0/24", "203.0.113.0/24"}) {
		t.Errorf("people come from %q", from)
	}
	gate, processor := containers(d)["gate"], containers(d)["processor"]
	if command := strings.Join(texts(gate["Command"]), " "); !strings.HasPrefix(command, "gate -host room.example.org -signer") {
		t.Errorf("the gate is %q", command)
	}
	if gate["Essential"] != false || processor["ReadonlyRootFilesystem"] != true || slices.Contains(texts(processor["Command"]), "-listen") {
		t.Errorf("gate %v, processor %v", gate, processor)
	}
	service := d.Stacks["Processor"].resources("AWS::ECS::Service")[0]
	if !strings.Contains(strings.Join(texts(service.Whole["DependsOn"]), " "), "Https") {
		t.Error("the service may be made before the target group has a listener, which ECS refuses")
	}
}

// Into the gate alone Systems Manager comes, and only where it is asked for.
func TestRoom_Forward(t *testing.T) {
	for name, d := range map[string]*deployment{"forward": known(t), "none": synthesized(t)} {
		service := d.Stacks["Processor"].resources("AWS::ECS::Service")[0]
		forward := d.Config.Room.Forward
		if service.Properties["EnableExecuteCommand"] != forward {
			t.Errorf("%s: sessions are %v", name, service.Properties["EnableExecuteCommand"])
		}
		gate := containers(d)["gate"]
		if (gate != nil) != forward || forward && gate["ReadonlyRootFilesystem"] != false {
			t.Errorf("%s: the gate is %v", name, gate)
		}
		if got := slices.Contains(actionsOf(d.Stacks["Processor"], "Role"), "ssmmessages:OpenDataChannel"); got != forward {
			t.Errorf("%s: the role may open sessions: %v", name, got)
		}
	}
}

// containers are those of the processor's task.
func containers(d *deployment) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, c := range d.Stacks["Processor"].resources("AWS::ECS::TaskDefinition")[0].Properties["ContainerDefinitions"].([]any) {
		container := c.(map[string]any)
		all[container["Name"].(string)] = container
	}
	return all
}
