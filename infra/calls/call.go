// Package calls knows programs' calls of AWS as IAM judges them: it records them
// from HTTP on the way to a server, and says which policies allow them.
//
// The integration run records what producer and processor call, in
// infra/app/testdata/calls-*.json; the tests of infra/app hold the roles against
// it. The package knows the calls of Kinesis, S3 and OpenSearch that a program
// of this repository could make; any other is recorded as one that no policy allows.
package calls

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Call is what IAM asks before a request is served: may this action be done to
// this resource. In a record, names of one deployment stand as {stream}.
type Call struct {
	Action   string            `json:"action"`   // kinesis:PutRecords
	Resource string            `json:"resource"` // an ARN's last part: stream/{stream}, {bucket}/key, domain/{domain}/path
	Context  map[string]string `json:"context,omitempty"`
	Because  string            `json:"because,omitempty"` // where the request itself does not show it
}

// OfKinesis is the call of a request of the JSON protocol. A request that names
// no stream goes on where one that did has begun.
func OfKinesis(r *http.Request, body []byte, stream string) []Call {
	version, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok || !strings.HasPrefix(version, "Kinesis_") {
		return unknown(r)
	}
	var in struct{ StreamName, StreamARN, ConsumerARN string }
	if err := json.Unmarshal(body, &in); err != nil {
		return unknown(r)
	}
	resource := "stream/" + stream
	switch {
	case in.ConsumerARN != "":
		resource = lastPart(in.ConsumerARN)
	case in.StreamARN != "":
		resource = lastPart(in.StreamARN)
	case in.StreamName != "":
		resource = "stream/" + in.StreamName
	}
	return []Call{{Action: "kinesis:" + operation, Resource: resource}}
}

// lastPart is what follows region and account.
func lastPart(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return parts[len(parts)-1]
}

// OfS3 are the calls of a request with the bucket in its path, and of its answer:
// "Required permissions" in S3's user guide and API reference.
func OfS3(r *http.Request, status int) []Call {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	object, query := bucket+"/"+key, r.URL.Query()
	plain := len(query) == 0 || len(query) == 1 && query.Has("x-id") // the SDK's name of the operation
	switch {
	case r.Method == http.MethodGet && key == "" && query.Get("list-type") == "2":
		return []Call{{Action: "s3:ListBucket", Resource: bucket, Context: map[string]string{"s3:prefix": query.Get("prefix")}}}
	case key == "" || !plain:
		return unknown(r)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		calls := []Call{{Action: "s3:GetObject", Resource: object}}
		if status == http.StatusNotFound {
			calls = append(calls, Call{Action: "s3:ListBucket", Resource: bucket, Because: "without it S3 answers 403, not 404, for an object that is not there"})
		}
		return calls
	case r.Method == http.MethodPut:
		calls := []Call{{Action: "s3:PutObject", Resource: object}}
		if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
			from, err := url.PathUnescape(strings.TrimPrefix(source, "/"))
			if err != nil {
				return unknown(r)
			}
			calls = append(calls, Call{Action: "s3:GetObject", Resource: from, Because: "a copy reads its source"})
		}
		if r.Header.Get("If-Match") != "" {
			calls = append(calls, Call{Action: "s3:GetObject", Resource: object, Because: "a write on condition of an ETag reads it"})
		}
		return calls
	case r.Method == http.MethodDelete:
		return []Call{{Action: "s3:DeleteObject", Resource: object}}
	}
	return unknown(r)
}

// OfOpenSearch is the call of a request to a domain: an action for each method,
// on the domain's path.
func OfOpenSearch(r *http.Request, domain string) []Call {
	if len(r.Method) < 2 {
		return unknown(r)
	}
	return []Call{{Action: "es:ESHttp" + r.Method[:1] + strings.ToLower(r.Method[1:]), Resource: "domain/" + domain + r.URL.Path}}
}

// unknown is a call that no policy allows, so that it is noticed.
func unknown(r *http.Request) []Call {
	what := r.Method + " " + r.URL.RequestURI()
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		what = target
	}
	return []Call{{Action: "unknown:" + what, Resource: "unknown"}}
}
