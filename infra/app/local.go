package app

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/local"
)

// localSynthesizer asks for no bootstrap stack. The CDK's bootstrapless one
// refuses a stack with assets, so this one makes them and local.Rewrite leaves
// them out, with what runs them.
func localSynthesizer() awscdk.IStackSynthesizer {
	return awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)})
}

// leaveOut makes the synthesised deployment one for LocalStack and lists what is not in it.
func leaveOut(folder string, to io.Writer) error {
	left, err := local.Rewrite(folder)
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "left out, for LocalStack's free edition has it not:\n")
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, l := range left {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", l.Stack, l.ID, l.Type, l.Reason)
	}
	return w.Flush()
}
