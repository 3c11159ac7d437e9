package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Every preset fits together, sets only options that there are, none to its default, and
// comes out of Changed as itself: what is deployed with it elsewhere is the same.
func TestPresets(t *testing.T) {
	defaults := map[string]string{}
	for _, o := range Options() {
		defaults[o.Key] = o.Default
	}
	for _, name := range Presets() {
		c, err := Load(map[string]any{"preset": name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, set := range Preset(name) {
			key, value, _ := strings.Cut(set, "=")
			if standard, there := defaults[key]; !there || standard == value {
				t.Errorf("%s sets %s, whose default is %q", name, set, standard)
			}
		}
		if got := c.Changed(); name != PresetStandard && !slices.Equal(got, []string{"preset=" + name}) {
			t.Errorf("%s: changed are %v", name, got)
		}
	}
}

// An option by itself wins over the preset's, and so it stands in Changed.
func TestPreset_Overridden(t *testing.T) {
	c, err := Load(map[string]any{"preset": "production", "search.zones": 1, "search.nodes": 1})
	if err != nil || c.Search.Zones != 1 || !c.Protect {
		t.Fatalf("%+v, %v", c.Search, err)
	}
	values := map[string]any{}
	for _, option := range c.Changed() {
		key, value, _ := strings.Cut(option, "=")
		values[key] = value
	}
	if again, err := Load(values); err != nil || again != c {
		t.Errorf("%v gives %+v, %v", values, again, err)
	}
	if _, err := Load(map[string]any{"preset": "trail"}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("choose one of %q", Presets())) {
		t.Errorf("a preset that is none: %v", err)
	}
}

func TestAccessRefuses(t *testing.T) {
	room := map[string]any{"room.on": true, "room.domain": "room.example.org", "room.certificate": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"}
	for _, test := range []struct{ key, value, want string }{
		{"search.operators", "arn:aws:iam::1:role/x", "search.operators has"},
		{"search.operators", "arn:aws:iam::123456789012:role/x,*", `search.operators has "*"`},
		{"search.allow-cidr", "203.0.113.1/24", "search.allow-cidr has"},
		{"search.allow-cidr", "0.0.0.0/0", "search.allow-cidr has"},
		{"search.allow-cidr", "2001:db8::/32", "search.allow-cidr has"},
		{"search.keep-months", "-1", "search.keep-months is -1"},
		{"watch.budget-dollars", "much", "watch.budget-dollars is"},
		{"room.domain", "room", "room.domain is"},
		{"room.certificate", "x", "room.certificate is"},
		{"room.internal", "true", "network.mode=public"},
		{"network.cidr", "10.0.0.0/24", "a load balancer needs larger subnets"},
	} {
		values := map[string]any{test.key: test.value}
		for key, value := range room {
			if values[key] == nil {
				values[key] = value
			}
		}
		if _, err := Load(values); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: got %v, want %q", test.key, test.value, err, test.want)
		}
	}
	both := map[string]any{"search.vpc": true, "search.allow-cidr": "203.0.113.0/24"}
	if _, err := Load(both); err == nil || !strings.Contains(err.Error(), "leave one of them out") {
		t.Errorf("addresses for a domain inside the VPC: %v", err)
	}
}
