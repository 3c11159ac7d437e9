package app

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
	"taxistream/internal/names"
)

// What Grant gives. The names are those of infra/lambda/objects.
const (
	AccessWriter = "writer" // the processor: templates, bulk and searches of its own indexes
	AccessReader = "reader" // people: searches of these indexes, the dashboard, nothing written
	// accessOperator: cluster monitoring, these indexes' administration, ISM.
	accessOperator = "operator"
)

// readMethods are what Dashboards sends for somebody who only reads: searches are
// POSTs, saved objects come by GET and by POST to _mget and _search. PUT, PATCH and DELETE
// it sends for who may write (OpenSearch Dashboards, core/server/saved_objects and
// data/server/search).
var readMethods = []string{"es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost"}

// everyMethod are the requests that the domain's gate knows.
var everyMethod = []string{"es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPatch", "es:ESHttpPost", "es:ESHttpPut"}

// Grant lets a role into the domain, by IAM and by a role of the domain that it
// is mapped to. What needs the access must depend on the resource returned.
func (s *Search) Grant(scope constructs.Construct, id string, role awsiam.IRole, access string) awscdk.CustomResource {
	stack := awscdk.Stack_Of(scope)
	switch access {
	case AccessWriter:
		s.grantWriter(stack, role)
	case AccessReader:
		// Dashboards passes each of its requests on under this role.
		role.AddToPrincipalPolicy(allow(nil, s.paths(stack, "*"), readMethods...))
		accept(role, "AwsSolutions-IAM5", "every path of one domain: what may be read there is the domain's own role's")
	default:
		panic("access " + access + ": choose " + AccessWriter + " or " + AccessReader)
	}
	return s.custom(scope, id, "SearchAccess", map[string]any{"Role": role.RoleArn(), "Access": access})
}

// grantWriter allows the requests that a processor sends, by method and path. The job on
// Flink puts templates and writes in bulk, and reads nothing.
func (s *Search) grantWriter(stack awscdk.Stack, role awsiam.IRole) {
	var templates, indexes, looks []*string // looks: what the processor checks at its start
	for _, alias := range []string{names.PickupCount, names.TripDuration, names.TaxiRejects} {
		name := s.cfg.Processor.IndexPrefix + alias
		templates = append(templates, s.paths(stack, "_index_template/"+name))
		indexes = append(indexes, s.paths(stack, name+"/*"))
		looks = append(looks, s.paths(stack, name+","+name+"-*/_mapping"))
	}
	statements := []*awsiam.PolicyStatementProps{{Actions: jsii.Strings("es:ESHttpGet", "es:ESHttpPut"), Resources: &templates}}
	if s.cfg.Processor.Edition == config.EditionFlink {
		statements = append(statements, &awsiam.PolicyStatementProps{Actions: jsii.Strings("es:ESHttpPost"), Resources: &[]*string{s.paths(stack, "_bulk")}})
	} else {
		statements = append(statements,
			&awsiam.PolicyStatementProps{Actions: jsii.Strings("es:ESHttpPost"), Resources: ptr(append(indexes, s.paths(stack, "_bulk")))},
			&awsiam.PolicyStatementProps{Actions: jsii.Strings("es:ESHttpGet"), Resources: ptr(append(looks, s.paths(stack, "_index_template")))})
	}
	for _, statement := range statements {
		role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(statement))
	}
	accept(role, "AwsSolutions-IAM5", "the searches of the processor's own indexes")
}

// letIn writes the domain's own policy, which names roles and methods. It stands
// in the domain's properties: the CDK would set it with a function of its own,
// after a time in which the domain had none. Roles of other stacks are let in by
// policies of theirs, see Grant.
//
// Addresses are judged by a denial, for the readers' own policy lets them in as well,
// and only for people: the function and the tasks have no addresses of their own.
func (s *Search) letIn() {
	allowed := func(actions []string, principals ...any) map[string]any {
		return map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": principals}, "Action": actions, "Resource": s.paths(s.Stack, "*"),
		}
	}
	people := []any{s.Reader.RoleArn()}
	statements := []any{allowed(everyMethod, s.Handler.Role().RoleArn()), allowed(readMethods, people...)}
	for _, arn := range s.cfg.Search.OperatorList() {
		people = append(people, arn)
		statements = append(statements, allowed(everyMethod, arn))
	}
	if ranges := s.cfg.Search.AllowList(); len(ranges) > 0 {
		statements = append(statements, map[string]any{
			"Effect": "Deny", "Principal": map[string]any{"AWS": people}, "Action": "es:ESHttp*", "Resource": s.paths(s.Stack, "*"),
			"Condition": map[string]any{"NotIpAddress": map[string]any{"aws:SourceIp": ranges}},
		})
	}
	cfn := s.Domain.Node().DefaultChild().(awsopensearchservice.CfnDomain)
	cfn.SetAccessPolicies(map[string]any{"Version": "2012-10-17", "Statement": statements})
}

// grantOperators gives each of search.operators its role of the domain.
func (s *Search) grantOperators() {
	for i, arn := range s.cfg.Search.OperatorList() {
		s.custom(s.Stack, "Operator"+strconv.Itoa(i+1), "SearchAccess", map[string]any{"Role": arn, "Access": accessOperator})
	}
}

func ptr[T any](v T) *T { return &v }
