package app

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
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
// of the repository's Dockerfile over what `make image` left in bin/image. Each
// stack that runs it makes its own; the same content is stored once.
func programImage(stack awscdk.Stack, cfg config.Config) awsecs.ContainerImage {
	if cfg.Local && cfg.Image == "" {
		return awsecs.ContainerImage_FromRegistry(jsii.String("taxistream:local"), nil) // nothing runs it there
	}
	if cfg.Image == "" {
		return builtImage(stack, cfg, repository())
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

// builtImage is an asset that holds the Dockerfile and bin/image alone, so that
// it changes when a program does and at no other time. It panics where there is
// no such program, or one of another architecture than the tasks'.
func builtImage(stack awscdk.Stack, cfg config.Config, root string) awsecs.ContainerImage {
	if err := checkBuilt(filepath.Join(root, "bin", "image", "usr", "local", "bin"), cfg.CPU); err != nil {
		panic(err.Error())
	}
	platform := awsecrassets.Platform_LINUX_AMD64()
	if cfg.CPU == "arm64" {
		platform = awsecrassets.Platform_LINUX_ARM64()
	}
	return awsecs.ContainerImage_FromAsset(jsii.String(root), &awsecs.AssetImageProps{
		AssetName:  jsii.String("programs"),
		Platform:   platform,
		Exclude:    jsii.Strings("*", "!Dockerfile", "!bin", "bin/*", "!bin/image", "!bin/image/**"),
		IgnoreMode: awscdk.IgnoreMode_DOCKER,
	})
}

// checkBuilt looks for the two programs in a folder, and for which architecture they are.
func checkBuilt(folder, cpu string) error {
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[cpu]
	for _, program := range []string{"producer", "processor"} {
		file, err := elf.Open(filepath.Join(folder, program))
		if os.IsNotExist(err) {
			return fmt.Errorf("bin/image has no %s: run make image, or name a built image with -c image=", program)
		} else if err != nil {
			return fmt.Errorf("bin/image: %s is no Linux program (%w): run make image on Linux, or name a built image with -c image=", program, err)
		}
		machine := file.Machine
		_ = file.Close() // nothing was written
		if machine != want {
			return fmt.Errorf("bin/image: %s is for %v, the tasks are %s: run make image on such a machine, or give -c cpu= or -c image=", program, machine, cpu)
		}
	}
	return nil
}
