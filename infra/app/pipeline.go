package app

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// Pipeline is the stack that tests each push to the branch, builds the image and
// deploys every stack, itself included, with the options that it was deployed
// with itself. What may be deployed is bounded by the roles of the CDK's
// bootstrap, which are all that its own role may take.
type Pipeline struct {
	awscdk.Stack
	Key       awskms.Key
	Artifacts awss3.Bucket
	Pipeline  awscodepipeline.CfnPipeline
}

// NewPipeline makes the stack "Pipeline".
func NewPipeline(app constructs.Construct, cfg config.Config) *Pipeline {
	stack := newStack(app, cfg, "Pipeline", "Taxi trips: tests, builds and deploys what is pushed")
	p := &Pipeline{Stack: stack}
	p.Key = awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the sources that the pipeline passes on"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	p.Artifacts = privateBucket(stack, "Artifacts", p.Key, false, false, &[]*awss3.LifecycleRule{{
		Id: jsii.String("artifacts"), Expiration: days(30), AbortIncompleteMultipartUploadAfter: days(7),
	}})
	test := p.project("Test", "make test", cfg, testSpec(), false)
	deploy := p.project("Deploy", "cdk deploy, which builds the image", cfg, deploySpec(cfg), true)
	stages := []any{
		stage("Source", sourceAction(cfg)),
		stage("Test", buildAction("Test", test)),
	}
	if cfg.Pipeline.Approval {
		stages = append(stages, stage("Approve", &awscodepipeline.CfnPipeline_ActionDeclarationProperty{
			Name: jsii.String("Approve"), ActionTypeId: actionType("Approval", "Manual"),
		}))
	}
	stages = append(stages, stage("Deploy", buildAction("Deploy", deploy)))
	role := awsiam.NewRole(stack, jsii.String("PipelineRole"), &awsiam.RoleProps{
		Description: jsii.String("CodePipeline: fetches the sources and starts the builds"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("codepipeline.amazonaws.com"), nil),
	})
	p.Pipeline = awscodepipeline.NewCfnPipeline(stack, jsii.String("Pipeline"), &awscodepipeline.CfnPipelineProps{
		Name:         jsii.String(cfg.Name),
		PipelineType: jsii.String("V2"),
		RoleArn:      role.RoleArn(),
		Stages:       stages,
		ArtifactStore: &awscodepipeline.CfnPipeline_ArtifactStoreProperty{
			Type: jsii.String("S3"), Location: p.Artifacts.BucketName(),
			EncryptionKey: &awscodepipeline.CfnPipeline_EncryptionKeyProperty{Id: p.Key.KeyArn(), Type: jsii.String("KMS")},
		},
	})
	role.AddToPolicy(allow(nil, jsii.String(cfg.Pipeline.Connection), useConnection(cfg.Pipeline.Connection)))
	for _, project := range []awscodebuild.CfnProject{test, deploy} {
		role.AddToPolicy(allow(nil, project.AttrArn(), "codebuild:StartBuild", "codebuild:BatchGetBuilds"))
	}
	p.mayUseArtifacts(role, "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
	p.Pipeline.Node().AddDependency(role)
	return p
}

// buildRole is one that CodeBuild takes for projects of this account only.
func (p *Pipeline) buildRole(id, description string) awsiam.Role {
	return awsiam.NewRole(p.Stack, jsii.String(id), &awsiam.RoleProps{
		Description: jsii.String(description),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("codebuild.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: equals("aws:SourceAccount", p.Stack.Account()),
		}),
	})
}

func (p *Pipeline) mayUseArtifacts(role awsiam.Role, actions ...string) {
	role.AddToPolicy(allow(nil, p.Artifacts.BucketArn(), "s3:GetBucketVersioning", "s3:GetBucketLocation"))
	role.AddToPolicy(allow(nil, p.Artifacts.ArnForObjects(jsii.String("*")), actions...))
	role.AddToPolicy(allow(equals("kms:ViaService", viaService(p.Stack, "s3")), p.Key.KeyArn(), "kms:Decrypt", "kms:GenerateDataKey"))
	accept(role, "AwsSolutions-IAM5", "the objects of the artifacts' bucket, which CodePipeline names, and the streams of one log group")
}

func stage(name string, action *awscodepipeline.CfnPipeline_ActionDeclarationProperty) *awscodepipeline.CfnPipeline_StageDeclarationProperty {
	return &awscodepipeline.CfnPipeline_StageDeclarationProperty{Name: jsii.String(name), Actions: []any{action}}
}

func actionType(category, provider string) *awscodepipeline.CfnPipeline_ActionTypeIdProperty {
	return &awscodepipeline.CfnPipeline_ActionTypeIdProperty{
		Category: jsii.String(category), Owner: jsii.String("AWS"), Provider: jsii.String(provider), Version: jsii.String("1"),
	}
}

// sourceAction fetches the files of a push, without the history.
func sourceAction(cfg config.Config) *awscodepipeline.CfnPipeline_ActionDeclarationProperty {
	return &awscodepipeline.CfnPipeline_ActionDeclarationProperty{
		Name:         jsii.String("Source"),
		ActionTypeId: actionType("Source", "CodeStarSourceConnection"),
		Configuration: map[string]any{
			"ConnectionArn": cfg.Pipeline.Connection, "FullRepositoryId": cfg.Pipeline.Repository, "BranchName": cfg.Pipeline.Branch,
			"OutputArtifactFormat": "CODE_ZIP", "DetectChanges": true,
		},
		OutputArtifacts: []any{&awscodepipeline.CfnPipeline_OutputArtifactProperty{Name: jsii.String("Source")}},
	}
}

func buildAction(name string, project awscodebuild.CfnProject) *awscodepipeline.CfnPipeline_ActionDeclarationProperty {
	return &awscodepipeline.CfnPipeline_ActionDeclarationProperty{
		Name:           jsii.String(name),
		ActionTypeId:   actionType("Build", "CodeBuild"),
		Configuration:  map[string]any{"ProjectName": project.Ref()},
		InputArtifacts: []any{&awscodepipeline.CfnPipeline_InputArtifactProperty{Name: jsii.String("Source")}},
	}
}
