package config

import (
	"fmt"
	"maps"
	"slices"
)

// PresetStandard changes no default.
const PresetStandard = "standard"

// presets are other defaults, as -c has them. An option that is given by itself wins.
//
// trial is for an afternoon: the smallest of everything that still takes a replay at
// 360 times life, no archive. production keeps what cannot be made again, survives the loss
// of a zone, and shows itself to the outside as little as can be.
var presets = map[string]map[string]any{
	"trial": {
		"stream.shards": 2, "search.instance": "t3.small.search", "search.volume-gb": 10, "search.mfa": false,
		"search.log-days": 3, "search.keep-months": 1, "processor.size": "small", "processor.log-days": 3,
		"producer.size": "small", "producer.speedup": 360, "archive.on": false,
	},
	PresetStandard: {},
	"production": {
		"protect": true, "stream.retention-hours": 168, "search.nodes": 3, "search.zones": 3, "search.masters": "m7g.medium.search",
		"search.instance": "m7g.large.search", "search.volume-gb": 100, "search.log-days": 365, "search.waf": true,
		"network.mode": NetworkEndpoints, "network.flow-logs": true, "processor.insights": true, "processor.log-days": 365,
		"processor.checkpoint-days": 7, "trail.on": true,
	},
}

// Presets are their names.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// Preset gives the options that a preset sets, as -c takes them.
func Preset(name string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(presets[name])) {
		all = append(all, fmt.Sprintf("%s=%v", key, presets[name][key]))
	}
	return all
}

// WithPreset adds what the preset among the values sets and they do not.
func WithPreset(values map[string]any) map[string]any {
	merged := map[string]any{}
	if name, given := values["preset"]; given {
		maps.Copy(merged, presets[fmt.Sprint(name)])
	}
	maps.Copy(merged, values)
	return merged
}
