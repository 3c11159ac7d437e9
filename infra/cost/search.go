package cost

import "taxistream/infra/config"

// What the domain is taken to write and to give away.
const (
	domainLogBytes = 20       // a second, of slow, error and audit logs
	visitBytes     = 50 << 20 // that a user's browser loads in a month
	managers       = 3
)

// priceSearch: nodes and their volumes, managers if there are any, the domain's
// key and logs, and who logs in. What the nodes send each other, in whatever
// zones, costs nothing.
func priceSearch(c *config.Config, b *bill) {
	s := &c.Search
	b.hourly(Instance(s.Instance), float64(s.Nodes), "")
	if s.Masters != "" {
		b.hourly(Instance(s.Masters), managers, "cluster managers")
	}
	b.monthly(VolumeMonth, float64(s.Nodes*s.VolumeGB)*gigabyte, "")
	if s.OwnKey {
		b.monthly(KeyMonth, 1, "the domain's")
	}
	if known := len(s.AllowList()) > 0; s.WAF || known {
		b.monthly(FirewallMonth, 1, "the login's")
		rules := 2.0
		if known {
			rules++
		}
		b.monthly(FirewallRuleMonth, rules, "the login's")
	}
	b.logs(domainLogBytes, s.LogDays, month, "the domain's")
	b.monthly(ActiveUser, float64(c.Assumed.Users), "")
	b.monthly(InternetOut, float64(c.Assumed.Users)*visitBytes, "dashboards")
}
