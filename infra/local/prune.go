package local

import (
	"maps"
	"slices"
)

// LeftOut is a resource that LocalStack does not get, or a property of one: then
// the type ends with its name.
type LeftOut struct{ Stack, ID, Type, Reason string }

// A template is a CloudFormation template as JSON decodes it.
type template map[string]any

// prune takes from the templates of a deployment, by stack, what LocalStack
// cannot create, and then what refers to it: statements of policies, actions
// of alarms, outputs, at last whole resources. It gives what was taken, in order of stack and id.
func prune(stacks map[string]template) []LeftOut {
	var left []LeftOut
	for {
		exports := exported(stacks)
		more := false
		for _, name := range slices.Sorted(maps.Keys(stacks)) {
			gone := stacks[name].step(exports)
			for _, l := range gone {
				l.Stack = name
				left = append(left, l)
			}
			more = more || len(gone) > 0
		}
		if !more {
			break
		}
	}
	for _, tmpl := range stacks {
		tmpl.dropDependencies()
	}
	slices.SortStableFunc(left, func(a, b LeftOut) int {
		return slices.Compare([]string{a.Stack, a.ID}, []string{b.Stack, b.ID})
	})
	return left
}

// step takes what can be seen to be impossible now, once.
func (tmpl template) step(exports map[string]bool) []LeftOut {
	dangling := func(v any) string { return tmpl.dangling(v, exports) }
	var left []LeftOut
	resources := tmpl.part("Resources")
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		kind, _ := resource["Type"].(string)
		why := reason(kind)
		if why == "" {
			left = append(left, dropOptional(id, kind, resource["Properties"], dangling)...)
			whole := func(v any) bool { return dangling(v) == "" }
			keepStatements(resource["Properties"], whole)
			dropEmptyPolicies(resource["Properties"])
			keepActions(resource["Properties"], whole)
			if target := dangling(resource["Properties"]); target != "" {
				why = "refers to " + target
			} else if emptyPolicy(resource["Properties"]) {
				why = "allows nothing that is left"
			}
		}
		if why != "" {
			delete(resources, id)
			left = append(left, LeftOut{ID: id, Type: kind, Reason: why})
		}
	}
	outputs := tmpl.part("Outputs")
	maps.DeleteFunc(outputs, func(_ string, output any) bool { return dangling(output) != "" })
	return left
}

func (tmpl template) part(name string) map[string]any {
	part, _ := tmpl[name].(map[string]any)
	return part
}

// dangling names something that a value refers to and that is not there; "" if all is.
func (tmpl template) dangling(v any, exports map[string]bool) string {
	for _, r := range references(v) {
		switch {
		case r.export != "" && !exports[r.export]:
			return r.export
		case r.id == "" || len(r.id) > 5 && r.id[:5] == "AWS::":
		case tmpl.part("Resources")[r.id] == nil && tmpl.part("Parameters")[r.id] == nil:
			return r.id
		}
	}
	return ""
}

// exported are the names that stacks give to others.
func exported(stacks map[string]template) map[string]bool {
	all := map[string]bool{}
	for _, tmpl := range stacks {
		for _, output := range tmpl.part("Outputs") {
			o, _ := output.(map[string]any)
			export, _ := o["Export"].(map[string]any)
			if name, ok := export["Name"].(string); ok {
				all[name] = true
			}
		}
	}
	return all
}

// keepStatements drops from every policy in a value the statements that are not to be kept.
func keepStatements(v any, keep func(any) bool) {
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			keepStatements(part, keep)
		}
	case map[string]any:
		if list, ok := v["Statement"].([]any); ok {
			v["Statement"] = slices.DeleteFunc(list, func(s any) bool { return !keep(s) })
		}
		for _, part := range v {
			keepStatements(part, keep)
		}
	}
}

// dropEmptyPolicies takes from a role the policies of its own in which no statement is
// left: IAM refuses them.
func dropEmptyPolicies(properties any) {
	p, _ := properties.(map[string]any)
	if list, ok := p["Policies"].([]any); ok {
		p["Policies"] = slices.DeleteFunc(list, emptyPolicy)
	}
}

// keepActions drops what an alarm can no longer call. The alarm stays.
func keepActions(properties any, keep func(any) bool) {
	p, _ := properties.(map[string]any)
	for _, name := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
		if list, ok := p[name].([]any); ok {
			p[name] = slices.DeleteFunc(list, func(a any) bool { return !keep(a) })
		}
	}
}

// optional are properties without which a resource is still worth creating.
var optional = map[string][]string{
	"AWS::OpenSearchService::Domain": {"CognitoOptions"},
}

// dropOptional takes a resource's optional properties that refer to what is gone.
func dropOptional(id, kind string, properties any, dangling func(any) string) []LeftOut {
	p, _ := properties.(map[string]any)
	var left []LeftOut
	for _, name := range optional[kind] {
		if target := dangling(p[name]); target != "" {
			delete(p, name)
			left = append(left, LeftOut{ID: id, Type: kind + " " + name, Reason: "refers to " + target})
		}
	}
	return left
}

// emptyPolicy reports whether a resource is a policy without a statement, which AWS refuses.
func emptyPolicy(properties any) bool {
	p, _ := properties.(map[string]any)
	document, _ := p["PolicyDocument"].(map[string]any)
	list, ok := document["Statement"].([]any)
	return ok && len(list) == 0
}

// dropDependencies takes from DependsOn what is gone.
func (tmpl template) dropDependencies() {
	resources := tmpl.part("Resources")
	for _, r := range resources {
		resource, _ := r.(map[string]any)
		switch on := resource["DependsOn"].(type) {
		case string:
			if resources[on] == nil {
				delete(resource, "DependsOn")
			}
		case []any:
			on = slices.DeleteFunc(on, func(id any) bool { name, _ := id.(string); return resources[name] == nil })
			if resource["DependsOn"] = on; len(on) == 0 {
				delete(resource, "DependsOn")
			}
		}
	}
}
