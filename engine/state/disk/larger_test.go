package disk_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"taxistream/engine/state/disk"
)

var stateMiB = flag.Int("state-mib", 64, "the size of the state of TestFolder_LargerThanMemory, MiB")

// childOf is set in the process whose memory is measured.
const childOf = "DISK_TEST_STATE_MIB"

// Ensure that state on disk may be five times larger than what the process takes of memory for it.
func TestFolder_LargerThanMemory(t *testing.T) {
	if mib := os.Getenv(childOf); mib != "" {
		n, _ := strconv.Atoi(mib)
		fill(t, n<<20)
		return
	}
	if raceDetector {
		t.Skip("the race detector's own memory grows with the state; CI measures without it, with -tags invariants")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the greatest size of a process is read from /proc")
	}
	small, great := peak(t, 1), peak(t, *stateMiB)
	t.Logf("1 MiB of state: a process of %d MiB; %d MiB of state: %d MiB", small>>20, *stateMiB, great>>20)
	if taken := great - small; taken > *stateMiB<<20/5 {
		t.Errorf("%d MiB of state take %d MiB of memory", *stateMiB, taken>>20)
	}
}

// peak is the greatest size of a process that fills so much state.
func peak(t *testing.T, mib int) int {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFolder_LargerThanMemory$", "-test.v")
	c.Env = append(os.Environ(), fmt.Sprint(childOf, "=", mib))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "peak ")
	text, _, _ := strings.Cut(rest, " ")
	kib, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("child says\n%s", out)
	}
	return kib << 10
}

// fill writes rows in no order until there are so many bytes of them, reads some, and prints
// the greatest size that the process had.
func fill(t *testing.T, bytes int) {
	debug.SetGCPercent(20)
	folder, err := disk.Open(t.TempDir(), disk.Options{CacheBytes: 1 << 20, MemTableBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	b, err := folder.Open("large", 0)
	if err != nil {
		t.Fatal(err)
	}
	value, rows := make([]byte, 1000), bytes/1000
	key := func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)*0x9e3779b97f4a7c15) }
	for i := range rows {
		for at := 0; at < len(value); at += 8 { // nothing that compresses
			binary.LittleEndian.PutUint64(value[at:], uint64(i*1000+at)*0xbf58476d1ce4e5b9)
		}
		if _, err := b.Put(key(i), value); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < rows; i += 97 {
		if v, ok, err := b.Get(key(i)); err != nil || !ok || len(v) != 1000 {
			t.Fatalf("row %d: %d bytes, %v, %v", i, len(v), ok, err)
		}
	}
	s, err := b.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := s.Scan(nil, []byte{0xff, 0xff}, func(_, v []byte) bool { n += len(v); return true }); err != nil || n < rows*990 {
		t.Fatalf("the snapshot has %d bytes of %d, %v", n, rows*1000, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println("peak", strings.Fields(rest)[0], "KiB")
}
