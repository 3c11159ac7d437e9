package operate

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"taxistream/infra/replay"
)

// Stop runs the verb stop.
func Stop(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return verb(ctx, "stop", "stops the processor in order and merges the stream's shards to the fewest: what costs by the hour and is not needed",
		"The processor takes a last checkpoint. What the stream holds stays until its retention ends; start goes on from it.\n"+
			"The domain, its volumes and the archive stay and cost as before. Kinesis takes ten changes of shards in 24 hours: stop and start of eight shards are six.",
		args, stdout, stderr, stop)
}

// Start runs the verb start.
func Start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return verb(ctx, "start", "splits the stream's shards to as many as deployed and starts the processor, after stop",
		"It goes on from its last checkpoint.", args, stdout, stderr, start)
}

// down is the alarm that rings while the processor does not read.
const down = "-processor-down"

func stop(ctx context.Context, d *deployment) error {
	processor, err := d.call.Outputs(ctx, d.name+"-Processor", "ClusterName", "ServiceName")
	if err != nil {
		return err
	}
	stream, err := d.call.Outputs(ctx, d.name+"-Stream", "StreamName")
	if err != nil {
		return err
	}
	if err := replay.Alone(ctx, d.call, processor["ClusterName"], d.name); err != nil {
		return err
	}
	if err := d.call.Do(ctx, "quiet the alarm", "cloudwatch", "disable-alarm-actions", "--alarm-names", d.name+down); err != nil {
		return err
	}
	if err := d.serve(ctx, processor, 0); err != nil {
		return err
	}
	d.printf("the processor has stopped")
	return d.reshard(ctx, stream["StreamName"], 1)
}

func start(ctx context.Context, d *deployment) error {
	stream, err := d.call.Outputs(ctx, d.name+"-Stream", "StreamName", "Shards")
	if err != nil {
		return err
	}
	shards, err := strconv.Atoi(stream["Shards"])
	if err != nil {
		return fmt.Errorf("stack %s-Stream: its output Shards is %q: deploy it again", d.name, stream["Shards"])
	}
	processor, err := d.call.Outputs(ctx, d.name+"-Processor", "ClusterName", "ServiceName")
	if err != nil {
		return err
	}
	if err := d.reshard(ctx, stream["StreamName"], shards); err != nil {
		return err
	}
	if err := d.serve(ctx, processor, 1); err != nil {
		return err
	}
	d.printf("the processor reads")
	return d.call.Do(ctx, "let the alarm ring", "cloudwatch", "enable-alarm-actions", "--alarm-names", d.name+down)
}

// serve sets the number of the processor's tasks and waits until it is so.
func (d *deployment) serve(ctx context.Context, processor map[string]string, tasks int) error {
	cluster, service := processor["ClusterName"], processor["ServiceName"]
	err := d.call.Do(ctx, "set the number of tasks", "ecs", "update-service", "--cluster", cluster, "--service", service, "--desired-count", strconv.Itoa(tasks))
	if err != nil {
		return err
	}
	return d.call.Do(ctx, "wait for the processor (aws logs tail says how it does)", "ecs", "wait", "services-stable", "--cluster", cluster, "--services", service)
}

// reshard halves or doubles the open shards until there are as many as wanted: Kinesis
// takes no larger step (API reference, "UpdateShardCount"). A stream on demand costs by
// what goes through it, and is left as it is.
func (d *deployment) reshard(ctx context.Context, stream string, want int) error {
	for {
		var now struct {
			StreamDescriptionSummary struct {
				OpenShardCount    int
				StreamModeDetails struct{ StreamMode string }
			}
		}
		if err := d.call.Into(ctx, "look at the stream", &now, "kinesis", "describe-stream-summary", "--stream-name", stream); err != nil {
			return err
		}
		open := now.StreamDescriptionSummary.OpenShardCount
		if now.StreamDescriptionSummary.StreamModeDetails.StreamMode == "ON_DEMAND" || open == want || want == 0 {
			d.printf("%s has %d shards", stream, open)
			return nil
		}
		next := min(want, 2*open)
		if want < open {
			next = max(want, (open+1)/2)
		}
		err := d.call.Do(ctx, fmt.Sprintf("change %d shards to %d (Kinesis takes ten changes in 24 hours; call it again later)", open, next),
			"kinesis", "update-shard-count", "--stream-name", stream, "--target-shard-count", strconv.Itoa(next), "--scaling-type", "UNIFORM_SCALING")
		if err != nil {
			return err
		}
		if err := d.call.Do(ctx, "wait for the stream", "kinesis", "wait", "stream-exists", "--stream-name", stream); err != nil {
			return err
		}
	}
}
