package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Search is the OpenSearch domain and the login to its dashboards.
type Search struct {
	Instance   string  `key:"instance" doc:"instance type of the domain's data nodes"`
	Nodes      int     `key:"nodes" doc:"number of data nodes, a multiple of search.zones"`
	Zones      int     `key:"zones" doc:"availability zones, 1 to 3"`
	Masters    string  `key:"masters" doc:"instance type of three dedicated cluster managers; empty: none, data nodes manage the cluster"`
	VolumeGB   int     `key:"volume-gb" doc:"gigabytes of gp3 volume of each data node"`
	OwnKey     bool    `key:"own-key" doc:"encrypt the domain under a KMS key of its own, not under the account's aws/es" change:"replaces the domain: its documents are lost"`
	VPC        bool    `key:"vpc" doc:"the domain has addresses inside the VPC only: people need a way in, such as a VPN" change:"first deployment only: AWS moves no domain into a VPC or out of one"`
	AllowCIDR  string  `key:"allow-cidr" doc:"address ranges, separated by commas, from which alone people reach the public domain, its login and the control room; empty: all"`
	WAF        bool    `key:"waf" doc:"a web application firewall before the login: known attackers, too many attempts from an address"`
	MFA        bool    `key:"mfa" doc:"the login asks for a code of an authenticator app too"`
	Operators  string  `key:"operators" doc:"ARNs of IAM roles or users, separated by commas, that may look after the domain: the runbooks' commands"`
	KeepMonths int     `key:"keep-months" doc:"months that documents are kept after their month's index was made, rejects 1; 0: for ever"`
	LogDays    int     `key:"log-days" doc:"days that the domain's slow, error and audit logs are kept"`
	SlowQuery  float64 `key:"slow-seconds" doc:"seconds from which on a search stands in the slow log"`
	From       string  `key:"from" doc:"time that the dashboard begins with, RFC 3339 or such as now-24h; empty: that of the generated day"`
	To         string  `key:"to" doc:"time that it ends with, where search.from is given"`
}

var defaultSearch = Search{
	Instance: "m7g.medium.search", Nodes: 1, Zones: 1, VolumeGB: 20, OwnKey: true, MFA: true,
	KeepMonths: 12, LogDays: 30, SlowQuery: 5, To: "now",
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
	errs = append(errs, between("search.keep-months", s.KeepMonths, 0, 1200))
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
	return errors.Join(append(errs, s.checkAccess())...)
}

// checkAccess looks at who may come in, and from where.
func (s *Search) checkAccess() error {
	var errs []error
	for _, arn := range s.OperatorList() {
		if !principals.MatchString(arn) {
			errs = append(errs, fmt.Errorf("search.operators has %q: give the ARN of an IAM role or user, arn:aws:iam::123456789012:role/NAME", arn))
		}
	}
	for _, text := range s.AllowList() {
		if prefix, err := netip.ParsePrefix(text); err != nil || !prefix.Addr().Is4() || prefix.Masked() != prefix || prefix.Bits() == 0 {
			errs = append(errs, fmt.Errorf("search.allow-cidr has %q: write IPv4 ranges such as 203.0.113.0/24, separated by commas", text))
		}
	}
	if s.VPC && s.AllowCIDR != "" {
		errs = append(errs, errors.New("search.allow-cidr is given with search.vpc=true: AWS judges a domain inside a VPC by no address; leave one of them out"))
	}
	return errors.Join(errs...)
}

// principals are those whom a domain's policy can name.
var principals = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$`)

// OperatorList is search.operators, one by one.
func (s *Search) OperatorList() []string { return list(s.Operators) }

// AllowList is search.allow-cidr, one by one.
func (s *Search) AllowList() []string { return list(s.AllowCIDR) }

// list splits what commas separate; nothing gives nothing.
func list(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
