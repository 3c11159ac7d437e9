//go:build infra

package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"taxistream/internal/names"
)

// The domain is encrypted at rest and between its nodes, takes TLS 1.2 with
// forward secrecy only, and knows its users one by one.
func TestSearchDomain(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Search")
	tmpl.HasResource(str("AWS::OpenSearchService::Domain"), map[string]any{
		"DeletionPolicy": "Delete", "UpdatePolicy": map[string]any{"EnableVersionUpgrade": true},
		"Properties": map[string]any{
			"DomainName": "taxistream", "EngineVersion": "OpenSearch_2.19",
			"EncryptionAtRestOptions":     map[string]any{"Enabled": true, "KmsKeyId": assertions.Match_AnyValue()},
			"NodeToNodeEncryptionOptions": map[string]any{"Enabled": true},
			"DomainEndpointOptions":       map[string]any{"EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
			"AdvancedSecurityOptions": map[string]any{
				"Enabled": true, "InternalUserDatabaseEnabled": false,
				"MasterUserOptions": map[string]any{"MasterUserARN": assertions.Match_AnyValue()},
			},
			"CognitoOptions": map[string]any{
				"Enabled": true, "UserPoolId": assertions.Match_AnyValue(), "IdentityPoolId": assertions.Match_AnyValue(), "RoleArn": assertions.Match_AnyValue(),
			},
			"SoftwareUpdateOptions": map[string]any{"AutoSoftwareUpdateEnabled": true},
		},
	})
	tmpl.HasResource(str("AWS::KMS::Key"), map[string]any{
		"DeletionPolicy": "Delete", "Properties": map[string]any{"EnableKeyRotation": true},
	})
}

// The domain's own policy names roles, one by one: no account, no star. Readers may send
// what Dashboards sends for them, and people come from the addresses that are allowed.
func TestSearchLetsIn(t *testing.T) {
	const operator = "arn:aws:iam::123456789012:role/operator"
	for name, test := range map[string]struct {
		d    *deployment
		want []string
	}{
		"everything": {synthesized(t), []string{"Allow Objects all", "Allow Reader read"}},
		"known addresses": {known(t), []string{
			"Allow Objects all", "Allow Reader read", "Allow " + operator + " all", "Deny Reader " + operator + " unless 198.51.100.0/24 203.0.113.0/24",
		}},
	} {
		policy := test.d.Stacks["Search"].resources("AWS::OpenSearchService::Domain")[0].Properties["AccessPolicies"].(map[string]any)
		var got []string
		for _, s := range policy["Statement"].([]any) {
			statement := s.(map[string]any)
			got = append(got, statement["Effect"].(string)+" "+strings.Join(principals(statement), " ")+" "+extent(statement))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: the domain's policy is %q, want %q", name, got, test.want)
		}
	}
}

// principals are roles of the template by the name of what they are of, others by ARN.
func principals(statement map[string]any) (all []string) {
	list, many := statement["Principal"].(map[string]any)["AWS"].([]any)
	if !many {
		list = []any{statement["Principal"].(map[string]any)["AWS"]}
	}
	for _, p := range list {
		switch p := p.(type) {
		case string:
			all = append(all, p)
		case map[string]any:
			id := p["Fn::GetAtt"].([]any)[0].(string)
			for _, name := range []string{"Objects", "Reader"} {
				if strings.HasPrefix(id, name) {
					all = append(all, name)
				}
			}
		}
	}
	return all
}

// extent is what a statement of the domain's policy says of requests.
func extent(statement map[string]any) string {
	condition, _ := statement["Condition"].(map[string]any)
	if addresses, ok := condition["NotIpAddress"].(map[string]any); ok {
		return "unless " + strings.Join(texts(addresses["aws:SourceIp"]), " ")
	}
	switch len(texts(statement["Action"])) {
	case len(everyMethod):
		return "all"
	case len(readMethods):
		return "read"
	}
	return "?"
}

// Nobody signs up; passwords are long; the page's name is the stack's alone; who
// has logged in gets the reader's role and no other.
func TestSearchLogin(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Search")
	tmpl.HasResource(str("AWS::Cognito::UserPool"), map[string]any{
		"DeletionPolicy": "Delete", "Properties": map[string]any{
			"AdminCreateUserConfig": map[string]any{"AllowAdminCreateUserOnly": true},
			"Policies": map[string]any{"PasswordPolicy": map[string]any{
				"MinimumLength": 14, "RequireLowercase": true, "RequireNumbers": true, "RequireSymbols": true, "RequireUppercase": true,
			}},
			"AliasAttributes": assertions.Match_Absent(), // with one, an address is no user name
		},
	})
	tmpl.HasResourceProperties(str("AWS::Cognito::UserPoolDomain"), map[string]any{
		"Domain": map[string]any{"Fn::Join": []any{"-", []any{"trips", assertions.Match_AnyValue()}}},
	})
	tmpl.HasResourceProperties(str("AWS::Cognito::IdentityPool"), map[string]any{"AllowUnauthenticatedIdentities": false})
	tmpl.HasResourceProperties(str("AWS::Cognito::IdentityPoolRoleAttachment"), map[string]any{
		"Roles": map[string]any{"authenticated": assertions.Match_AnyValue(), "unauthenticated": assertions.Match_Absent()},
	})
	tmpl.HasResourceProperties(str("AWS::IAM::Role"), map[string]any{
		"AssumeRolePolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Action": "sts:AssumeRoleWithWebIdentity", "Principal": map[string]any{"Federated": "cognito-identity.amazonaws.com"},
			"Condition": map[string]any{
				"StringEquals":           map[string]any{"cognito-identity.amazonaws.com:aud": assertions.Match_AnyValue()},
				"ForAnyValue:StringLike": map[string]any{"cognito-identity.amazonaws.com:amr": "authenticated"},
			},
		}}},
	})
}

