//go:build infra

package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// resolver replaces references by the names and ARNs that a deployment has,
// made up where AWS makes them up: <stack>-<logical id>, lower case.
type resolver struct {
	stacks          map[string]template
	region, account string
}

// value resolves all of v, which stands in a stack.
func (r resolver) value(stack string, v any) (any, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, part := range v {
			var err error
			if out[i], err = r.value(stack, part); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return r.function(stack, name, argument)
				}
			}
		}
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) { // of several faults, always the same is named
			var err error
			if out[name], err = r.value(stack, v[name]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func (r resolver) function(stack, name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return r.name(stack, argument.(string))
	case "Fn::GetAtt":
		of := argument.([]any)
		return r.attribute(stack, of[0].(string), of[1].(string))
	case "Fn::Join":
		list := argument.([]any)
		parts, err := r.value(stack, list[1])
		if err != nil {
			return nil, err
		}
		var texts []string
		for _, part := range parts.([]any) {
			text, ok := part.(string)
			if !ok {
				return nil, fmt.Errorf("%v joins %v", argument, part)
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, list[0].(string)), nil
	case "Fn::ImportValue":
		for of, tmpl := range r.stacks {
			outputs, _ := tmpl["Outputs"].(map[string]any)
			for _, o := range outputs {
				output := o.(map[string]any)
				if export, _ := output["Export"].(map[string]any); export != nil && export["Name"] == argument {
					return r.value(of, output["Value"])
				}
			}
		}
		return nil, fmt.Errorf("nothing exports %v", argument)
	}
	return nil, fmt.Errorf("the resolver knows no %s", name)
}

// name is what Ref gives.
func (r resolver) name(stack, id string) (any, error) {
	switch id {
	case "AWS::Region":
		return r.region, nil
	case "AWS::AccountId":
		return r.account, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	}
	resource := r.resource(stack, id)
	if resource == nil {
		return nil, fmt.Errorf("%s has no %s", stack, id)
	}
	properties, _ := resource["Properties"].(map[string]any)
	for _, property := range []string{"Name", "DomainName", "BucketName", "LogGroupName"} {
		if properties[property] != nil {
			return r.value(stack, properties[property])
		}
	}
	return strings.ToLower(stack + "-" + id), nil
}

func (r resolver) attribute(stack, id, attribute string) (any, error) {
	name, err := r.name(stack, id)
	if err != nil {
		return nil, err
	}
	kind, _ := r.resource(stack, id)["Type"].(string)
	form := map[string]string{
		"AWS::Kinesis::Stream":           "arn:aws:kinesis:" + r.region + ":" + r.account + ":stream/%s",
		"AWS::KMS::Key":                  "arn:aws:kms:" + r.region + ":" + r.account + ":key/%s",
		"AWS::Logs::LogGroup":            "arn:aws:logs:" + r.region + ":" + r.account + ":log-group:%s:*",
		"AWS::OpenSearchService::Domain": "arn:aws:es:" + r.region + ":" + r.account + ":domain/%s",
		"AWS::S3::Bucket":                "arn:aws:s3:::%s",
	}[kind]
	switch {
	case form == "":
		return nil, fmt.Errorf("the resolver knows no ARN of a %s", kind)
	case attribute == "Arn":
		return fmt.Sprintf(form, name), nil
	case attribute == "DomainEndpoint":
		return fmt.Sprintf("%s.%s.es.amazonaws.com", name, r.region), nil
	}
	return nil, fmt.Errorf("the resolver knows no %s of a %s", attribute, kind)
}

func (r resolver) resource(stack, id string) map[string]any {
	resources, _ := r.stacks[stack]["Resources"].(map[string]any)
	resource, _ := resources[id].(map[string]any)
	return resource
}
