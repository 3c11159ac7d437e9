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
		"The processor takes a last checkpoint, the job on Flink a snapshot. What the stream holds stays until its retention ends; start goes on from it.\n"+
			"The domain, its volumes and the archive stay and cost as before. Kinesis takes ten changes of shards in 24 hours: stop and start of eight shards are six.",
		args, stdout, stderr, stop)
}

// Start runs the verb start.
func Start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return verb(ctx, "start", "splits the stream's shards to as many as deployed and starts the processor, after stop",
		"It goes on from its last checkpoint or snapshot.", args, stdout, stderr, start)
}

// processor is the deployed one, of either edition.
type processor struct {
	cluster string // of the producer, too
	service string // of the edition go
	flink   string // the application of the edition flink
}

func (d *deployment) processor(ctx context.Context) (processor, error) {
	stack := d.name + "-Processor"
	out, err := d.call.Outputs(ctx, stack, "ClusterName")
	if err == nil && out["ApplicationName"] == "" {
		out, err = d.call.Outputs(ctx, stack, "ClusterName", "ServiceName")
	}
	return processor{cluster: out["ClusterName"], service: out["ServiceName"], flink: out["ApplicationName"]}, err
}

// down is the alarm that rings while the processor does not read.
func (p *processor) down() string {
	if p.flink != "" {
		return "-flink-down"
	}
	return "-processor-down"
}

func stop(ctx context.Context, d *deployment) error {
	p, err := d.processor(ctx)
	if err != nil {
		return err
	}
	stream, err := d.call.Outputs(ctx, d.name+"-Stream", "StreamName")
	if err != nil {
		return err
	}
	if err := replay.Alone(ctx, d.call, p.cluster, d.name); err != nil {
		return err
	}
	if err := d.call.Do(ctx, "quiet the alarm", "cloudwatch", "disable-alarm-actions", "--alarm-names", d.name+p.down()); err != nil {
		return err
	}
	if err := d.serve(ctx, &p, 0); err != nil {
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
	p, err := d.processor(ctx)
	if err != nil {
		return err
	}
	if err := d.reshard(ctx, stream["StreamName"], shards); err != nil {
		return err
	}
	if err := d.serve(ctx, &p, 1); err != nil {
		return err
	}
	d.printf("the processor reads")
	return d.call.Do(ctx, "let the alarm ring", "cloudwatch", "enable-alarm-actions", "--alarm-names", d.name+p.down())
}

// serve sets the number of the processor's tasks, one or none, and waits until it is so.
func (d *deployment) serve(ctx context.Context, p *processor, tasks int) error {
	if p.flink != "" {
		return d.serveFlink(ctx, p.flink, tasks > 0)
	}
	err := d.call.Do(ctx, "set the number of tasks", "ecs", "update-service", "--cluster", p.cluster, "--service", p.service, "--desired-count", strconv.Itoa(tasks))
	if err != nil {
		return err
	}
	return d.call.Do(ctx, "wait for the processor (aws logs tail says how it does)", "ecs", "wait", "services-stable", "--cluster", p.cluster, "--services", p.service)
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
