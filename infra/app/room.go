package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// The gate's name, as a program and a container, and its port.
const (
	gateName = "gate"
	gatePort = 8082
)

// A room is the control room on AWS: the processor's pages, which stay on its loopback,
// behind the gate beside it in its task (infra/gate, ADR 0036). The load balancer has people
// log in as for the dashboards, and the gate takes its signature alone.
type room struct {
	group    awsec2.SecurityGroup
	balancer awselasticloadbalancingv2.ApplicationLoadBalancer
	target   awselasticloadbalancingv2.ApplicationTargetGroup
	listener awselasticloadbalancingv2.ApplicationListener
}

// openRoom makes the load balancer; nil where there is none.
func (p *Processor) openRoom(cfg config.Config, search *Search) *room {
	if !cfg.Room.On {
		return nil
	}
	r := &room{}
	r.group = awsec2.NewSecurityGroup(p.Stack, jsii.String("RoomGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.Vpc, Description: jsii.String("Load balancer of the control room: HTTPS in, the gate and the login out"), AllowAllOutbound: jsii.Bool(false),
	})
	from := cfg.Search.AllowList()
	if len(from) == 0 {
		from = []string{"0.0.0.0/0"}
		accept(r.group, "AwsSolutions-EC23", "everybody may ask for the login; -c search.allow-cidr= says from where")
	}
	for _, addresses := range from {
		r.group.AddIngressRule(awsec2.Peer_Ipv4(jsii.String(addresses)), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("people"), jsii.Bool(false))
	}
	r.group.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("Cognito"), jsii.Bool(false))
	r.group.AddEgressRule(p.Network.Group, awsec2.Port_Tcp(jsii.Number(gatePort)), jsii.String("the gate"), jsii.Bool(false))
	awsec2.NewCfnSecurityGroupIngress(p.Stack, jsii.String("GateFromRoom"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: p.Network.Group.SecurityGroupId(), SourceSecurityGroupId: r.group.SecurityGroupId(), IpProtocol: jsii.String("tcp"),
		FromPort: jsii.Number(gatePort), ToPort: jsii.Number(gatePort), Description: jsii.String("the load balancer of the control room"),
	})
	subnets := &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	if cfg.Room.Internal {
		subnets = p.Network.Subnets
	}
	r.balancer = awselasticloadbalancingv2.NewApplicationLoadBalancer(p.Stack, jsii.String("Room"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc: p.Vpc, VpcSubnets: subnets, SecurityGroup: r.group, InternetFacing: jsii.Bool(!cfg.Room.Internal), DropInvalidHeaderFields: jsii.Bool(true),
		// A page's events come every second; a minute without any would be no reason to end them.
		IdleTimeout:        awscdk.Duration_Minutes(jsii.Number(10)),
		DeletionProtection: jsii.Bool(cfg.Protect),
	})
	accept(r.balancer, "AwsSolutions-ELB2", "who logs in stands in Cognito's record, and the pages show figures, no trips")
	r.target = awselasticloadbalancingv2.NewApplicationTargetGroup(p.Stack, jsii.String("RoomTargets"), &awselasticloadbalancingv2.ApplicationTargetGroupProps{
		Vpc: p.Vpc, Port: jsii.Number(gatePort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP, TargetType: awselasticloadbalancingv2.TargetType_IP,
		HealthCheck:         &awselasticloadbalancingv2.HealthCheck{Path: jsii.String("/healthz"), HealthyHttpCodes: jsii.String("200")},
		DeregistrationDelay: awscdk.Duration_Seconds(jsii.Number(5)),
	})
	r.login(p.Stack, cfg, search)
	output(p.Stack, "RoomTarget", "what the control room's name is to be an alias of", r.balancer.LoadBalancerDnsName())
	output(p.Stack, "RoomURL", "the control room", jsii.String("https://"+cfg.Room.Domain))
	return r
}

