package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"taxistream/internal/opensearch"
)

// logging turns on what the domain is to log: OpenSearch Service only carries to
// CloudWatch what the domain itself writes, and a new one writes neither audit
// nor slow log.
type logging struct {
	common
	// SlowSeconds is the time from which on a search is slow. CloudFormation
	// hands all values over as text.
	SlowSeconds string
}

// loggingID names the settings, of which a domain has one.
const loggingID = "taxi-trips-logging"

func (l *logging) id() string { return loggingID }

func (l *logging) check() error {
	_, err := l.threshold()
	return err
}

// threshold is the time in OpenSearch's spelling.
func (l *logging) threshold() (string, error) {
	seconds, err := strconv.ParseFloat(l.SlowSeconds, 64)
	if err != nil || !(seconds >= 0.001 && seconds <= 3600) {
		return "", fmt.Errorf("the property SlowSeconds is %q: give 0.001 to 3600", l.SlowSeconds)
	}
	return fmt.Sprintf("%dms", int64(math.Round(seconds*1000))), nil
}

const slowSetting = "cluster.search.request.slowlog."

func (l *logging) put(ctx context.Context, c *clients) (map[string]string, error) {
	threshold, err := l.threshold()
	if err != nil {
		return nil, err
	}
	if err := audit(ctx, c); err != nil {
		return nil, err
	}
	err = settings(ctx, c, map[string]any{slowSetting + "threshold.warn": threshold, slowSetting + "level": "WARN"})
	if refused(err) {
		return map[string]string{slowLog: err.Error()}, nil
	}
	return map[string]string{slowLog: "searches of " + threshold + " and more"}, err
}

// slowLog is the attribute that tells what stands in the slow log.
const slowLog = "SlowLog"

// refused tells whether a domain does not let a setting be changed. OpenSearch
// Service passes on a list of settings that differs with its releases; without a
// slow log a deployment is still one, so it goes on and tells.
func refused(err error) bool {
	switch opensearch.Status(err) {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// audit turns the audit log on, with the categories that a new domain leaves
// out: each request that succeeds would cost a line. Bodies are left out too: they
// would be copies of the documents.
func audit(ctx context.Context, c *clients) error {
	const path = "/_plugins/_security/api/audit"
	err := send(ctx, c.search, "turn the audit log on", http.MethodPatch, path, nil, []map[string]any{
		{"op": "add", "path": "/config/enabled", "value": true},
		{"op": "add", "path": "/config/audit/log_request_body", "value": false},
	})
	if err != nil {
		return err
	}
	text, err := c.search.Do(ctx, "read the audit log's settings back", http.MethodGet, path, nil, nil)
	if err != nil {
		return err
	}
	var there struct {
		Config struct {
			Enabled bool `json:"enabled"`
		} `json:"config"`
	}
	if err := json.Unmarshal(text, &there); err != nil || !there.Config.Enabled {
		return fmt.Errorf("read the audit log's settings back: it is still off (%.200s): look for another writer", text)
	}
	return nil
}

func settings(ctx context.Context, c *clients, values map[string]any) error {
	// Without patience: the audit log's settings, before it, had it.
	return send(ctx, c.search.Client, "set the slow log", http.MethodPut, "/_cluster/settings", nil, map[string]any{"persistent": values})
}

// remove takes the slow log's settings away. The audit log stays on: a deletion
// must not end the record of who deletes.
func (l *logging) remove(ctx context.Context, c *clients, id string) error {
	if id != loggingID {
		return nil
	}
	err := settings(ctx, c, map[string]any{slowSetting + "threshold.warn": nil, slowSetting + "level": nil})
	if refused(err) {
		return nil // then it was never set
	}
	return err
}