// The domain's errors, slow searches, slow writes and audit events go to groups
// with an end, which OpenSearch Service may write for this domain only.
func TestSearchLogs(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Search")
	on := map[string]any{"Enabled": true, "CloudWatchLogsLogGroupArn": assertions.Match_AnyValue()}
	tmpl.HasResourceProperties(str("AWS::OpenSearchService::Domain"), map[string]any{"LogPublishingOptions": map[string]any{
		"ES_APPLICATION_LOGS": on, "AUDIT_LOGS": on, "SEARCH_SLOW_LOGS": on, "INDEX_SLOW_LOGS": on,
	}})
	groups := synthesized(t).Stacks["Search"].resources("AWS::Logs::LogGroup")
	if len(groups) != 5 {
		t.Errorf("%d log groups, want four of the domain and the function's", len(groups))
	}
	for _, g := range groups {
		want := "Delete"
		if strings.HasPrefix(g.ID, "Objects") { // what fails at the first deployment says why there
			want = "Retain"
		}
		if g.Properties["RetentionInDays"] != 30. || g.Whole["DeletionPolicy"] != want {
			t.Errorf("%s: kept %v days, deletion %v", g.ID, g.Properties["RetentionInDays"], g.Whole["DeletionPolicy"])
		}
	}
	for _, p := range synthesized(t).Stacks["Search"].resources("AWS::Logs::ResourcePolicy") {
		var text strings.Builder
		for _, part := range p.Properties["PolicyDocument"].(map[string]any)["Fn::Join"].([]any)[1].([]any) {
			if s, ok := part.(string); ok {
				text.WriteString(s)
			}
		}
		for _, want := range []string{`"Service":"es.amazonaws.com"`, "aws:SourceAccount", "aws:SourceArn", ":domain/taxistream"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the policy of the log groups lacks %s: %s", want, text.String())
			}
		}
	}
}

// What stands in the domain is put there by the function, anew with each release
// of its code, and only once the function may.
func TestSearchCustomResources(t *testing.T) {
	stack := synthesized(t).Stacks["Search"]
	for kind, want := range map[string]map[string]any{
		"Custom::SearchObjects": {"Prefix": "", "From": "", "To": "now", "KeepMonths": "12"},
		"Custom::SearchLogging": {"Prefix": "", "SlowSeconds": "5"},
		"Custom::SearchAccess":  {"Prefix": "", "Access": "reader"},
	} {
		found := stack.resources(kind)
		if len(found) != 1 {
			t.Errorf("%d of %s", len(found), kind)
			continue
		}
		r := found[0]
		for name, value := range want {
			if r.Properties[name] != value {
				t.Errorf("%s: %s is %v, want %v", kind, name, r.Properties[name], value)
			}
		}
		if sum, _ := r.Properties["Release"].(string); len(sum) != 64 {
			t.Errorf("%s: Release is %q, want the code's sum", kind, sum)
		}
		depends := strings.Join(texts(r.Whole["DependsOn"]), " ")
		if !strings.Contains(depends, "ObjectsRoleDefaultPolicy") {
			t.Errorf("%s waits for %q, want the function's policy", kind, depends)
		}
		if r.Whole["DeletionPolicy"] != "Delete" || r.Properties["ServiceTimeout"] == nil {
			t.Errorf("%s: deletion %v, timeout %v", kind, r.Whole["DeletionPolicy"], r.Properties["ServiceTimeout"])
		}
	}
}

