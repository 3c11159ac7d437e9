package app

import (
	"strconv"
	"time"

	"taxistream/engine/web"
	"taxistream/internal/flags"
	"taxistream/internal/redact"
	"taxistream/processor/job"
)

// openREST puts the job's REST on the port, at Flink's paths.
func (p *Processor) openREST() {
	version, commit := flags.Build()
	p.heard = web.Register(p.http.Mux, web.Options{
		ID: p.id(), Job: p.Status, Now: p.now, MaxParallelism: job.MaxParallelism, Control: control{p}, Context: p.life,
		Version: version, Commit: commit, Address: p.http.Addr(), Settings: p.c.settings(), Log: p.logged,
		Checkpoints: web.CheckpointConfig{
			Interval: p.c.CheckpointInterval, Timeout: checkpointTimeout, Tolerable: tolerableCheckpoints,
			Storage: p.storage(), StateBackend: "memory",
		},
	})
}

// How long a checkpoint may take, and how many in a row may fail.
const (
	checkpointTimeout    = 10 * time.Minute
	tolerableCheckpoints = 10
)

// storage is where checkpoints are, for people.
func (p *Processor) storage() string { return redact.URL(p.c.CheckpointDir) }

// id is the job's, in REST: the same after a restart.
func (p *Processor) id() string { return web.ID(jobName, p.stream.Stream, p.c.IndexPrefix) }

// settings are the flags that a run had, for people, addresses without what may be secret.
func (c *Config) settings() []web.Setting {
	all := []web.Setting{
		{Key: "-stream", Value: c.Stream},
		{Key: "-region", Value: c.region()},
		{Key: "-endpoint", Value: redact.URL(c.Endpoint)},
		{Key: "-opensearch-endpoint", Value: redact.URL(c.OpenSearchEndpoint)},
		{Key: "-index-prefix", Value: c.IndexPrefix},
		{Key: "-flush-interval", Value: c.FlushInterval.String()},
		{Key: "-checkpoint-dir", Value: redact.URL(c.CheckpointDir)},
		{Key: "-checkpoint-interval", Value: c.CheckpointInterval.String()},
		{Key: "-from-savepoint", Value: redact.URL(c.FromSavepoint)},
		{Key: "-max-state-entries", Value: strconv.Itoa(c.MaxStateEntries)},
		{Key: "-parallelism", Value: strconv.Itoa(c.Parallelism)},
		{Key: "-position", Value: c.Position.String()},
		{Key: "-event-time", Value: c.EventTime.String()},
		{Key: "-idle-timeout", Value: c.IdleTimeout.String()},
		{Key: "-max-ahead", Value: flags.FormatDuration(c.Rules.MaxAhead)},
		{Key: "-max-duration", Value: flags.FormatDuration(c.Rules.MaxDuration)},
		{Key: "-allowed-lateness", Value: flags.FormatDuration(c.Rules.AllowedLateness)},
		{Key: "-hotspot-window", Value: flags.FormatDuration(c.Rules.HotspotWindow)},
		{Key: "-hotspot-resolution", Value: strconv.Itoa(c.HotspotResolution)},
		{Key: "-hotspot-min", Value: strconv.Itoa(c.HotspotMin)},
		{Key: "-airport-window", Value: flags.FormatDuration(c.Rules.AirportWindow)},
		{Key: "-airport-resolution", Value: strconv.Itoa(c.AirportResolution)},
		{Key: "-listen", Value: c.Listen},
	}
	given := all[:0]
	for _, s := range all {
		if s.Value != "" {
			given = append(given, s)
		}
	}
	return given
}
