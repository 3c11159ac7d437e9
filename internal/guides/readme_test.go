//go:build guides

package guides_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// find is the section of a heading.
func find(t *testing.T, sections []section, heading string) section {
	t.Helper()
	i := slices.IndexFunc(sections, func(s section) bool { return s.heading == heading })
	if i < 0 {
		t.Fatalf("no commands under %q", heading)
	}
	return sections[i]
}

// Ensure a user who gives the README's commands one after the other, and all of
// them again, sees what it says.
func TestReadme(t *testing.T) {
	sections := read(t, "README.md")
	c := newClone(t)
	month(t, c)
	var first []byte
	for run := range 2 {
		got := c.threePrograms(find(t, sections, threePrograms))
		if run == 0 {
			first = got
		} else if string(got) != string(first) {
			t.Errorf("the second export, %d bytes, is not the first, %d bytes", len(got), len(first))
		}
		for _, heading := range []string{twoCommands, realTrips} {
			for _, cmd := range find(t, sections, heading).commands {
				c.give(cmd.line)
			}
		}
	}
}

// give runs a command to its end; the demo that serves is looked at and stopped.
func (c *clone) give(line string) {
	c.t.Helper()
	if why := notRun[line]; why != "" {
		c.t.Logf("not run, %s: %s", why, line)
		return
	}
	began := time.Now()
	if line != "make demo" {
		c.start(line, line).wait()
		c.t.Logf("%v: %s", time.Since(began).Round(time.Second), line)
		return
	}
	s := c.start(line, line)
	s.says("http://127.0.0.1:8081/")
	answer, err := http.Get("http://127.0.0.1:8081/")
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Errorf("the control room: %v, %v", answer, err)
	}
	if err == nil {
		answer.Body.Close()
	}
	s.stop()
	c.t.Logf("%v: %s, until Ctrl-C", time.Since(began).Round(time.Second), line)
}

// threePrograms gives each terminal its commands, and returns the export.
func (c *clone) threePrograms(s section) []byte {
	c.t.Helper()
	portsAreFree(c.t, 4566, 9200, 8081)
	lines := map[int][]string{}
	for _, cmd := range s.commands {
		lines[cmd.terminal] = append(lines[cmd.terminal], cmd.line)
	}
	if len(lines) != 3 || lines[0] != nil {
		c.t.Fatalf("the commands are not those of three terminals: %v", s.commands)
	}
	began := time.Now()
	servers := c.start("terminal 1", lines[1]...)
	servers.says("opensearch  http://127.0.0.1:9200")
	processor := c.start("terminal 2", lines[2]...)
	processor.says("reading")
	printed := c.start("terminal 3", lines[3]...).wait()
	if !regexp.MustCompile(`(?m)^[1-9][\d,]* documents in results.ndjson$`).MatchString(printed) {
		c.t.Errorf("terminal 3 does not say how many documents there are:\n%s", printed)
	}
	export, err := os.ReadFile(filepath.Join(c.dir, "results.ndjson"))
	if err != nil {
		c.t.Fatal(err)
	}
	if n := late(c.t); n != 0 {
		c.t.Errorf("%d rejects are late", n)
	}
	processor.stop()
	servers.stop()
	c.t.Logf("%v: the three programs, %d bytes of documents", time.Since(began).Round(time.Second), len(export))
	return export
}

// portsAreFree waits for the end of whatever listens on the ports that the commands name.
func portsAreFree(t *testing.T, ports ...int) {
	t.Helper()
	for _, port := range ports {
		address := fmt.Sprintf("127.0.0.1:%d", port)
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
			l, err := net.Listen("tcp", address)
			if err == nil {
				l.Close()
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the README's commands need %s: %v", address, err)
			}
		}
	}
}

// late counts rejects of that reason.
func late(t *testing.T) int {
	t.Helper()
	answer, err := http.Post("http://127.0.0.1:9200/taxi_rejects/_count", "application/json", strings.NewReader(`{"query":{"term":{"reason":"late"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var n struct{ Count *int }
	if err := json.NewDecoder(answer.Body).Decode(&n); err != nil || n.Count == nil {
		t.Fatalf("count of rejects: %v, %v", err, answer.Status)
	}
	return *n.Count
}

// month puts what the README takes for a downloaded month in place: a few trips
// of January 2015. Files are told apart by content, so both names may hold CSV.
func month(t *testing.T, c *clone) {
	t.Helper()
	text := "tpep_pickup_datetime,tpep_dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n"
	for i := range 20 {
		text += fmt.Sprintf("2015-01-05 12:%02d:00,2015-01-05 12:%02d:30,-73.98,40.75,-73.78,40.64,52.8\n", i, i+20)
	}
	for _, name := range []string{"yellow_tripdata_2015-01.csv", "yellow_tripdata_2015-01.parquet"} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
