//go:build infra

package app

import (
	"testing"

	"taxistream/internal/names"
)

// The stream is encrypted under a key that is renewed every year.
func TestStream(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Stream")
	tmpl.HasResourceProperties(str("AWS::Kinesis::Stream"), map[string]any{
		"Name": names.Stream, "ShardCount": 8, "RetentionPeriodHours": 24,
		"StreamEncryption": map[string]any{"EncryptionType": "KMS"},
	})
	tmpl.HasResourceProperties(str("AWS::KMS::Key"), map[string]any{"EnableKeyRotation": true})
}

func TestStreamOnDemand(t *testing.T) {
	cfg := everything()
	cfg.Stream.Shards, cfg.Scaling.On = 0, false
	synthesize(t, cfg).Template(t, "Stream").HasResourceProperties(str("AWS::Kinesis::Stream"), map[string]any{
		"StreamModeDetails": map[string]any{"StreamMode": "ON_DEMAND"},
	})
}

func str(s string) *string { return &s }
