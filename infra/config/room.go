package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
)

// Room is the control room on AWS: the processor's pages for people who have logged in.
type Room struct {
	On          bool   `key:"on" doc:"extra: the control room behind a load balancer, with the dashboards' login" change:"adds the load balancer, or takes it away"`
	Forward     bool   `key:"forward" doc:"extra: a door in the processor's task for go run ./infra room, a port forward by Systems Manager"`
	Domain      string `key:"domain" doc:"name under which people open the control room; an alias of out Processor RoomTarget"`
	Certificate string `key:"certificate" doc:"ARN of an ACM certificate of that name, in the same region"`
	Internal    bool   `key:"internal" doc:"the load balancer has addresses inside the VPC only; needs network.mode=endpoints" change:"replaces the load balancer: its name leads elsewhere"`
}

var defaultRoom = Room{}

var (
	hostNames    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	certificates = regexp.MustCompile(`^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+$`)
)

// check asks an internal load balancer to have a way out: it redeems the login's code at
// Cognito, which has an address in the internet only.
func (r *Room) check(c *Config) error {
	if !r.On {
		return nil
	}
	var errs []error
	if !hostNames.MatchString(r.Domain) {
		errs = append(errs, fmt.Errorf("room.domain is %q: write the control room's name, such as room.example.org", r.Domain))
	}
	if !certificates.MatchString(r.Certificate) {
		errs = append(errs, fmt.Errorf("room.certificate is %q: give the ARN of a certificate, arn:aws:acm:…", r.Certificate))
	}
	if prefix, err := netip.ParsePrefix(c.Network.CIDR); err == nil && prefix.Bits() > 23 {
		errs = append(errs, fmt.Errorf("network.cidr is %s: a load balancer needs larger subnets; write /16 to /23", c.Network.CIDR))
	}
	if r.Internal && c.Network.Mode != NetworkEndpoints {
		errs = append(errs, errors.New("room.internal is true with network.mode=public: a load balancer without a public address reaches Cognito through a NAT gateway only; give -c network.mode=endpoints"))
	}
	return errors.Join(errs...)
}
