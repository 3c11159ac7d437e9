//go:build chaos && !linux

package chaos

import (
	"flag"
	"testing"
)

var (
	_ = flag.Int("seeds", 5, "not here")
	_ = flag.Uint64("seed", 1, "not here")
)

func TestChaos(t *testing.T) {
	t.Skip("small file systems and ports that refuse are had as Linux has them: run it there, or in a container")
}
