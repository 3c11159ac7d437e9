// Package kubernetes_test holds the files that run the Flink job on Kubernetes to the schema of the
// operator and to the job.
package kubernetes_test

import (
	"bytes"
	"io"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deployment is a FlinkDeployment, flink.apache.org/v1beta1, as far as it is used here (the operator's
// CustomResourceDefinition). A field that is not here is an error, so that a misspelt one is.
type deployment struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   metadata
	Spec       struct {
		Image              string
		ImagePullPolicy    string            `yaml:"imagePullPolicy"`
		FlinkVersion       string            `yaml:"flinkVersion"`
		ServiceAccount     string            `yaml:"serviceAccount"`
		FlinkConfiguration map[string]string `yaml:"flinkConfiguration"`
		PodTemplate        struct {
			Spec pod
		} `yaml:"podTemplate"`
		JobManager struct {
			Resource   resource
			StorageDir string `yaml:"storageDir"` // EMR's
		} `yaml:"jobManager"`
		TaskManager struct{ Resource resource } `yaml:"taskManager"`
		Job         job

		EMRReleaseLabel  string `yaml:"emrReleaseLabel"`  // EMR's
		ExecutionRoleARN string `yaml:"executionRoleArn"` // EMR's
	}
}

type metadata struct {
	Name        string
	Annotations map[string]string
}

type resource struct {
	CPU    float64 `yaml:"cpu"`
	Memory string
}

type job struct {
	JarURI      string `yaml:"jarURI"`
	EntryClass  string `yaml:"entryClass"`
	Args        []string
	Parallelism int
	UpgradeMode string `yaml:"upgradeMode"`
	State       string
}

type pod struct {
	SecurityContext struct {
		RunAsNonRoot bool `yaml:"runAsNonRoot"`
		RunAsUser    int  `yaml:"runAsUser"`
		FSGroup      int  `yaml:"fsGroup"`
	} `yaml:"securityContext"`
	Containers []struct {
		Name            string
		SecurityContext struct {
			AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
	}
}

// account is one of the documents of serviceaccount.yaml.
type account struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   metadata
	Rules      []struct {
		APIGroups []string `yaml:"apiGroups"`
		Resources []string
		Verbs     []string
	}
	RoleRef struct {
		APIGroup string `yaml:"apiGroup"`
		Kind     string
		Name     string
	} `yaml:"roleRef"`
	Subjects []struct{ Kind, Name string }
}

// read decodes each document of a file, and takes no field that is not known.
func read[T any](t *testing.T, file string) []T {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text(t, file))))
	decoder.KnownFields(true)
	var all []T
	for {
		var one T
		err := decoder.Decode(&one)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, one)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// find gives the first group of a pattern that a file must have.
func find(t *testing.T, file, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text(t, file))
	if m == nil {
		t.Fatalf("%s has no %s", file, pattern)
	}
	return m[1]
}

// version is Flink's in the pom.
func version(t *testing.T) string { return find(t, "../pom.xml", `<flink>([0-9.]+)</flink>`) }

// Both deployments are ones that the operator takes, and run the job: its class, its flags, its jar, its Flink.
func TestDeployments(t *testing.T) {
	flags := map[string]bool{}
	for _, m := range regexp.MustCompile(`f\.add\("([a-z-]+)"`).FindAllStringSubmatch(text(t, "../src/main/java/taxistream/job/Config.java"), -1) {
		flags[m[1]] = true
	}
	part := strings.Split(version(t), ".")
	jar := find(t, "../pom.xml", `<finalName>([a-z-]+)</finalName>`) + ".jar"
	for _, file := range []string{"flinkdeployment.yaml", "emr.yaml"} {
		all := read[deployment](t, file)
		if len(all) != 1 {
			t.Fatalf("%s has %d documents", file, len(all))
		}
		d := all[0]
		if d.APIVersion != "flink.apache.org/v1beta1" || d.Kind != "FlinkDeployment" || d.Metadata.Name != "taxistream-flink" {
			t.Errorf("%s is %s %s %s", file, d.APIVersion, d.Kind, d.Metadata.Name)
		}
		if want := "v" + part[0] + "_" + part[1]; d.Spec.FlinkVersion != want {
			t.Errorf("%s: flinkVersion %s, the pom has %s", file, d.Spec.FlinkVersion, want)
		}
		j := d.Spec.Job
		class := "../src/main/java/" + strings.ReplaceAll(j.EntryClass, ".", "/") + ".java"
		if !strings.Contains(text(t, class), "public static void main(") || find(t, "../pom.xml", `<mainClass>([\w.]+)</mainClass>`) != j.EntryClass {
			t.Errorf("%s: entryClass %s", file, j.EntryClass)
		}
		if !strings.HasSuffix(j.JarURI, "/"+jar) || j.UpgradeMode != "savepoint" || j.State != "running" || j.Parallelism < 1 {
			t.Errorf("%s: %+v", file, j)
		}
		var given []string
		for _, arg := range j.Args {
			name, value, ok := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
			if !flags[name] || !ok || value == "" {
				t.Errorf("%s: the job has no flag %s", file, arg)
			}
			given = append(given, name)
		}
		if !slices.Contains(given, "opensearch-endpoint") || !slices.Contains(given, "stream") {
			t.Errorf("%s: the job needs more than %q", file, given)
		}
		if d.Spec.JobManager.Resource.Memory == "" || d.Spec.TaskManager.Resource.CPU <= 0 {
			t.Errorf("%s: resources %+v %+v", file, d.Spec.JobManager, d.Spec.TaskManager)
		}
	}
}

