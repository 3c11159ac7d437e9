package local

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) template {
	t.Helper()
	var tmpl template
	if err := json.Unmarshal([]byte(text), &tmpl); err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestPrune(t *testing.T) {
	const function = `"F":{"Type":"AWS::Lambda::Function","Properties":{}}`
	for _, test := range []struct{ name, tmpl, want, left string }{
		{
			"nothing to leave out", `{"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":{"Ref":"AWS::StackName"}}}}}`,
			`{"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":{"Ref":"AWS::StackName"}}}}}`, "",
		},
		{
			"what refers to it, at second hand", `{"Resources":{` + function + `,
				"G":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":{"Fn::Join":["",["/",{"Ref":"F"}]]}}},
				"H":{"Type":"AWS::Logs::LogStream","Properties":{"LogGroupName":{"Fn::Sub":"${G.Arn}"}}}}}`,
			`{"Resources":{}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker; G: refers to F; H: refers to G",
		},
		{
			"a statement, not its policy", `{"Resources":{` + function + `,"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[{"Resource":{"Fn::GetAtt":["F","Arn"]}},{"Resource":"r"}]}}}}}`,
			`{"Resources":{"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[{"Resource":"r"}]}}}}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker",
		},
		{
			"a policy without a statement", `{"Resources":{` + function + `,"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[{"Resource":{"Ref":"F"}}]}}}}}`,
			`{"Resources":{}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker; P: allows nothing that is left",
		},
		{
			"a role's own policy without a statement, not the role", `{"Resources":{` + function + `,"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":[{"Resource":{"Ref":"F"}}]}},{"PolicyName":"q","PolicyDocument":{"Statement":[{"Resource":"r"}]}}]}}}}`,
			`{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyName":"q","PolicyDocument":{"Statement":[{"Resource":"r"}]}}]}}}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker",
		},
		{
			"an action, not its alarm", `{"Resources":{` + function + `,"A":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmActions":[{"Ref":"F"},"t"]}}}}`,
			`{"Resources":{"A":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmActions":["t"]}}}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker",
		},
		{
			"dependencies and outputs", `{"Resources":{` + function + `,"B":{"Type":"AWS::S3::Bucket","DependsOn":["F"],"Properties":{}},"C":{"Type":"AWS::S3::Bucket","DependsOn":["B","F"]}},"Outputs":{"O":{"Value":{"Ref":"F"}},"P":{"Value":{"Ref":"B"}}}}`,
			`{"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{}},"C":{"Type":"AWS::S3::Bucket","DependsOn":["B"]}},"Outputs":{"P":{"Value":{"Ref":"B"}}}}`, "F: functions run in containers that LocalStack starts, and it is given no Docker",
		},
		{
			"a property, not its resource", `{"Resources":{"U":{"Type":"AWS::Cognito::UserPool"},"D":{"Type":"AWS::OpenSearchService::Domain","Properties":{"CognitoOptions":{"UserPoolId":{"Ref":"U"}},"DomainName":"d"}}}}`,
			`{"Resources":{"D":{"Type":"AWS::OpenSearchService::Domain","Properties":{"DomainName":"d"}}}}`, "D: refers to U; U: not in the free edition",
		},
		{"an unknown type", `{"Resources":{"X":{"Type":"AWS::New::Thing"}}}`, `{"Resources":{}}`, "X: unknown to its CloudFormation"},
		{
			"a parameter", `{"Parameters":{"P":{"Type":"String"}},"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Ref":"P"}}}}}`,
			`{"Parameters":{"P":{"Type":"String"}},"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Ref":"P"}}}}}`, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmpl := parse(t, test.tmpl)
			left := prune(map[string]template{"Stack": tmpl})
			if want := parse(t, test.want); !reflect.DeepEqual(tmpl, want) {
				t.Errorf("got %v, want %v", tmpl, want)
			}
			if got := said(left); got != test.left {
				t.Errorf("left out %s, want %s", got, test.left)
			}
		})
	}
}

func said(left []LeftOut) string {
	var all []string
	for _, l := range left {
		all = append(all, l.ID+": "+l.Reason)
	}
	return strings.Join(all, "; ")
}

// What a stack imports goes with what another exports, whichever comes first by name.
func TestPruneAcrossStacks(t *testing.T) {
	stacks := map[string]template{
		"A": parse(t, `{"Resources":{"D":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::ImportValue":"B:F"}}},"E":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::ImportValue":"B:G"}}}}}`),
		"B": parse(t, `{"Resources":{"F":{"Type":"AWS::ECS::Cluster"},"G":{"Type":"AWS::S3::Bucket"}},"Outputs":{"F":{"Value":{"Ref":"F"},"Export":{"Name":"B:F"}},"G":{"Value":{"Ref":"G"},"Export":{"Name":"B:G"}}}}`),
	}
	if got, want := said(prune(stacks)), "D: refers to B:F; F: not in the free edition: the programs run beside it"; got != want {
		t.Errorf("left out %s, want %s", got, want)
	}
	if len(stacks["A"].part("Resources")) != 1 || len(stacks["B"].part("Outputs")) != 1 {
		t.Errorf("got %v", stacks)
	}
}

// An assembly loses its assets, what needs the bootstrap stack, and stacks with nothing in them.
func TestRewrite(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"version":"x","artifacts":{
			"A.assets":{"type":"cdk:asset-manifest"},
			"A":{"type":"aws:cloudformation:stack","dependencies":["A.assets","B"],"properties":{"templateFile":"A.json","assumeRoleArn":"r","requiresBootstrapStackVersion":6,"stackTemplateAssetObjectUrl":"u","tags":{"k":"v"}}},
			"B":{"type":"aws:cloudformation:stack","properties":{"templateFile":"B.json"}},
			"Tree":{"type":"cdk:tree"}}}`,
		"A.json": `{"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}}`,
		"B.json": `{"Resources":{"C":{"Type":"AWS::ECS::Cluster"},"CDKMetadata":{"Type":"AWS::CDK::Metadata"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left, err := Rewrite(folder)
	if err != nil || len(left) != 1 || left[0] != (LeftOut{"B", "C", "AWS::ECS::Cluster", "not in the free edition: the programs run beside it"}) {
		t.Fatalf("left out %v, %v", left, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, `{"version":"x","artifacts":{"A":{"type":"aws:cloudformation:stack","dependencies":[],"properties":{"templateFile":"A.json","tags":{"k":"v"}}},"Tree":{"type":"cdk:tree"}}}`)
	if got := parse(t, string(text)); !reflect.DeepEqual(got, want) {
		t.Errorf("the manifest is %s", text)
	}
	if _, err := Rewrite(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
}

// Each type and each reason is one of the deployment's: TestDeploy tries those
// that are said to be creatable, and no others.
func TestTypesAreUsed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "app", "testdata", "*.template.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden templates: %v", err)
	}
	used := map[string]bool{"AWS::CDK::Metadata": true} // the golden templates are without
	for _, file := range files {
		var tmpl template
		if err := read(file, &tmpl); err != nil {
			t.Fatal(err)
		}
		for _, r := range tmpl.part("Resources") {
			used[r.(map[string]any)["Type"].(string)] = true
		}
	}
	for kind := range creatable {
		if !used[kind] {
			t.Errorf("creatable has %s, of which the deployment has none", kind)
		}
	}
	for _, l := range lacking {
		found := false
		for kind := range used {
			found = found || strings.HasPrefix(kind, l.types)
		}
		if !found {
			t.Errorf("lacking has %s, of which the deployment has none", l.types)
		}
	}
	for kind := range used {
		if why := reason(kind); why == "unknown to its CloudFormation" {
			t.Errorf("%s is in neither table: can LocalStack create it?", kind)
		}
	}
}

// Of several things that are missing the same is named every time.
func TestPruneIsTheSameEveryTime(t *testing.T) {
	const text = `{"Resources":{"Z":{"Type":"AWS::ECS::Cluster"},"U":{"Type":"AWS::Cognito::UserPool"},
		"D":{"Type":"AWS::OpenSearchService::Domain","Properties":{"CognitoOptions":{"PoolId":{"Ref":"U"},"IdentityId":{"Ref":"Z"}},"Name":{"Fn::Sub":"${Z.Arn} ${U}"},"Base":{"Fn::GetAtt":["U","Arn"]}}}}}`
	var want string
	for range 20 {
		got := said(prune(map[string]template{"A": parse(t, text), "B": parse(t, text)}))
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("left out\n%s\nwant\n%s", got, want)
		}
	}
}