// A processor may send what it sends: its templates, its indexes, bulk requests.
func TestSearchWriter(t *testing.T) {
	var paths []string
	for _, p := range synthesized(t).Stacks["Processor"].resources("AWS::IAM::Policy") {
		visit(p.Properties["PolicyDocument"], func(m map[string]any) {
			if actions := texts(m["Action"]); len(actions) > 0 && strings.HasPrefix(actions[0], "es:") {
				visit(m["Resource"], func(join map[string]any) {
					parts, _ := join["Fn::Join"].([]any)
					if len(parts) == 2 {
						all := texts(parts[1])
						_, path, _ := strings.Cut(all[len(all)-1], ":domain/")
						paths = append(paths, strings.Join(actions, ",")+" "+path)
					}
				})
			}
		})
	}
	var want []string
	for _, alias := range []string{names.PickupCount, names.TripDuration, names.TaxiRejects} {
		want = append(want, "es:ESHttpGet,es:ESHttpPut taxistream/_index_template/"+alias, "es:ESHttpPost taxistream/"+alias+"/*", "es:ESHttpGet taxistream/"+alias+","+alias+"-*/_mapping")
	}
	want = append(want, "es:ESHttpPost taxistream/_bulk", "es:ESHttpGet taxistream/_index_template")
	for _, w := range want {
		if !strings.Contains("\n"+strings.Join(paths, "\n")+"\n", "\n"+w+"\n") {
			t.Errorf("the processor may not %s; it may\n%s", w, strings.Join(paths, "\n"))
		}
	}
	if len(paths) != len(want) {
		t.Errorf("the processor may send %d kinds of request, want %d:\n%s", len(paths), len(want), strings.Join(paths, "\n"))
	}
}

// A deployment ends with what its people need next.
func TestSearchOutputs(t *testing.T) {
	outputs := synthesized(t).Stacks["Search"]["Outputs"].(map[string]any)
	for _, name := range []string{"Endpoint", "Dashboard", "UserPoolId", "InviteUser", "SlowLog", "Landing", "Retention"} {
		if outputs[name] == nil {
			t.Errorf("no output %s", name)
		}
	}
}

// The levers: three zones with managers, a second factor, the account's key, a
// prefix, a time range.
func TestSearchOptions(t *testing.T) {
	cfg := everything()
	cfg.Search.Zones, cfg.Search.Nodes, cfg.Search.Masters = 3, 6, "m7g.large.search"
	cfg.Search.OwnKey, cfg.Search.From, cfg.Processor.IndexPrefix = false, "now-24h", "v2-"
	d := synthesize(t, cfg)
	tmpl := d.Template(t, "Search")
	tmpl.HasResourceProperties(str("AWS::OpenSearchService::Domain"), map[string]any{
		"ClusterConfig": map[string]any{
			"InstanceCount": 6, "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": map[string]any{"AvailabilityZoneCount": 3},
			"DedicatedMasterEnabled": true, "DedicatedMasterCount": 3, "DedicatedMasterType": "m7g.large.search",
		},
		"EncryptionAtRestOptions": map[string]any{"Enabled": true, "KmsKeyId": assertions.Match_Absent()},
	})
	tmpl.HasResourceProperties(str("AWS::Cognito::UserPool"), map[string]any{"MfaConfiguration": "ON", "EnabledMfas": []any{"SOFTWARE_TOKEN_MFA"}})
	tmpl.HasResourceProperties(str("Custom::SearchObjects"), map[string]any{"Prefix": "v2-", "From": "now-24h", "To": "now"})
	tmpl.ResourceCountIs(str("AWS::KMS::Key"), num(0))
	for _, r := range d.Stacks["Processor"].resources("Custom::SearchAccess") {
		if r.Properties["Prefix"] != "v2-" || r.Properties["Access"] != "writer" {
			t.Errorf("the processor's access is %v", r.Properties)
		}
	}
}
