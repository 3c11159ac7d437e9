package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsopensearchservice"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// A login is how people come to the dashboards: a user pool of invited people,
// its page, and an identity pool that gives who has logged in the reader's role.
type login struct {
	users  awscognito.UserPool
	page   awscognito.UserPoolDomain
	pool   awscognito.CfnIdentityPool
	reader awsiam.Role
	setup  awsiam.Role // of OpenSearch Service, which makes the pool's client itself
	roles  awscognito.CfnIdentityPoolRoleAttachment
}

func newLogin(stack awscdk.Stack, cfg config.Config) *login {
	l := &login{users: newUsers(stack, cfg)}
	l.page = l.users.AddDomain(jsii.String("Page"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{DomainPrefix: uniquePrefix(stack)},
	})
	// Its providers are left out: OpenSearch Service adds the client that it makes.
	l.pool = awscognito.NewCfnIdentityPool(stack, jsii.String("Identities"), &awscognito.CfnIdentityPoolProps{
		AllowUnauthenticatedIdentities: jsii.Bool(false),
	})
	l.reader = awsiam.NewRole(stack, jsii.String("Reader"), &awsiam.RoleProps{
		Description: jsii.String("Who has logged in to the dashboards of taxi trips"),
		AssumedBy: awsiam.NewWebIdentityPrincipal(jsii.String("cognito-identity.amazonaws.com"), &map[string]any{
			"StringEquals":           map[string]any{"cognito-identity.amazonaws.com:aud": l.pool.Ref()},
			"ForAnyValue:StringLike": map[string]any{"cognito-identity.amazonaws.com:amr": "authenticated"},
		}),
	})
	l.roles = awscognito.NewCfnIdentityPoolRoleAttachment(stack, jsii.String("IdentityRoles"), &awscognito.CfnIdentityPoolRoleAttachmentProps{
		IdentityPoolId: l.pool.Ref(),
		Roles:          map[string]any{"authenticated": l.reader.RoleArn()},
	})
	l.setup = l.newSetup(stack, cfg)
	return l
}

// newUsers makes the pool. Nobody signs up; who is invited gets a mail with a
// password for the first login.
func newUsers(stack awscdk.Stack, cfg config.Config) awscognito.UserPool {
	props := &awscognito.UserPoolProps{
		SelfSignUpEnabled: jsii.Bool(false),
		// As OpenSearch Service wants it. Without an alias a user name may be an address.
		SignInAliases:       &awscognito.SignInAliases{Username: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false),
		StandardAttributes: &awscognito.StandardAttributes{
			Email: &awscognito.StandardAttribute{Required: jsii.Bool(true), Mutable: jsii.Bool(true)},
		},
		AccountRecovery: awscognito.AccountRecovery_EMAIL_ONLY,
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength: jsii.Number(14), RequireDigits: jsii.Bool(true), RequireLowercase: jsii.Bool(true),
			RequireUppercase: jsii.Bool(true), RequireSymbols: jsii.Bool(true),
			TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3)),
		},
		FeaturePlan: awscognito.FeaturePlan_ESSENTIALS,
		UserInvitation: &awscognito.UserInvitationConfig{
			EmailSubject: jsii.String("Your login to the dashboard of taxi trips"),
			EmailBody:    jsii.String("Your user name is {username}, your password for the first login {####}"),
		},
		RemovalPolicy: removal(cfg),
	}
	if cfg.Search.MFA {
		props.Mfa = awscognito.Mfa_REQUIRED
		props.MfaSecondFactor = &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)}
	}
	users := awscognito.NewUserPool(stack, jsii.String("Users"), props)
	if !cfg.Search.MFA {
		accept(users, "AwsSolutions-COG2", "a second factor is asked for with -c search.mfa=true; the dashboard only reads")
	}
	accept(users, "AwsSolutions-COG3", "nobody signs up and passwords are long; threat protection is the plan Plus, at a price for each user")
	accept(users, "AwsSolutions-COG8", "the plan Plus adds threat protection, at a price for each user; nobody signs up and passwords are long")
	return users
}

// newSetup is the role by which OpenSearch Service makes and removes its client in the
// two pools, for this domain only: without the conditions it would take the role for a
// domain of any account (OpenSearch Service guide, "Cross-service confused deputy
// prevention"). The actions are those of AWS's own policy
// AmazonOpenSearchServiceCognitoAccess, which has them for all pools of the account,
// less SetIdentityPoolRoles and with it iam:PassRole: the stack itself says which role
// people get, and the service could give them another.
func (l *login) newSetup(stack awscdk.Stack, cfg config.Config) awsiam.Role {
	pool := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cognito-identity"), Resource: jsii.String("identitypool"), ResourceName: l.pool.Ref(),
	})
	return awsiam.NewRole(stack, jsii.String("LoginSetup"), &awsiam.RoleProps{
		Description: jsii.String("OpenSearch Service connects the domain of taxi trips with its login"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("opensearchservice.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike":      map[string]any{"aws:SourceArn": domainARN(stack, cfg.DomainName())},
			},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Login": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
				allow(nil, l.users.UserPoolArn(),
					"cognito-idp:AdminInitiateAuth", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:CreateUserPoolClient",
					"cognito-idp:DeleteUserPoolClient", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient",
					"cognito-idp:ListUserPoolClients", "cognito-idp:UpdateUserPoolClient"),
				allow(nil, pool,
					"cognito-identity:DescribeIdentityPool", "cognito-identity:GetIdentityPoolRoles", "cognito-identity:UpdateIdentityPool"),
			}}),
		},
	})
}

// uniquePrefix is of the stack alone, in all the world, as the names of login
// pages must be: the UUID in the stack's id.
func uniquePrefix(stack awscdk.Stack) *string {
	uuid := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), stack.StackId(), nil))
	return awscdk.Fn_Join(jsii.String("-"), &[]*string{jsii.String("trips"), uuid})
}

func (l *login) options() *awsopensearchservice.CognitoOptions {
	return &awsopensearchservice.CognitoOptions{UserPoolId: l.users.UserPoolId(), IdentityPoolId: l.pool.Ref(), Role: l.setup}
}

// outputs tell how the first user is made.
func (l *login) outputs(stack awscdk.Stack) {
	output(stack, "UserPoolId", "the pool of those who may log in", l.users.UserPoolId())
	output(stack, "InviteUser", "makes a user, who gets a mail with a password for the first login", awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("aws cognito-idp admin-create-user --region "), stack.Region(), jsii.String(" --user-pool-id "), l.users.UserPoolId(),
		jsii.String(" --username ADDRESS --user-attributes Name=email,Value=ADDRESS Name=email_verified,Value=true"),
	}))
}
