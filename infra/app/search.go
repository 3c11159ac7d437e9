package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Search is the stack of the results: an OpenSearch domain, the login to its
// dashboards, and the function that puts index templates, saved objects and
// access rights into it.
//
// Three gates stand before a document: the domain's policy and IAM (who may send
// a request at all), the signature or the login (who is it), and the domain's own
// roles (what may be done with which index).
type Search struct {
	awscdk.Stack
	Domain  awsopensearchservice.Domain
	Handler awslambda.Function // of the custom resources; the domain's master user
	Reader  awsiam.Role        // of people who have logged in
	Objects awscdk.CustomResource

	cfg   config.Config
	users awscognito.UserPool // of the login
	page  *string             // its name
}

// NewSearch makes the stack "Search".
func NewSearch(app constructs.Construct, cfg config.Config, shared *network) *Search {
	stack := newStack(app, cfg, "Search", "Taxi trips: the OpenSearch domain, its login and its dashboard")
	s := &Search{Stack: stack, cfg: cfg}
	s.Handler = goFunction(stack, "Objects", "objects", "Puts templates, dashboard and access rights into the OpenSearch domain of taxi trips", cfg,
		awscdk.Duration_Minutes(jsii.Number(10)), map[string]*string{}, shared)
	keep(s.Handler.LogGroup())
	s.Handler.AddToRolePolicy(allow(nil, s.paths(stack, "*"), everyMethod...))
	accept(s.Handler, "AwsSolutions-IAM5", "every path of one domain, whose master user the function is")
	l := newLogin(stack, cfg)
	s.Reader, s.users, s.page = l.reader, l.users, l.page.DomainName()
	s.domain(cfg, l, shared)
	s.Objects = s.custom(stack, "SavedObjects", "SearchObjects", map[string]any{
		"From": cfg.Search.From, "To": cfg.Search.To, "KeepMonths": fmt.Sprint(cfg.Search.KeepMonths),
	})
	logs := s.custom(stack, "LogSettings", "SearchLogging", map[string]any{"SlowSeconds": fmt.Sprint(cfg.Search.SlowQuery)})
	s.Grant(stack, "Readers", s.Reader, AccessReader)
	s.grantOperators()
	if cfg.Search.WAF || len(cfg.Search.AllowList()) > 0 {
		newFirewall(stack, cfg, l.users.UserPoolArn())
	}
	output(stack, "Endpoint", "the -opensearch-endpoint of the processor", s.endpoint())
	output(stack, "Dashboard", "the dashboard: invite a user first", s.Objects.GetAttString(jsii.String("Address")))
	output(stack, "Landing", "what opens after the login", s.Objects.GetAttString(jsii.String("Landing")))
	output(stack, "Retention", "how long the domain keeps documents", s.Objects.GetAttString(jsii.String("Retention")))
	output(stack, "SlowLog", "what stands in the slow log, or why nothing does", logs.GetAttString(jsii.String("SlowLog")))
	l.outputs(stack)
	return s
}

// domain makes the OpenSearch domain.
func (s *Search) domain(cfg config.Config, l *login, shared *network) {
	o := cfg.Search
	capacity := &awsopensearchservice.CapacityConfig{
		DataNodes: jsii.Number(o.Nodes), DataNodeInstanceType: jsii.String(o.Instance),
		MultiAzWithStandbyEnabled: jsii.Bool(false),
	}
	if o.Masters != "" {
		capacity.MasterNodes, capacity.MasterNodeInstanceType = jsii.Number(3), jsii.String(o.Masters)
	}
	props := &awsopensearchservice.DomainProps{
		Version:    awsopensearchservice.EngineVersion_OPENSEARCH_2_19(),
		DomainName: jsii.String(cfg.DomainName()),
		Capacity:   capacity,
		Ebs: &awsopensearchservice.EbsOptions{
			VolumeSize: jsii.Number(o.VolumeGB), VolumeType: awsec2.EbsDeviceVolumeType_GP3,
		},
		EncryptionAtRest:     s.atRest(o),
		NodeToNodeEncryption: jsii.Bool(true),
		EnforceHttps:         jsii.Bool(true),
		TlsSecurityPolicy:    awsopensearchservice.TLSSecurityPolicy_TLS_1_2_PFS,
		FineGrainedAccessControl: &awsopensearchservice.AdvancedSecurityOptions{
			MasterUserArn: s.Handler.Role().RoleArn(),
		},
		CognitoDashboardsAuth: l.options(),
		// The policy of the log groups is a resource of the stack, not a call of the CDK's own function.
		Logging:                    newDomainLogs(s.Stack, s.arn(s.Stack), cfg),
		SuppressLogsResourcePolicy: jsii.Bool(true),
		EnableVersionUpgrade:       jsii.Bool(true),
		EnableAutoSoftwareUpdate:   jsii.Bool(true),
		OffPeakWindowEnabled:       jsii.Bool(true),
		RemovalPolicy:              awscdk.RemovalPolicy_DESTROY,
	}
	if o.Zones > 1 {
		props.ZoneAwareness = &awsopensearchservice.ZoneAwarenessConfig{Enabled: jsii.Bool(true), AvailabilityZoneCount: jsii.Number(o.Zones)}
	}
	if shared != nil {
		props.Vpc, props.VpcSubnets, props.SecurityGroups = shared.domainPlace(cfg)
	}
	s.Domain = awsopensearchservice.NewDomain(s.Stack, jsii.String("Domain"), props)
	s.Domain.Node().AddDependency(l.page, l.roles, s.Stack.Node().FindChild(jsii.String("LogsPolicy")), s.known(s.Handler.Role(), s.Reader, l.setup))
	s.letIn()
	if shared == nil {
		accept(s.Domain, "AwsSolutions-OS1", "a public address behind TLS, a signature or a login, and roles of its own: the dashboard needs no VPN; -c search.vpc=true gives it none. docs/threats.md, Accepted")
	}
	accept(s.Domain, "AwsSolutions-OS3", "who may come in is named by role, which says more than an address")
	if o.Masters == "" {
		accept(s.Domain, "AwsSolutions-OS4", "results can be made again from the stream or the archive: -c search.masters= adds managers")
	}
	if o.Zones == 1 {
		accept(s.Domain, "AwsSolutions-OS7", "results can be made again from the stream or the archive: -c search.zones= adds zones")
	}
}

