package resources_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"taxistream/infra/lambda/cloudformation"
)

// Ensure a domain that takes neither a first page nor a retention is deployed and
// destroyed without, and the deployment tells why; and that without a limit nothing is
// deleted.
func TestLandingAndRetention(t *testing.T) {
	for _, c := range []struct {
		name, part, months        string
		status                    int
		wantLanding, wantRetained string
	}{
		{"Taken", "", "12", 0, "the dashboard", "12 months"},
		{"NoTenancy", "/tenancy/", "12", 403, "set the tenant", "12 months"},
		{"NoSettings", "/settings", "12", 400, "set the first page", "12 months"},
		{"NoISM", "/_ism/", "12", 400, "the dashboard", "status 400"},
		{"ForEver", "", "0", 0, "the dashboard", "for ever"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDomain(t, "")
			d.refuse(func(r *http.Request) int {
				if c.status != 0 && strings.Contains(r.URL.Path, c.part) {
					return c.status
				}
				return 0
			})
			s, w := newStack(t), template(d, "")
			w["SavedObjects"].properties["KeepMonths"] = c.months
			results, err := s.deploy(w)
			data := results["SavedObjects"].Data
			if err != nil || !strings.Contains(data["Landing"], c.wantLanding) || !strings.Contains(data["Retention"], c.wantRetained) {
				t.Errorf("%v, %v", data, err)
			}
			if c.months == "0" && len(d.policies) > 0 {
				t.Errorf("policies %v", d.policies)
			}
			s.destroy()
		})
	}
}

// Ensure the resource that waits for roles waits, makes nothing and is deleted at once.
func TestRolesKnown(t *testing.T) {
	d, s := newDomain(t, ""), newStack(t)
	s.handler.Settle = time.Hour
	event := cloudformation.Event{RequestType: cloudformation.Create, ResourceType: "Custom::SearchRoles"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.handler.Handle(ctx, event); !errors.Is(err, context.Canceled) {
		t.Errorf("it did not wait: %v", err)
	}
	event.RequestType = cloudformation.Delete
	if _, err := s.handler.Handle(t.Context(), event); err != nil || len(d.requests) > 0 {
		t.Errorf("the deletion: %v, %v", err, d.requests)
	}
}
