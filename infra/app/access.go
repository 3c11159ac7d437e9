package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/internal/names"
)

// What Grant gives. The names are those of infra/lambda/objects.
const (
	AccessWriter = "writer" // the processor: templates, bulk and searches of its own indexes
	AccessReader = "reader" // people: searches of these indexes, the dashboard, nothing written
)

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
		role.AddToPrincipalPolicy(allow(nil, s.paths(stack, "*"), everyMethod...))
		accept(role, "AwsSolutions-IAM5", "every path of one domain: what may be read there is the domain's own role's")
	default:
		panic("access " + access + ": choose " + AccessWriter + " or " + AccessReader)
	}
	return s.custom(scope, id, "SearchAccess", map[string]any{"Role": role.RoleArn(), "Access": access})
}

// grantWriter allows the requests that a processor sends, by method and path.
func (s *Search) grantWriter(stack awscdk.Stack, role awsiam.IRole) {
	var templates, indexes, looks []*string // looks: what the processor checks at its start
	for _, alias := range []string{names.PickupCount, names.TripDuration, names.TaxiRejects} {
		name := s.cfg.Processor.IndexPrefix + alias
		templates = append(templates, s.paths(stack, "_index_template/"+name))
		indexes = append(indexes, s.paths(stack, name+"/*"))
		looks = append(looks, s.paths(stack, name+","+name+"-*/_mapping"))
	}
	for _, statement := range []*awsiam.PolicyStatementProps{
		{Actions: jsii.Strings("es:ESHttpGet", "es:ESHttpPut"), Resources: &templates},
		{Actions: jsii.Strings("es:ESHttpPost"), Resources: ptr(append(indexes, s.paths(stack, "_bulk")))},
		{Actions: jsii.Strings("es:ESHttpGet"), Resources: ptr(append(looks, s.paths(stack, "_index_template")))},
	} {
		role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(statement))
	}
	accept(role, "AwsSolutions-IAM5", "the searches of the processor's own indexes")
}

func ptr[T any](v T) *T { return &v }
