//go:build integration

package integration

import (
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// proxy stands between the processor and a server.
type proxy struct {
	*toxiproxy.Proxy
	t   *testing.T
	URL string
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	p := &proxy{Proxy: toxiproxy.NewProxy(api, t.Name(), freeAddress(t).String(), strings.TrimPrefix(to, "http://")), t: t}
	p.on()
	p.URL = "http://" + p.Listen
	t.Cleanup(p.Stop)
	return p
}

func (p *proxy) on() {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// cut lets that many bytes of each connection through, in one direction
// (upstream or downstream), and then resets it.
func (p *proxy) cut(direction string, bytes string) {
	p.t.Helper()
	for _, toxic := range []string{
		`{"name":"limit","type":"limit_data","stream":"` + direction + `","attributes":{"bytes":` + bytes + `}}`,
	} {
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			p.t.Fatal(err)
		}
	}
}

// heal lets everything through again.
func (p *proxy) heal() { p.Toxics.ResetToxics(p.t.Context()) }