// login has people log in to the pool of the dashboards before anything is passed on
// (Elastic Load Balancing guide, "Authenticate users using an Application Load Balancer").
func (r *room) login(stack awscdk.Stack, cfg config.Config, search *Search) {
	client := awscognito.NewCfnUserPoolClient(stack, jsii.String("RoomLogin"), &awscognito.CfnUserPoolClientProps{
		UserPoolId: search.users.UserPoolId(), ClientName: jsii.String(cfg.Name + "-room"), GenerateSecret: jsii.Bool(true),
		AllowedOAuthFlowsUserPoolClient: jsii.Bool(true), AllowedOAuthFlows: jsii.Strings("code"), AllowedOAuthScopes: jsii.Strings("openid"),
		SupportedIdentityProviders: jsii.Strings("COGNITO"),
		CallbackUrLs:               jsii.Strings("https://" + cfg.Room.Domain + "/oauth2/idpresponse"),
	})
	r.listener = r.balancer.AddListener(jsii.String("Https"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(443), Open: jsii.Bool(false), SslPolicy: awselasticloadbalancingv2.SslPolicy_RECOMMENDED_TLS,
		Certificates:        &[]awselasticloadbalancingv2.IListenerCertificate{awselasticloadbalancingv2.ListenerCertificate_FromArn(jsii.String(cfg.Room.Certificate))},
		DefaultTargetGroups: &[]awselasticloadbalancingv2.IApplicationTargetGroup{r.target},
	})
	cfn := r.listener.Node().DefaultChild().(awselasticloadbalancingv2.CfnListener)
	cfn.SetDefaultActions([]any{
		&awselasticloadbalancingv2.CfnListener_ActionProperty{
			Type: jsii.String("authenticate-cognito"), Order: jsii.Number(1),
			AuthenticateCognitoConfig: &awselasticloadbalancingv2.CfnListener_AuthenticateCognitoConfigProperty{
				UserPoolArn: search.users.UserPoolArn(), UserPoolClientId: client.Ref(), UserPoolDomain: search.page,
				SessionTimeout: jsii.String("28800"), // a working day
			},
		},
		&awselasticloadbalancingv2.CfnListener_ActionProperty{Type: jsii.String("forward"), Order: jsii.Number(2), TargetGroupArn: r.target.TargetGroupArn()},
	})
}

// addGate puts the gate beside the processor. Its end ends nothing else. Into a container
// for Systems Manager its agent writes, so that one's root can be written, and only that
// one's (ECS guide, "Monitor Amazon ECS containers with ECS Exec"); a port forward needs no shell.
func (p *Processor) addGate(cfg config.Config, r *room, image awsecs.ContainerImage) {
	if r == nil && !cfg.Room.Forward {
		return
	}
	command := []string{gateName}
	if r != nil {
		command = append(command, "-host", cfg.Room.Domain, "-signer", *r.balancer.LoadBalancerArn(), "-region", *p.Stack.Region())
	}
	linux := awsecs.NewLinuxParameters(p.Stack, jsii.String("GateLinux"), &awsecs.LinuxParametersProps{InitProcessEnabled: jsii.Bool(true)})
	linux.DropCapabilities(awsecs.Capability_ALL)
	p.Task.AddContainer(jsii.String(gateName), &awsecs.ContainerDefinitionOptions{
		ContainerName: jsii.String(gateName), Image: image, Essential: jsii.Bool(false),
		Command: jsii.Strings(command...), User: jsii.String(imageUser), LinuxParameters: linux,
		ReadonlyRootFilesystem: jsii.Bool(!cfg.Room.Forward),
		PortMappings:           &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(gatePort)}},
		Logging:                awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{LogGroup: p.Logs, StreamPrefix: jsii.String(gateName)}),
	})
	if cfg.Room.Forward {
		p.TaskRole.AddToPolicy(allow(nil, jsii.String("*"), "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"))
	}
}

// attach puts the service behind the load balancer, whose target group must have a
// listener before ECS takes it.
func (r *room) attach(service awsecs.FargateService) {
	cfn := service.Node().DefaultChild().(awsecs.CfnService)
	cfn.SetLoadBalancers([]any{&awsecs.CfnService_LoadBalancerProperty{
		ContainerName: jsii.String(gateName), ContainerPort: jsii.Number(gatePort), TargetGroupArn: r.target.TargetGroupArn(),
	}})
	cfn.SetHealthCheckGracePeriodSeconds(jsii.Number(300)) // as the processor's own start
	service.Node().AddDependency(r.listener)
}
