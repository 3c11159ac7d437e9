// Package door passes requests that a load balancer has logged in on to the control room,
// and no others: whoever else reaches its port, from inside the VPC, is refused. It trusts
// the load balancer's signature, not the network.
package door

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Options say who may come in.
type Options struct {
	To     string // the control room
	Host   string // the name under which people come
	Signer string // the load balancer's ARN
	Key    Keys
	Now    func() time.Time
}

// A Door is an http.Handler.
type Door struct {
	o     Options
	proxy *httputil.ReverseProxy
}

// New checks the options.
func New(o Options) (*Door, error) {
	to, err := url.Parse(o.To)
	if err != nil || to.Host == "" {
		return nil, fmt.Errorf("-to %q: write a URL such as http://127.0.0.1:8081", o.To)
	}
	if o.Host == "" {
		return nil, fmt.Errorf("-host is empty: give the name under which people come")
	}
	return &Door{o: o, proxy: &httputil.ReverseProxy{
		FlushInterval: -1, // events are passed on as they come
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to) // and the host with it: the control room knows its own name only
			for name := range r.Out.Header {
				if strings.HasPrefix(name, "X-Amzn-") || name == "Cookie" || name == "Authorization" || name == "Origin" {
					r.Out.Header.Del(name) // the login's, nobody else's business; Origin has been judged
				}
			}
		},
	}}, nil
}

// healthPath is asked by the load balancer itself, without a login and by address.
const healthPath = "/healthz"

// ServeHTTP passes on what the load balancer has logged in, under its name, and changes
// only from a page of that name: another site's page would bring the login's cookie with it.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == healthPath && r.Method == http.MethodGet {
		d.proxy.ServeHTTP(w, r)
		return
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	origin := r.Header.Get("Origin")
	switch {
	case r.Host != d.o.Host:
		http.Error(w, "this is not the control room's name", http.StatusMisdirectedRequest)
	case origin != "" && origin != "https://"+d.o.Host || origin == "" && !reads:
		http.Error(w, "a request from another site", http.StatusForbidden)
	default:
		if err := d.o.verify(r.Context(), r.Header.Get("X-Amzn-Oidc-Data")); err != nil {
			http.Error(w, "not logged in: "+err.Error(), http.StatusUnauthorized)
			return
		}
		d.proxy.ServeHTTP(w, r)
	}
}
