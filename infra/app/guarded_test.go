//go:build infra

package app

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"taxistream/infra/config"
)

var guards, addresses struct {
	once sync.Once
	d    *deployment
}

// guarded is the preset production with its domain inside the VPC, in a known account
// and region, made once for all tests.
func guarded(t *testing.T) *deployment {
	t.Helper()
	guards.once.Do(func() {
		t.Setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
		cfg := preset(t, "production")
		cfg.Region, cfg.Search.VPC = "eu-west-3", true
		guards.d = synthesize(t, cfg)
	})
	if guards.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return guards.d
}

// known is the trial with a public domain and a control room for known addresses, and an operator.
func known(t *testing.T) *deployment {
	t.Helper()
	addresses.once.Do(func() {
		cfg := preset(t, "trial")
		cfg.Room.On, cfg.Room.Forward, cfg.Room.Domain = true, true, "room.example.org"
		cfg.Room.Certificate = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
		cfg.Search.AllowCIDR, cfg.Search.Operators = "198.51.100.0/24, 203.0.113.0/24", "arn:aws:iam::123456789012:role/operator"
		addresses.d = synthesize(t, cfg)
	})
	if addresses.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return addresses.d
}

// preset is a preset's configuration, but for what depends on the machine and its builds.
func preset(t *testing.T, name string) config.Config {
	t.Helper()
	cfg, err := config.Load(map[string]any{"preset": name, "cpu": "amd64", "image": ordinary().Image})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Every preset synthesises, with and without account and region, and asks AWS for
// nothing meanwhile; cdk-nag finds nothing in it.
func TestPresetsSynthesise(t *testing.T) {
	for _, name := range config.Presets() {
		for _, account := range []string{"", "123456789012"} {
			t.Run(name+account, func(t *testing.T) {
				t.Setenv("CDK_DEFAULT_ACCOUNT", account)
				cfg := preset(t, name)
				if account != "" {
					cfg.Region = "eu-central-1"
				}
				d := synthesize(t, cfg)
				checkNag(t, d)
				for _, stack := range []string{"Stream", "Search", "Processor", "Producer", "Watch"} {
					if d.Stacks[stack] == nil {
						t.Errorf("no stack %s", stack)
					}
				}
			})
		}
	}
}

// In a protected deployment what cannot be made again, and the keys to it, outlive their
// stacks, which nobody deletes by mistake; otherwise a destruction leaves nothing.
func TestProtect(t *testing.T) {
	d := guarded(t)
	for stack, kinds := range map[string][]string{
		"Archive": {"AWS::KMS::Key", "AWS::S3::Bucket Events"}, "Stream": {"AWS::KMS::Key"},
		"Search": {"AWS::KMS::Key", "AWS::Cognito::UserPool"}, "Trail": {"AWS::KMS::Key", "AWS::S3::Bucket Files"},
	} {
		for _, kind := range kinds {
			kind, id, _ := strings.Cut(kind, " ")
			for _, r := range d.Stacks[stack].resources(kind) {
				if strings.HasPrefix(r.ID, id) && (r.Whole["DeletionPolicy"] != "Retain" || r.Whole["UpdateReplacePolicy"] != "Retain") {
					t.Errorf("%s: %s is deleted with its stack", stack, r.ID)
				}
			}
		}
	}
	for _, r := range d.Stacks["Archive"].resources("Custom::S3AutoDeleteObjects") {
		if !strings.HasPrefix(r.ID, "Results") {
			t.Errorf("%s would empty a bucket that is kept", r.ID)
		}
	}
	if !*d.Parts.Search.TerminationProtection() || *synthesized(t).Parts.Search.TerminationProtection() {
		t.Error("termination protection: want it in the guarded deployment alone")
	}
}

// A domain inside the VPC has an address in each zone, takes HTTPS from the VPC only,
// and the function that sets it up is inside, too.
func TestSearchInVPC(t *testing.T) {
	d := guarded(t)
	tmpl := d.Template(t, "Search")
	tmpl.HasResourceProperties(str("AWS::OpenSearchService::Domain"), map[string]any{
		"VPCOptions": map[string]any{"SubnetIds": []any{assertions.Match_AnyValue(), assertions.Match_AnyValue(), assertions.Match_AnyValue()}},
	})
	tmpl.HasResourceProperties(str("AWS::Lambda::Function"), map[string]any{
		"VpcConfig": map[string]any{"SubnetIds": assertions.Match_AnyValue(), "SecurityGroupIds": assertions.Match_AnyValue()},
	})
	d.Template(t, "Network").HasResourceProperties(str("AWS::EC2::SecurityGroup"), map[string]any{
		"GroupDescription":     "The domain: HTTPS from inside the VPC",
		"SecurityGroupIngress": []any{map[string]any{"CidrIp": "10.0.0.0/22", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "Description": assertions.Match_AnyValue()}},
	})
	for _, name := range []string{"Processor", "Producer"} {
		if n := len(d.Stacks[name].resources("AWS::EC2::VPC")); n > 0 {
			t.Errorf("%s has %d networks of its own", name, n)
		}
	}
}

// Before the login stands a firewall, which lets in known addresses only where there are some.
func TestFirewall(t *testing.T) {
	rules := func(d *deployment) (names []string, first string) {
		acl := d.Stacks["Search"].resources("AWS::WAFv2::WebACL")
		if len(acl) != 1 || len(d.Stacks["Search"].resources("AWS::WAFv2::WebACLAssociation")) != 1 {
			t.Fatalf("%d firewalls", len(acl))
		}
		for _, r := range acl[0].Properties["Rules"].([]any) {
			names = append(names, r.(map[string]any)["Name"].(string))
		}
		for action := range acl[0].Properties["DefaultAction"].(map[string]any) {
			first = action
		}
		return names, first
	}
	if names, first := rules(guarded(t)); !slices.Equal(names, []string{"Attackers", "Attempts"}) || first != "Allow" {
		t.Errorf("production: %v, else %s", names, first)
	}
	if names, first := rules(known(t)); !slices.Equal(names, []string{"Attackers", "Attempts", "Known"}) || first != "Block" {
		t.Errorf("known addresses: %v, else %s", names, first)
	}
	if n := len(synthesized(t).Stacks["Search"].resources("AWS::WAFv2::WebACL")); n != 0 {
		t.Errorf("%d firewalls that nobody asked for", n)
	}
}

// Through every endpoint go callers of this account alone, but for reading from S3 and
// for answers to CloudFormation.
func TestEndpointPolicies(t *testing.T) {
	n := 0
	for _, d := range []*deployment{guarded(t), otherwise(t), synthesized(t)} {
		for _, stack := range d.Stacks {
			for _, r := range stack.resources("AWS::EC2::VPCEndpoint") {
				n++
				statements, _ := r.Properties["PolicyDocument"].(map[string]any)["Statement"].([]any)
				for _, s := range statements {
					statement := s.(map[string]any)
					condition, _ := statement["Condition"].(map[string]any)
					own, _ := condition["StringEquals"].(map[string]any)
					if action := texts(statement["Action"])[0]; own["aws:PrincipalAccount"] == nil && action != "s3:GetObject" && action != "s3:PutObject" {
						t.Errorf("%s lets anybody do %s", r.ID, action)
					}
				}
				if len(statements) == 0 {
					t.Errorf("%s has no policy", r.ID)
				}
			}
		}
	}
	if n < 10 {
		t.Errorf("%d endpoints", n)
	}
}

// What the account has only once for all regions carries the region's name.
func TestAccountWideNames(t *testing.T) {
	watch := synthesized(t).Stacks["Watch"]
	for kind, property := range map[string]string{
		"AWS::CloudWatch::Dashboard": "DashboardName", "AWS::Budgets::Budget": "Budget", "AWS::Chatbot::SlackChannelConfiguration": "ConfigurationName",
	} {
		for _, r := range watch.resources(kind) {
			value := r.Properties[property]
			if budget, ok := value.(map[string]any); ok && budget["BudgetName"] != nil {
				value = budget["BudgetName"]
			}
			if text := flattened(value); !strings.HasPrefix(text, "TaxiStream-") || len(text) <= len("TaxiStream-") {
				t.Errorf("%s is called %q", kind, text)
			}
		}
	}
}

// What may fail at a first deployment leaves its log behind, and the domain waits for its roles.
func TestFirstFailure(t *testing.T) {
	d := synthesized(t)
	for stack, id := range map[string]string{"Processor": "Logs", "Search": "ObjectsLogs"} {
		kept := false
		for _, r := range d.Stacks[stack].resources("AWS::Logs::LogGroup") {
			kept = kept || strings.HasPrefix(r.ID, id) && r.Whole["DeletionPolicy"] == "Retain" && r.Properties["LogGroupName"] == nil
		}
		if !kept {
			t.Errorf("%s: %s goes with the stack, or has a name that the next attempt would meet", stack, id)
		}
	}
	domain := d.Stacks["Search"].resources("AWS::OpenSearchService::Domain")[0]
	if depends := strings.Join(texts(domain.Whole["DependsOn"]), " "); !strings.Contains(depends, "RolesKnown") {
		t.Errorf("the domain waits for %s", depends)
	}
	if n := len(texts(d.Stacks["Search"].resources("Custom::SearchRoles")[0].Properties["ServiceToken"])); n != 0 {
		t.Error("the resource that waits is not of the function")
	}
}

// The budget follows the estimate, or is the one that is given, and rings at half.
func TestBudget(t *testing.T) {
	trial, standard := preset(t, "trial"), preset(t, "standard")
	given, none := standard, standard
	given.Watch.Budget, none.Watch.Budget = "77", "0"
	if a, b := budgetOf(trial), budgetOf(standard); !(50 < a && a < 1.5*90 && a < b) || budgetOf(given) != 77 || budgetOf(none) != 0 {
		t.Errorf("trial %v, standard %v, given %v, none %v", a, b, budgetOf(given), budgetOf(none))
	}
	var at []float64
	visit(synthesized(t).Stacks["Watch"].resources("AWS::Budgets::Budget")[0].Properties, func(m map[string]any) {
		if threshold, ok := m["Threshold"].(float64); ok {
			at = append(at, threshold)
		}
	})
	slices.Sort(at)
	if !slices.Equal(at, []float64{50, 80, 100}) {
		t.Errorf("the budget rings at %v percent", at)
	}
}

// OpenSearch Service takes the login's role for this domain only, and cannot say which
// role people get.
func TestLoginSetup(t *testing.T) {
	for _, r := range synthesized(t).Stacks["Search"].resources("AWS::IAM::Role") {
		if !strings.HasPrefix(r.ID, "LoginSetup") {
			continue
		}
		trust := r.Properties["AssumeRolePolicyDocument"].(map[string]any)["Statement"].([]any)[0].(map[string]any)
		condition, _ := trust["Condition"].(map[string]any)
		if condition["StringEquals"] == nil || !strings.Contains(flattened(condition["ArnLike"].(map[string]any)["aws:SourceArn"]), ":domain/taxistream") {
			t.Errorf("the service takes the role under %v", condition)
		}
		visit(r.Properties["Policies"], func(m map[string]any) {
			for _, action := range texts(m["Action"]) {
				if action == "cognito-identity:SetIdentityPoolRoles" || action == "iam:PassRole" {
					t.Errorf("the service may %s", action)
				}
			}
		})
		return
	}
	t.Error("there is no such role")
}

// A certificate connects and publishes only as the thing that it is attached to.
func TestTelemetryTaxi(t *testing.T) {
	statements := synthesized(t).Stacks["Telemetry"].resources("AWS::IoT::Policy")[0].Properties["PolicyDocument"].(map[string]any)["Statement"].([]any)
	for _, s := range statements {
		condition, _ := s.(map[string]any)["Condition"].(map[string]any)
		attached, _ := condition["Bool"].(map[string]any)
		if got := texts(attached["iot:Connection.Thing.IsAttached"]); !slices.Equal(got, []string{"true"}) {
			t.Errorf("%v holds under %v", s.(map[string]any)["Action"], condition)
		}
	}
	if len(statements) != 2 {
		t.Errorf("%d statements", len(statements))
	}
}
