package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Telemetry is the way of taxis' messages over MQTT into the stream.
type Telemetry struct {
	On    bool   `key:"on" doc:"extra: an IoT Core rule that puts taxis' messages on the stream" change:"adds a stack; to take it away destroy it, then give false"`
	Topic string `key:"topic" doc:"MQTT topic filter of the messages, each a trip as on the stream"`
}

// Trail records who read and wrote the data.
type Trail struct {
	On       bool `key:"on" doc:"extra: CloudTrail's data events of the stream and the buckets" change:"adds a stack; to take it away destroy it, then give false"`
	KeepDays int  `key:"keep-days" doc:"days that the trail's files are kept"`
}

// Pipeline builds and deploys what is pushed.
type Pipeline struct {
	On         bool   `key:"on" doc:"extra: a CodePipeline that tests, builds and deploys the repository" change:"adds a stack; to take it away destroy it, then give false"`
	Connection string `key:"connection" doc:"ARN of the CodeConnections connection to where the repository is; made and confirmed in the console"`
	Repository string `key:"repository" doc:"owner/name of the repository there"`
	Branch     string `key:"branch" doc:"the branch that is deployed"`
	Approval   bool   `key:"approval" doc:"somebody must approve before it is deployed"`
}

// Scaling follows the load with the number of shards.
type Scaling struct {
	On              bool `key:"on" doc:"extra: alarms that double and halve the stream's shards by a Lambda function" change:"adds a stack; to take it away destroy it, then give false"`
	Least           int  `key:"least" doc:"fewest shards"`
	Greatest        int  `key:"greatest" doc:"most shards"`
	UpPercent       int  `key:"up-percent" doc:"share of the stream's write capacity in use at which shards are doubled"`
	DownPercent     int  `key:"down-percent" doc:"share below which they are halved"`
	CooldownMinutes int  `key:"cooldown-minutes" doc:"minutes between two changes"`
}

// FanOut is a consumer with a reading capacity of its own.
type FanOut struct {
	On   bool   `key:"on" doc:"extra: the processor reads by enhanced fan-out, with a consumer registered for it" change:"adds a stack; to take it away destroy it, then give false"`
	Name string `key:"name" doc:"its name on the stream" change:"replaces the consumer: the processor starts anew with the new one"`
}

var (
	defaultTelemetry = Telemetry{Topic: "taxis/+/telemetry"}
	defaultTrail     = Trail{KeepDays: 365}
	defaultPipeline  = Pipeline{Branch: "main", Approval: true}
	defaultScaling   = Scaling{Least: 1, Greatest: 64, UpPercent: 75, DownPercent: 25, CooldownMinutes: 10}
	defaultFanOut    = FanOut{Name: "processor"}
)

func (t *Telemetry) check() error {
	if !topicFilter.MatchString(t.Topic) || strings.Count(t.Topic, "+") > 1 {
		return fmt.Errorf("telemetry.topic is %q: write an MQTT topic filter with at most one +, the taxi's name, such as %s", t.Topic, defaultTelemetry.Topic)
	}
	return nil
}

func (t *Trail) check() error { return between("trail.keep-days", t.KeepDays, 1, 36500) }

func (p *Pipeline) check() error {
	if !p.On {
		return nil
	}
	errs := []error{filled("pipeline.branch", p.Branch)}
	if !connection.MatchString(p.Connection) {
		errs = append(errs, fmt.Errorf("pipeline.connection is %q: give the ARN of a connection, arn:aws:codeconnections:…", p.Connection))
	}
	if !repository.MatchString(p.Repository) {
		errs = append(errs, fmt.Errorf("pipeline.repository is %q: write owner/name", p.Repository))
	}
	return errors.Join(errs...)
}

// check holds the thresholds so far apart that a change of the number of shards
// never calls for the opposite one.
func (s *Scaling) check(stream *Stream) error {
	if !s.On {
		return nil
	}
	errs := []error{
		between("scaling.least", s.Least, 1, 10_000),
		between("scaling.greatest", s.Greatest, s.Least, 10_000),
		between("scaling.up-percent", s.UpPercent, 1, 100),
		between("scaling.down-percent", s.DownPercent, 0, (s.UpPercent-1)/2),
		between("scaling.cooldown-minutes", s.CooldownMinutes, 1, 24*60),
	}
	switch {
	case stream.Shards == 0:
		errs = append(errs, fmt.Errorf("scaling.on with stream.shards=0: a stream on demand scales itself; leave one of them"))
	case stream.Shards < s.Least || stream.Shards > s.Greatest:
		errs = append(errs, fmt.Errorf("stream.shards is %d: choose scaling.least to scaling.greatest, %d to %d", stream.Shards, s.Least, s.Greatest))
	}
	return errors.Join(errs...)
}

func (f *FanOut) check() error {
	if !consumer.MatchString(f.Name) {
		return fmt.Errorf("fan-out.name is %q: write letters, digits, _ . -, up to 128", f.Name)
	}
	return nil
}

// What the services accept (their API references).
var (
	topicFilter = regexp.MustCompile(`^(\+|[^#+/\s'"$]+)(/(\+|[^#+/\s'"]+))*$`)
	connection  = regexp.MustCompile(`^arn:[a-z-]+:code(connections|star-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]+$`)
	repository  = regexp.MustCompile(`^[\w.-]+/[\w.-]+$`)
	consumer    = regexp.MustCompile(`^[\w.-]{1,128}$`)
)
