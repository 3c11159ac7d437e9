package app

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// imageUser is the user and group that the image's Dockerfile names.
const imageUser = "65532:65532"

// programImage is the image of the programs: the one of -c image=, or an asset
// of the repository's Dockerfile. Each
// stack that runs it makes its own; the same content is stored once.
func programImage(stack awscdk.Stack, cfg config.Config) awsecs.ContainerImage {
	if cfg.Local && cfg.Image == "" {
		return awsecs.ContainerImage_FromRegistry(jsii.String("taxistream:local"), nil) // nothing runs it there
	}
	if cfg.Image == "" {
		return builtImage(cfg, repository())
	}
	if parts := ecrImage.FindStringSubmatch(cfg.Image); parts != nil {
		account, region, name, tag := parts[1], parts[2], parts[3], parts[4]
		repository := awsecr.Repository_FromRepositoryAttributes(stack, jsii.String("Image"), &awsecr.RepositoryAttributes{
			RepositoryName: jsii.String(name),
			RepositoryArn: awscdk.Arn_Format(&awscdk.ArnComponents{
				Service: jsii.String("ecr"), Region: jsii.String(region), Account: jsii.String(account),
				Resource: jsii.String("repository"), ResourceName: jsii.String(name),
			}, stack),
		})
		return awsecs.ContainerImage_FromEcrRepository(repository, jsii.String(tag))
	}
	return awsecs.ContainerImage_FromRegistry(jsii.String(cfg.Image), nil)
}

// ecrImage is an image in somebody's private ECR repository, which the tasks
// need a right to read: account, region, repository, and a tag or digest.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)[:@](.+)$`)

// builtImage is an asset that Docker builds when it is deployed, on any machine for
// either architecture: the Dockerfile and, by .dockerignore, the sources of the programs
// and nothing else, so that it changes when they do and at no other time.
func builtImage(cfg config.Config, root string) awsecs.ContainerImage {
	platform := awsecrassets.Platform_LINUX_AMD64()
	if cfg.CPU == "arm64" {
		platform = awsecrassets.Platform_LINUX_ARM64()
	}
	return awsecs.ContainerImage_FromAsset(jsii.String(root), &awsecs.AssetImageProps{
		AssetName:  jsii.String("programs"),
		Platform:   platform,
		IgnoreMode: awscdk.IgnoreMode_DOCKER,
	})
}
