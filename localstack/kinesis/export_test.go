package kinesis

import (
	"os"
	"testing"
)

// BreakFiles makes writes to the first shard of a stream fail until restored.
func (s *Server) BreakFiles(t *testing.T, stream string) (restore func()) {
	t.Helper()
	sh := s.streams[stream].shards[0]
	if sh.log.file == nil {
		name := sh.log.name
		sh.log.name += "/absent"
		return func() { sh.log.name = name }
	}
	index := sh.log.file.index
	readOnly, err := os.Open(index.Name())
	if err != nil {
		t.Fatal(err)
	}
	sh.log.file.index = readOnly
	return func() {
		sh.log.file.index = index
		readOnly.Close()
	}
}
