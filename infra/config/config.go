// Package config has every option of the deployment: its name in the CDK
// context, its type, its default and what it means, in this one file.
//
// An option is given as `-c name=value` to cdk or to `go run ./infra cost`, or in
// the context of infra/cdk.json. A name that is no option is an error, so that
// a misspelt one does not vanish. The package imports nothing of the CDK.
package config

import (
	"errors"
	"fmt"
	"runtime"

	"taxistream/internal/names"
)

// Config is a deployment. The tags of a field are its name in the context and
// its meaning.
type Config struct {
	Preset  string `key:"preset" doc:"trial, standard or production: other defaults, each of which may be given by itself" change:"as what it sets; see the table of presets"`
	Name    string `key:"name" doc:"begins the name of every stack" change:"another deployment beside this one"`
	Region  string `key:"region" doc:"AWS region; empty: that of the credentials" change:"another deployment beside this one"`
	Local   bool   `key:"local" doc:"only what LocalStack's free edition can create" change:"first deployment only"`
	Image   string `key:"image" doc:"container image of the programs; empty: built from this repository"`
	CPU     string `key:"cpu" doc:"processor architecture of tasks and functions, arm64 or amd64; functions must be built for it, GOARCH=… make lambda"`
	Protect bool   `key:"protect" doc:"keep the archive, the login's users and the keys when their stacks are destroyed, and let nobody destroy a stack before this is false again"`

	Stream    Stream    `key:"stream"`
	Search    Search    `key:"search"`
	Network   Network   `key:"network"`
	Processor Processor `key:"processor"`
	Producer  Producer  `key:"producer"`

	Watch     Watch     `key:"watch"`
	Archive   Archive   `key:"archive"`
	Telemetry Telemetry `key:"telemetry"`
	Trail     Trail     `key:"trail"`
	Pipeline  Pipeline  `key:"pipeline"`
	Scaling   Scaling   `key:"scaling"`
	FanOut    FanOut    `key:"fan-out"`
	Room      Room      `key:"room"`

	Assumed Assumed `key:"assume"`
}

// Stream is the Kinesis stream.
type Stream struct {
	Name           string `key:"name" doc:"name of the Kinesis stream" change:"replaces the stream: what it holds is lost"`
	Shards         int    `key:"shards" doc:"number of shards; 0: on demand" change:"in place, to double or half at most in a step; over what stop, scaling or the console set"`
	RetentionHours int    `key:"retention-hours" doc:"hours that records are kept, 24 to 8760"`
}

// Default is the deployment of somebody who gives no option.
func Default() Config {
	return Config{
		Preset: PresetStandard,

		Name: "TaxiStream",
		CPU:  runtime.GOARCH,

		Stream: Stream{Name: names.Stream, Shards: 8, RetentionHours: 24},

		Search:    defaultSearch,
		Network:   defaultNetwork,
		Processor: defaultProcessor,
		Producer:  defaultProducer,

		Watch:     defaultWatch,
		Archive:   defaultArchive,
		Telemetry: defaultTelemetry,
		Trail:     defaultTrail,
		Pipeline:  defaultPipeline,
		Scaling:   defaultScaling,
		FanOut:    defaultFanOut,
		Room:      defaultRoom,

		Assumed: defaultAssumed,
	}
}

// Check gives every value that no deployment can have, joined.
func (c *Config) Check() error {
	return errors.Join(
		oneOf("preset", c.Preset, Presets()...),
		oneOf("cpu", c.CPU, "arm64", "amd64"),
		c.Stream.check(),
		c.Search.check(c),
		c.Network.check(),
		c.Processor.check(c),
		c.Producer.check(),
		c.Watch.check(),
		c.Archive.check(),
		c.Telemetry.check(),
		c.Trail.check(),
		c.Pipeline.check(),
		c.Scaling.check(&c.Stream),
		c.FanOut.check(),
		c.Room.check(c),
		c.Assumed.check(),
	)
}

func (s *Stream) check() error {
	return errors.Join(
		filled("stream.name", s.Name),
		between("stream.shards", s.Shards, 0, 10_000),
		between("stream.retention-hours", s.RetentionHours, 24, 8760),
	)
}

func filled(key, value string) error {
	if value == "" {
		return fmt.Errorf("%s is empty: give a value", key)
	}
	return nil
}

func between(key string, value, least, greatest int) error {
	if value < least || value > greatest {
		return fmt.Errorf("%s is %d: choose %d to %d", key, value, least, greatest)
	}
	return nil
}

func oneOf(key, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%s is %q: choose one of %q", key, value, allowed)
}
