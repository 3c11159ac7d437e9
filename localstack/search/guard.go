package search

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"taxistream/localstack/search/fail"
)

// guard refuses what a page in somebody's browser could send. The store asks for
// no password, so that whoever reaches its port may do anything; but a page from
// elsewhere is not who opened the port. It can send without being asked only what
// a form could, which is no JSON (checked by content type), it names where it
// comes from (Origin, Sec-Fetch-Site), and if it makes its own name lead here, the
// Host is that name.
func guard(r *http.Request) *fail.Error {
	if !trustedHost(r.Host) {
		return forbiddenf("the host %q is no name of this machine or of a private network; ask by an address, localhost, or a name without a dot", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return forbiddenf("a page of %q may not use this store; ask from a program, or by a proxy of your own", origin)
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return forbiddenf("a page from elsewhere may not use this store; ask from a program, or by a proxy of your own")
	}
	return jsonOnly(r)
}

func forbiddenf(format string, args ...any) *fail.Error {
	return fail.Newf(http.StatusForbidden, "security_exception", format, args...)
}

// privateNames are domains that nobody can register.
var privateNames = []string{"localhost", "internal", "local", "test", "home.arpa"}

// trustedHost tells a name that leads here because somebody here says so: an
// address, a name of one word, or one of a private domain.
func trustedHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || !strings.Contains(host, ".") {
		return true
	}
	return slices.ContainsFunc(privateNames, func(domain string) bool { return strings.HasSuffix(host, "."+domain) })
}

// jsonOnly refuses a body that does not say that it is JSON, in OpenSearch's words.
func jsonOnly(r *http.Request) *fail.Error {
	if r.ContentLength == 0 {
		return nil
	}
	given := r.Header["Content-Type"]
	if len(given) == 1 && !strings.Contains(given[0], "/") {
		return fail.Newf(http.StatusBadRequest, "content_type_header_exception", "Invalid Content-Type header [%s]", given[0])
	}
	kind, _, err := mime.ParseMediaType(strings.Join(given, ","))
	if err != nil || kind != "application/json" && kind != "application/x-ndjson" {
		return &fail.Error{Status: http.StatusNotAcceptable, Reason: "Content-Type header [" + strings.Join(given, ",") + "] is not supported"}
	}
	return nil
}
