package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The editions of the processor.
const (
	EditionGo    = "go"
	EditionFlink = "flink"
)

// MostKPUs are those of one application before AWS is asked for more (Managed Service
// for Apache Flink guide, "Quota").
const MostKPUs = 64

// Flink is what the managed service is told of the job. Flags has those that are the
// job's own, without their dashes, as its property group takes them.
type Flink struct {
	Flags              map[string]string
	CheckpointInterval time.Duration
	LogLevel           string // as the service spells it
}

// flinkFlags are those of the job (Config.java) that processor.flags may set, and
// whether each takes a value. A test holds them against Config.java.
var flinkFlags = map[string]bool{
	"flush-interval": true, "checkpoint-interval": true, "position": true, "event-time": true, "noeventtime": false,
	"max-ahead": true, "max-duration": true, "allowed-lateness": true, "hotspot-window": true, "hotspot-resolution": true,
	"hotspot-min": true, "airport-window": true, "airport-resolution": true, "log-level": true, "quiet": false,
}

// flinkGiven are the job's flags that follow from the deployment or have no meaning on
// the managed service, which keeps the checkpoints and chooses the parallelism itself.
var flinkGiven = map[string]string{
	"stream": "", "region": "", "endpoint": "", "opensearch-endpoint": "", "es-endpoint": "", "sign": "", "index-prefix": "", "es-index": "",
	"consumer": "", "consumer-name": "", "kafka-brokers": "", "topic": "", "log-format": "",
	"checkpoint-dir": "the service keeps the checkpoints", "checkpoint": "the service keeps the checkpoints",
	"from-savepoint":    "the job goes on from the service's last snapshot",
	"allow-fresh-start": "the job goes on from the service's last snapshot",
	"parallelism":       "give -c processor.kpus=", "p": "give -c processor.kpus=",
	"idle-timeout": "the job on Flink holds for every shard",
}

// logLevels are those of the service for the processor's.
var logLevels = map[string]string{"debug": "DEBUG", "info": "INFO", "warn": "WARN", "error": "ERROR"}

// OnFlink reads processor.flags for the edition flink.
func (p *Processor) OnFlink() (Flink, error) {
	f := Flink{Flags: map[string]string{}, CheckpointInterval: time.Minute, LogLevel: "INFO"}
	words := strings.Fields(p.Flags)
	for i := 0; i < len(words); i++ {
		name, value, has := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		takes, known := flinkFlags[name]
		switch why, ours := flinkGiven[name]; {
		case !strings.HasPrefix(words[i], "-"):
			return f, fmt.Errorf("processor.flags has %s, which is no flag: write -name=value", words[i])
		case ours && why == "":
			return f, fmt.Errorf("processor.flags has %s, which the deployment gives the job itself: leave it out", words[i])
		case ours:
			return f, fmt.Errorf("processor.flags has %s, which the edition flink has not: %s; leave it out", words[i], why)
		case !known:
			return f, fmt.Errorf("processor.flags has %s, which the edition flink does not know: leave it out, or deploy -c processor.edition=go", words[i])
		case !has && !takes:
			value = "true"
		case !has && i+1 == len(words):
			return f, fmt.Errorf("processor.flags ends with %s: write %s=value", words[i], words[i])
		case !has:
			i++
			value = words[i]
		}
		if err := f.set(name, value); err != nil {
			return f, err
		}
	}
	return f, nil
}

// set takes a flag: what the service is told goes there, all else to the job.
func (f *Flink) set(name, value string) error {
	switch name {
	case "checkpoint-interval":
		d, err := time.ParseDuration(value)
		if err != nil || d < time.Second || d > time.Hour {
			return fmt.Errorf("processor.flags has -checkpoint-interval=%s: choose 1s to 1h", value)
		}
		f.CheckpointInterval = d
	case "log-level":
		if f.LogLevel = logLevels[value]; f.LogLevel == "" {
			return fmt.Errorf("processor.flags has -log-level=%s: choose debug, info, warn or error", value)
		}
	case "quiet":
		f.LogLevel = "ERROR"
	default:
		f.Flags[name] = value
	}
	return nil
}

// checkFlink finds what the edition flink has not.
func (p *Processor) checkFlink(c *Config) error {
	_, err := p.OnFlink()
	errs := []error{err}
	refuse := func(given bool, what, instead string) {
		if given {
			errs = append(errs, fmt.Errorf("%s with processor.edition=flink: %s", what, instead))
		}
	}
	refuse(c.Local, "local=true", "LocalStack's free edition has no managed Flink; make up-flink, or bin/flink/local, runs the job on this machine")
	refuse(c.Room.On || c.Room.Forward, "the control room (room.on, room.forward)", "it is the Go processor's; Flink has a dashboard of its own, out Processor FlinkDashboard")
	refuse(c.Search.VPC && c.Network.Mode == NetworkPublic, "search.vpc=true and network.mode=public",
		"inside a VPC the job has no public address and does not reach the stream; give -c network.mode=endpoints")
	refuse(len(c.ApplicationName()) > 128, "processor.index-prefix is "+fmt.Sprintf("%q", p.IndexPrefix), "the application's name ends with it, and has at most 128 characters; write a shorter one")
	return errors.Join(errs...)
}

// ApplicationName is the Flink application's. It ends with the index prefix: another one
// is another job, which begins without the snapshots of this one.
func (c *Config) ApplicationName() string {
	name := c.Name + "-flink"
	if c.Processor.IndexPrefix != "" {
		name += "-" + c.Processor.IndexPrefix
	}
	return name
}
