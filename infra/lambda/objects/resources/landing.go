package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"taxistream/dashboards/objects"
)

// What opens after a login: the tenant that everybody shares, and in it the
// dashboard. Without these somebody new is asked for a tenant, of which the first one
// offered is empty, and then sees the home page, from which nothing leads to the
// dashboard (OpenSearch, "Dynamic configuration in OpenSearch Dashboards"; Dashboards'
// advanced setting defaultRoute).
const (
	tenancyPath  = "/_plugins/_security/api/tenancy/config"
	settingsPath = "/api/opensearch-dashboards/settings"
	routeSetting = "defaultRoute"
)

// route is where Dashboards goes by itself.
func route(prefix string) string { return "/app/dashboards#/view/" + objects.DashboardID(prefix) }

func land(ctx context.Context, c *clients, prefix string) error {
	// Without patience: the requests before these had it.
	tenancy := map[string]any{"default_tenant": "global"}
	if err := send(ctx, c.search.Client, "set the tenant that a login begins with", http.MethodPut, tenancyPath, nil, tenancy); err != nil {
		return err
	}
	return setRoute(ctx, c, route(prefix))
}

// setRoute takes nil for Dashboards' own.
func setRoute(ctx context.Context, c *clients, to any) error {
	header := http.Header{"Osd-Xsrf": {"true"}, "Content-Type": {"application/json"}, "Securitytenant": {"global"}}
	changes := map[string]any{"changes": map[string]any{routeSetting: to}}
	return send(ctx, c.dashboards.Client, "set the first page", http.MethodPost, settingsPath, header, changes)
}

// takeOff lets a login begin at the home page again, unless another prefix's dashboard
// has taken the place of this one's: with a new prefix that comes first.
func takeOff(ctx context.Context, c *clients, prefix string) error {
	header := http.Header{"Securitytenant": {"global"}}
	text, err := c.dashboards.Client.Do(ctx, "read the first page", http.MethodGet, settingsPath, header, nil)
	if err != nil {
		return err
	}
	var there struct {
		Settings map[string]struct {
			UserValue any `json:"userValue"`
		} `json:"settings"`
	}
	if err := json.Unmarshal(text, &there); err != nil {
		return fmt.Errorf("read the first page: %w", err)
	}
	if there.Settings[routeSetting].UserValue != route(prefix) {
		return nil
	}
	return setRoute(ctx, c, nil)
}
