//go:build integration && deploy

package integration

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A listing is a question to AWS whose answer names resources.
type listing struct {
	what, service string
	method, path  string
	target, body  string     // of the JSON protocol; the empty body is {}
	form          url.Values // of the query protocol
	name          *regexp.Regexp
	gone          *regexp.Regexp // in what follows a name: it is listed for a while after its end
}

// listings are the resources that a deployment could leave behind. A key that
// waits for its deletion is gone: no program can use it.
var listings = []listing{
	{what: "stack", service: "cloudformation", form: query("DescribeStacks", "2010-05-15"), name: regexp.MustCompile(`<StackName>([^<]+)<`), gone: regexp.MustCompile(`<StackStatus>DELETE_COMPLETE<`)},
	{what: "role", service: "iam", form: query("ListRoles", "2010-05-08"), name: regexp.MustCompile(`<RoleName>([^<]+)<`)},
	{what: "policy", service: "iam", form: query("ListPolicies", "2010-05-08", "Scope", "Local"), name: regexp.MustCompile(`<PolicyName>([^<]+)<`)},
	{what: "topic", service: "sns", form: query("ListTopics", "2010-03-31"), name: regexp.MustCompile(`<TopicArn>([^<]+)<`)},
	{what: "vpc", service: "ec2", form: query("DescribeVpcs", "2016-11-15"), name: regexp.MustCompile(`<vpcId>([^<]+)<`)},
	{what: "subnet", service: "ec2", form: query("DescribeSubnets", "2016-11-15"), name: regexp.MustCompile(`<subnetId>([^<]+)<`)},
	{what: "security group", service: "ec2", form: query("DescribeSecurityGroups", "2016-11-15"), name: regexp.MustCompile(`<groupId>([^<]+)<`)},
	{what: "endpoint", service: "ec2", form: query("DescribeVpcEndpoints", "2016-11-15"), name: regexp.MustCompile(`<vpcEndpointId>([^<]+)<`), gone: regexp.MustCompile(`<state>delet`)},
	{what: "gateway", service: "ec2", form: query("DescribeInternetGateways", "2016-11-15"), name: regexp.MustCompile(`<internetGatewayId>([^<]+)<`)},
	{what: "alarm", service: "monitoring", form: query("DescribeAlarms", "2010-08-01", "AlarmTypes.member.1", "MetricAlarm", "AlarmTypes.member.2", "CompositeAlarm"), name: regexp.MustCompile(`<AlarmName>([^<]+)<`)},
	{what: "log group", service: "logs", target: "Logs_20140328.DescribeLogGroups", name: regexp.MustCompile(`"logGroupName": ?"([^"]+)"`)},
	{what: "stream", service: "kinesis", target: "Kinesis_20131202.ListStreams", name: regexp.MustCompile(`"StreamNames":\[((?:"[^"]*",?)*)`)},
	{what: "parameter", service: "ssm", target: "AmazonSSM.DescribeParameters", name: regexp.MustCompile(`"Name": ?"([^"]+)"`)},
	{what: "bucket", service: "s3", method: http.MethodGet, path: "/", name: regexp.MustCompile(`<Bucket>.*?<Name>([^<]+)<`)},
	{what: "domain", service: "es", method: http.MethodGet, path: "/2021-01-01/domain", name: regexp.MustCompile(`"DomainName": ?"([^"]+)"`)},
}

func query(action, version string, more ...string) url.Values {
	form := url.Values{"Action": {action}, "Version": {version}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// inventory are the resources that a LocalStack holds, as "bucket x", in order.
func inventory(t *testing.T, endpoint string) []string {
	t.Helper()
	var all []string
	for _, l := range listings {
		answer := l.ask(t, endpoint)
		found := l.name.FindAllStringSubmatchIndex(answer, -1)
		for i, m := range found {
			end := len(answer)
			if i+1 < len(found) {
				end = found[i+1][0]
			}
			if l.gone == nil || !l.gone.MatchString(answer[m[1]:end]) {
				all = append(all, l.what+" "+answer[m[2]:m[3]])
			}
		}
	}
	for _, m := range keyID.FindAllStringSubmatch(listing{what: "key", service: "kms", target: "TrentService.ListKeys"}.ask(t, endpoint), -1) {
		one := listing{what: "key", service: "kms", target: "TrentService.DescribeKey", body: fmt.Sprintf(`{"KeyId":%q}`, m[1])}
		if !strings.Contains(one.ask(t, endpoint), "PendingDeletion") {
			all = append(all, "key "+m[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var keyID = regexp.MustCompile(`"KeyId": ?"([^"]+)"`)

func (l listing) ask(t *testing.T, endpoint string) string {
	t.Helper()
	method, kind, body := http.MethodPost, "application/x-www-form-urlencoded", l.form.Encode()
	switch {
	case l.target != "":
		kind, body = "application/x-amz-json-1.1", cmp.Or(l.body, "{}")
	case l.method != "":
		method, body = l.method, ""
	}
	req, err := http.NewRequestWithContext(t.Context(), method, endpoint+"/"+strings.TrimPrefix(l.path, "/"), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if l.target != "" {
		req.Header.Set("X-Amz-Target", l.target)
	}
	// LocalStack reads the service from the signature and does not check it.
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0", l.service))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("list each %s: %s, %v\n%s", l.what, resp.Status, err, answer)
	}
	return string(answer)
}
