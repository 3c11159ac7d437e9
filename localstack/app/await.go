package app

import (
	"context"
	"fmt"
	"io"

	processor "taxistream/processor/app"
)

// caughtUpAt waits for a processor of another process as [processor.Processor.CaughtUp]
// does, and says which results are still to come.
func caughtUpAt(ctx context.Context, address string, stderr io.Writer) error {
	c, err := processor.CaughtUpAt(ctx, address)
	if err != nil {
		return fmt.Errorf("wait for the processor: %w", err)
	}
	if c.Open > 0 {
		fmt.Fprintln(stderr, "localstack export: windows that the watermark has not closed are not in the export")
	}
	return nil
}