// What EMR does in its own way is left to it; all else is the same.
func TestEMRDiffersInItsOwn(t *testing.T) {
	open, emr := read[deployment](t, "flinkdeployment.yaml")[0], read[deployment](t, "emr.yaml")[0]
	if emr.Spec.EMRReleaseLabel == "" || emr.Spec.ExecutionRoleARN == "" || emr.Spec.JobManager.StorageDir == "" || emr.Spec.Image != "" || emr.Spec.ServiceAccount != "" {
		t.Errorf("EMR's fields are %+v", emr.Spec)
	}
	if open.Spec.EMRReleaseLabel != "" || open.Spec.ExecutionRoleARN != "" || open.Spec.JobManager.StorageDir != "" {
		t.Error("the open operator has none of EMR's fields")
	}
	settings := maps.Clone(open.Spec.FlinkConfiguration)
	for _, own := range []string{"high-availability.type", "high-availability.storageDir", "s3.aws.credentials.provider"} {
		if settings[own] == "" {
			t.Errorf("%s is not set", own)
		}
		delete(settings, own)
	}
	if !maps.Equal(settings, emr.Spec.FlinkConfiguration) {
		t.Errorf("the settings are %v, EMR's %v", settings, emr.Spec.FlinkConfiguration)
	}
	open.Spec.Job.JarURI, emr.Spec.Job.JarURI = "", ""
	if !reflect.DeepEqual(open.Spec.Job, emr.Spec.Job) || open.Spec.JobManager.Resource != emr.Spec.JobManager.Resource || open.Spec.TaskManager != emr.Spec.TaskManager {
		t.Error("the jobs differ")
	}
}

// The pods run under the account that is there, which may do what Flink does and no more, as nobody special.
func TestAccount(t *testing.T) {
	open := read[deployment](t, "flinkdeployment.yaml")[0]
	all := read[account](t, "serviceaccount.yaml")
	if len(all) != 3 {
		t.Fatalf("%d documents", len(all))
	}
	sa, role, binding := all[0], all[1], all[2]
	if sa.Kind != "ServiceAccount" || sa.Metadata.Name != open.Spec.ServiceAccount || sa.Metadata.Annotations["eks.amazonaws.com/role-arn"] == "" {
		t.Errorf("the account is %+v, the pods' %s", sa, open.Spec.ServiceAccount)
	}
	if role.Kind != "Role" || binding.Kind != "RoleBinding" || binding.RoleRef.Kind != "Role" || binding.RoleRef.Name != role.Metadata.Name ||
		len(binding.Subjects) != 1 || binding.Subjects[0].Kind != "ServiceAccount" || binding.Subjects[0].Name != sa.Metadata.Name {
		t.Errorf("%+v binds %+v", binding, role)
	}
	for _, rule := range role.Rules {
		if slices.Contains(rule.Verbs, "*") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.Resources, "secrets") {
			t.Errorf("%+v", rule)
		}
	}
	spec := open.Spec.PodTemplate.Spec
	if len(spec.Containers) != 1 || spec.Containers[0].Name != "flink-main-container" || !spec.SecurityContext.RunAsNonRoot ||
		spec.Containers[0].SecurityContext.AllowPrivilegeEscalation || !slices.Equal(spec.Containers[0].SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("the pods are %+v", spec)
	}
}

// The image is Flink's of the pom's version and Java, with the jar where the deployment looks for it.
func TestImage(t *testing.T) {
	java := find(t, "../pom.xml", `<maven.compiler.release>(\d+)<`)
	if got, want := find(t, "Dockerfile", `(?m)^FROM (\S+)$`), "flink:"+version(t)+"-java"+java; got != want {
		t.Errorf("the image is made from %s, want %s", got, want)
	}
	if plugin := find(t, "Dockerfile", `flink-s3-fs-hadoop-([0-9.]+)\.jar`); plugin != version(t) {
		t.Errorf("the file system for S3 is of %s", plugin)
	}
	open := read[deployment](t, "flinkdeployment.yaml")[0]
	if put := find(t, "Dockerfile", `(?m)^COPY .* (\S+)$`); "local://"+put != open.Spec.Job.JarURI {
		t.Errorf("the jar is at %s, the job looks for it at %s", put, open.Spec.Job.JarURI)
	}
}
