package config

import (
	"strings"
	"testing"
)

// Ensure each option of the domain that no deployment can have is refused, with what to write.
func TestSearch(t *testing.T) {
	for _, c := range []struct{ name, options, want string }{
		{"Default", "", ""},
		{"ThreeZones", "search.zones=3 search.nodes=6 search.masters=m7g.large.search", ""},
		{"T3", "search.instance=t3.small.search", ""},
		{"NodesOfZones", "search.zones=2 search.nodes=3", "search.nodes is 3: choose a multiple of search.zones, 2"},
		{"NoZone", "search.zones=0", "search.zones is 0"},
		{"NoSearch", "search.instance=m7g.large", "search.instance is \"m7g.large\""},
		{"Old", "search.instance=t2.small.search", "lacks the encryption"},
		{"Masters", "search.masters=3", "search.masters is \"3\""},
		{"Volume", "search.volume-gb=1", "search.volume-gb is 1"},
		{"LogDays", "search.log-days=2", "search.log-days is 2"},
		{"Slow", "search.slow-seconds=0", "search.slow-seconds is 0"},
		{"To", "search.from=now-24h search.to=", "search.to is empty"},
		{"Name", "name=Taxi_Stream", "3 to 28 letters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			values := map[string]any{}
			for _, option := range strings.Fields(c.options) {
				key, value, _ := strings.Cut(option, "=")
				values[key] = value
			}
			_, err := Load(values)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
