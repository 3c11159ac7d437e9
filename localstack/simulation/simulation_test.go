package simulation

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/klauspost/cpuid/v2"
)

var (
	seeds     = flag.Int("seeds", 10, "worlds of TestSimulation")
	firstSeed = flag.Uint64("seed", 0, "the first seed of TestSimulation; with -seeds 1 a failure is made again")
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The hashers of many aggregates at a time are goroutines that the whole process shares; a bubble shares nothing.
	cpuid.CPU.Disable(cpuid.AVX2)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": "http://" + s3Addr, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

// simulate lets one world go by.
func simulate(t *testing.T, seed uint64) (counts map[kind]int, failure string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed)
		failure = w.run()
		counts = w.counts
	})
	return counts, failure
}

// Ensure that whatever befalls the programs, the documents in the end are the oracle's,
// over the stream and over the source, and the rejects are, too; and that everything that
// can happen did.
func TestSimulation(t *testing.T) {
	counts := map[kind]int{}
	var mu sync.Mutex
	t.Run("seeds", func(t *testing.T) {
		for i := range uint64(*seeds) {
			seed := *firstSeed + i
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				occurred, failure := simulate(t, seed)
				if failure != "" {
					t.Errorf("again: go test -count=1 -run '^TestSimulation$' ./localstack/simulation -args -seeds 1 -seed %d\n%s", seed, failure)
				}
				mu.Lock()
				defer mu.Unlock()
				for k, n := range occurred {
					counts[k] += n
				}
			})
		}
	})
	var lines []string
	for _, k := range kinds {
		lines = append(lines, fmt.Sprintf("%8d  %s", counts[k], k))
		if counts[k] == 0 && *seeds >= 100 {
			t.Errorf("no %q in %d worlds", k, *seeds)
		}
	}
	t.Logf("%d worlds:\n%s", *seeds, strings.Join(lines, "\n"))
}
