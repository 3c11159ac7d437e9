package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Search is the OpenSearch domain and the login to its dashboards.
type Search struct {
	Instance  string  `key:"instance" doc:"instance type of the domain's data nodes"`
	Nodes     int     `key:"nodes" doc:"number of data nodes, a multiple of search.zones"`
	Zones     int     `key:"zones" doc:"availability zones, 1 to 3"`
	Masters   string  `key:"masters" doc:"instance type of three dedicated cluster managers; empty: none, data nodes manage the cluster"`
	VolumeGB  int     `key:"volume-gb" doc:"gigabytes of gp3 volume of each data node"`
	OwnKey    bool    `key:"own-key" doc:"encrypt the domain under a KMS key of its own, not under the account's aws/es"`
	MFA       bool    `key:"mfa" doc:"the login asks for a code of an authenticator app too"`
	LogDays   int     `key:"log-days" doc:"days that the domain's slow, error and audit logs are kept"`
	SlowQuery float64 `key:"slow-seconds" doc:"seconds from which on a search stands in the slow log"`
	From      string  `key:"from" doc:"time that the dashboard begins with, RFC 3339 or such as now-24h; empty: that of the generated day"`
	To        string  `key:"to" doc:"time that it ends with, where search.from is given"`
}

var defaultSearch = Search{
	Instance: "m7g.medium.search", Nodes: 1, Zones: 1, VolumeGB: 20, OwnKey: true,
	LogDays: 30, SlowQuery: 5, To: "now",
}

var (
	instanceTypes = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9]+\.search$`)
	domainNames   = regexp.MustCompile(`^[a-z][a-z0-9-]{2,27}$`)
)

// DomainName is the name of the OpenSearch domain. It is fixed, so that policies
// which the domain itself needs can name it.
func (c *Config) DomainName() string { return strings.ToLower(c.Name) }

func (s *Search) check(c *Config) error {
	errs := []error{
		between("search.nodes", s.Nodes, 1, 80),
		between("search.zones", s.Zones, 1, 3),
		between("search.volume-gb", s.VolumeGB, 10, 16_384),
	}
	if !domainNames.MatchString(c.DomainName()) {
		errs = append(errs, fmt.Errorf("name is %q: the OpenSearch domain is called so in lower case; write 3 to 28 letters, digits and hyphens, a letter first", c.Name))
	}
	if s.Zones > 0 && s.Nodes%s.Zones != 0 {
		errs = append(errs, fmt.Errorf("search.nodes is %d: choose a multiple of search.zones, %d", s.Nodes, s.Zones))
	}
	if !instanceTypes.MatchString(s.Instance) {
		errs = append(errs, fmt.Errorf("search.instance is %q: write a type such as %s", s.Instance, defaultSearch.Instance))
	}
	if family, _, _ := strings.Cut(s.Instance, "."); slices.Contains([]string{"t2", "m3", "r3", "i2", "m4", "c4", "r4"}, family) {
		errs = append(errs, fmt.Errorf("search.instance is %q: this family lacks the encryption, the access control or the volumes that the domain needs; choose such as %s", s.Instance, defaultSearch.Instance))
	}
	if s.Masters != "" && !instanceTypes.MatchString(s.Masters) {
		errs = append(errs, fmt.Errorf("search.masters is %q: write a type such as m7g.large.search, or nothing", s.Masters))
	}
	if !slices.Contains(LogDays, s.LogDays) {
		errs = append(errs, fmt.Errorf("search.log-days is %d: choose one of %v", s.LogDays, LogDays))
	}
	if !(s.SlowQuery > 0 && s.SlowQuery <= 3600) {
		errs = append(errs, fmt.Errorf("search.slow-seconds is %v: choose 0.001 to 3600", s.SlowQuery))
	}
	if s.From != "" && s.To == "" {
		errs = append(errs, errors.New("search.to is empty: give the end of the time that begins at search.from"))
	}
	return errors.Join(errs...)
}
