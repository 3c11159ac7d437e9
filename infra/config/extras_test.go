package config

import (
	"strings"
	"testing"
)

func TestExtrasRefuse(t *testing.T) {
	for name, test := range map[string]struct {
		values map[string]any
		want   string
	}{
		"TopicOfAll":      {map[string]any{"telemetry.topic": "taxis/#"}, `telemetry.topic is "taxis/#"`},
		"TwoPluses":       {map[string]any{"telemetry.topic": "+/taxis/+"}, "at most one +"},
		"TopicQuoted":     {map[string]any{"telemetry.topic": "taxis/'"}, "write an MQTT topic filter"},
		"NoConnection":    {map[string]any{"pipeline.on": true, "pipeline.repository": "a/b"}, `pipeline.connection is "": give the ARN`},
		"NoRepository":    {map[string]any{"pipeline.on": true, "pipeline.repository": "b"}, `pipeline.repository is "b": write owner/name`},
		"OnDemand":        {map[string]any{"scaling.on": true, "stream.shards": "0"}, "a stream on demand scales itself"},
		"BelowLeast":      {map[string]any{"scaling.on": true, "scaling.least": "9"}, "stream.shards is 8: choose scaling.least to scaling.greatest, 9 to 64"},
		"GreatestIsLess":  {map[string]any{"scaling.on": true, "scaling.least": "8", "scaling.greatest": "7"}, "scaling.greatest is 7: choose 8 to 10000"},
		"ThresholdsMeet":  {map[string]any{"scaling.on": true, "scaling.up-percent": "60", "scaling.down-percent": "30"}, "scaling.down-percent is 30: choose 0 to 29"},
		"ConsumerOfSpace": {map[string]any{"fan-out.name": "a b"}, `fan-out.name is "a b"`},
		"TrailOfNoDay":    {map[string]any{"trail.keep-days": "0"}, "trail.keep-days is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(test.values); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestExtrasAccept(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"Topics":      {"telemetry.on": true, "telemetry.topic": "fleet/taxis/+"},
		"Connection":  {"pipeline.on": true, "pipeline.repository": "a.b/c-d", "pipeline.connection": "arn:aws:codeconnections:us-east-1:123456789012:connection/0a1b-2c"},
		"OldName":     {"pipeline.on": true, "pipeline.repository": "a/b", "pipeline.connection": "arn:aws:codestar-connections:us-east-1:123456789012:connection/0a1b-2c"},
		"Scaling":     {"scaling.on": true},
		"OneShard":    {"scaling.on": true, "stream.shards": "1", "scaling.greatest": "1"},
		"ScalingOff":  {"stream.shards": "0"},
		"NeverHalves": {"scaling.on": true, "scaling.down-percent": "0"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(values); err != nil {
				t.Error(err)
			}
		})
	}
}
