package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// manifest is the one file that makes a checkpoint: JSON, then a line with the
// checksum of all before it. Fields are only ever added within a version.
type manifest struct {
	Version        int               `json:"version"`
	ID             int64             `json:"id"`
	Job            string            `json:"job"`
	Time           time.Time         `json:"time"`
	Finished       bool              `json:"finished"`
	Fingerprint    map[string]string `json:"fingerprint"`
	MaxParallelism int               `json:"max_parallelism"`
	Parallelism    int               `json:"parallelism"`
	Operators      []manifestFile    `json:"operators"`
}

// manifestFile is the state file of one operator.
type manifestFile struct {
	Name   string `json:"name"` // the operator's
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	CRC32C string `json:"crc32c"`
}

const checksumLine = "\ncrc32c %08x\n"

func encodeManifest(m *manifest) ([]byte, error) {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return fmt.Appendf(body, checksumLine, checksum(body)), nil
}

func decodeManifest(data []byte) (*manifest, error) {
	end := len(data) - len(fmt.Sprintf(checksumLine, 0))
	if end < 0 {
		return nil, corrupt("the manifest is cut short")
	}
	body := data[:end]
	if !bytes.Equal(data[end:], fmt.Appendf(nil, checksumLine, checksum(body))) {
		return nil, corrupt("the manifest's checksum does not match")
	}
	var m manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, corrupt("decode manifest: %v", err)
	}
	if m.Version != FormatVersion {
		return nil, corrupt("the manifest has version %d, this program reads %d", m.Version, FormatVersion)
	}
	if m.MaxParallelism < 1 || m.Parallelism < 1 || m.ID < 1 {
		return nil, corrupt("the manifest has no sense: checkpoint %d, parallelism %d of %d", m.ID, m.Parallelism, m.MaxParallelism)
	}
	return &m, nil
}
