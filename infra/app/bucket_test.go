//go:build infra

package app

import (
	"slices"
	"strings"
	"testing"
)

// Every bucket of every stack is private, encrypted, for TLS 1.2 and above, and
// emptied by a function that may do just that.
func TestBuckets(t *testing.T) {
	for name, tmpl := range synthesized(t).Stacks {
		policies := map[string]resource{}
		for _, p := range tmpl.resources("AWS::S3::BucketPolicy") {
			policies[p.Properties["Bucket"].(map[string]any)["Ref"].(string)] = p
		}
		for _, bucket := range tmpl.resources("AWS::S3::Bucket") {
			t.Run(name+"/"+bucket.ID, func(t *testing.T) {
				if bucket.Properties["BucketEncryption"] == nil || bucket.Properties["PublicAccessBlockConfiguration"] == nil {
					t.Error("not encrypted, or public")
				}
				if bucket.Whole["DeletionPolicy"] != "Delete" {
					t.Error("stays behind")
				}
				all := policies[bucket.ID].Properties["PolicyDocument"].(map[string]any)["Statement"].([]any)
				var seen []string
				for _, s := range all {
					s := s.(map[string]any)
					condition, _ := s["Condition"].(map[string]any)
					switch {
					case s["Effect"] == "Deny" && condition["Bool"] != nil:
						seen = append(seen, "plain HTTP")
					case s["Effect"] == "Deny" && condition["NumericLessThan"] != nil:
						seen = append(seen, "old TLS")
					case slices.Contains(texts(s["Action"]), "s3:ListBucketVersions"):
						seen = append(seen, "emptying")
					}
				}
				if got, want := strings.Join(seen, ", "), "plain HTTP, old TLS, emptying"; got != want {
					t.Errorf("the policy's statements are %s, want %s", got, want)
				}
			})
		}
	}
}
