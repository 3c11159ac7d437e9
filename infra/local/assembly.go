// Package local turns a synthesised deployment (a cloud assembly) into what the
// free edition of LocalStack can create: it takes out the resources that
// LocalStack has not, with all that refers to them, and the assets, for there
// is no bootstrap stack. What is left can be deployed and destroyed by the CDK's
// command line like the whole.
//
// It works on the files, so that the constructs of infra/app know nothing of it.
package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Rewrite changes the templates and the manifest in the folder of a cloud
// assembly and gives what LocalStack does not get, by stack and id.
func Rewrite(folder string) ([]LeftOut, error) {
	manifest := map[string]any{}
	file := filepath.Join(folder, "manifest.json")
	if err := read(file, &manifest); err != nil {
		return nil, err
	}
	artifacts, _ := manifest["artifacts"].(map[string]any)
	stacks, files := map[string]template{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(artifacts)) {
		artifact, _ := artifacts[name].(map[string]any)
		properties, _ := artifact["properties"].(map[string]any)
		if artifact["type"] != "aws:cloudformation:stack" {
			continue
		}
		of, _ := properties["templateFile"].(string)
		var tmpl template
		if err := read(filepath.Join(folder, of), &tmpl); err != nil {
			return nil, err
		}
		stacks[name], files[name] = tmpl, of
	}
	left := prune(stacks)
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		tmpl := stacks[name]
		if len(tmpl.part("Resources")) == 0 || len(tmpl.part("Resources")) == 1 && tmpl.part("Resources")["CDKMetadata"] != nil {
			delete(artifacts, name)
			continue
		}
		if err := write(filepath.Join(folder, files[name]), tmpl); err != nil {
			return nil, err
		}
	}
	withoutAssets(artifacts)
	return left, write(file, manifest)
}

// bootstrap are the properties of a stack's artifact that need the bootstrap stack.
var bootstrap = []string{
	"additionalDependencies", "assumeRoleArn", "assumeRoleExternalId", "bootstrapStackVersionSsmParameter",
	"cloudFormationExecutionRoleArn", "lookupRole", "requiresBootstrapStackVersion", "stackTemplateAssetObjectUrl",
}

// withoutAssets makes of each stack one that the credentials at hand deploy, its
// template sent with the call; dependencies on what is gone go too.
func withoutAssets(artifacts map[string]any) {
	for name, a := range artifacts {
		artifact, _ := a.(map[string]any)
		if artifact["type"] == "cdk:asset-manifest" {
			delete(artifacts, name)
		}
		properties, _ := artifact["properties"].(map[string]any)
		for _, p := range bootstrap {
			delete(properties, p)
		}
	}
	for _, a := range artifacts {
		artifact, _ := a.(map[string]any)
		if on, ok := artifact["dependencies"].([]any); ok {
			artifact["dependencies"] = slices.DeleteFunc(on, func(id any) bool { name, _ := id.(string); return artifacts[name] == nil })
		}
	}
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("read the cloud assembly: %w", err)
	}
	return nil
}

func write(file string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the cloud assembly: %w", err)
	}
	return nil
}