func (s *Search) atRest(o config.Search) *awsopensearchservice.EncryptionAtRestOptions {
	options := &awsopensearchservice.EncryptionAtRestOptions{Enabled: jsii.Bool(true)}
	if o.OwnKey {
		options.KmsKey = awskms.NewKey(s.Stack, jsii.String("Key"), &awskms.KeyProps{
			Description:       jsii.String("Encrypts the results of taxi trips"),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     removal(s.cfg),
		})
	}
	return options
}

// custom is a custom resource of the function. It is put in place again when
// the function's code changes, and with it templates, objects or roles.
func (s *Search) custom(scope constructs.Construct, id, kind string, properties map[string]any) awscdk.CustomResource {
	properties["Endpoint"], properties["Prefix"], properties["Release"] = s.endpoint(), s.cfg.Processor.IndexPrefix, release("objects")
	resource := awscdk.NewCustomResource(scope, jsii.String(id), &awscdk.CustomResourceProps{
		ServiceToken: s.Handler.FunctionArn(),
		ResourceType: jsii.String("Custom::" + kind),
		Properties:   &properties,
		// A little more than the function's own.
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(12)),
	})
	// Without its rights the function can do nothing, and with a deletion they must go last.
	resource.Node().AddDependency(s.Handler.Role().Node().FindChild(jsii.String("DefaultPolicy")))
	return resource
}

// known waits until roles that were just made are known wherever they are asked for.
// A domain whose login's role cannot be taken yet, or whose policy or master user names a
// role that its region does not know yet, is refused, and its creation is not tried
// again (IAM guide, "Changes that I make are not always immediately visible").
func (s *Search) known(roles ...awsiam.IRole) awscdk.CustomResource {
	var arns []*string
	for _, r := range roles {
		arns = append(arns, r.RoleArn())
	}
	return awscdk.NewCustomResource(s.Stack, jsii.String("RolesKnown"), &awscdk.CustomResourceProps{
		ServiceToken: s.Handler.FunctionArn(), ResourceType: jsii.String("Custom::SearchRoles"), Properties: &map[string]any{"Roles": arns},
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(12)),
	})
}

func (s *Search) endpoint() *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("https://"), s.Domain.DomainEndpoint()})
}

// arn is the domain's, made of its name: what the domain itself needs can then name it.
func (s *Search) arn(stack awscdk.Stack) *string { return domainARN(stack, s.cfg.DomainName()) }

// paths are the domain's URLs that begin with its address and match path.
func (s *Search) paths(stack awscdk.Stack, path string) *string {
	return domainARN(stack, s.cfg.DomainName()+"/"+path)
}

func domainARN(stack awscdk.Stack, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("es"), Resource: jsii.String("domain"), ResourceName: jsii.String(name),
	})
}

// release is the content of a function's code as 64 hex digits.
func release(name string) string {
	code, err := os.ReadFile(filepath.Join(functionFolder(name), "bootstrap"))
	if err != nil {
		panic(err.Error())
	}
	sum := sha256.Sum256(code)
	return hex.EncodeToString(sum[:])
}
