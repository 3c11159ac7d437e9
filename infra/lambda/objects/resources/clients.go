package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"taxistream/dashboards/objects"
	"taxistream/internal/opensearch"
)

// clients are those of a domain and of its OpenSearch Dashboards.
type clients struct {
	search     patient
	dashboards dashboards
}

func (h *Handler) clients(endpoint string) (*clients, error) {
	endpoint = strings.TrimRight(endpoint, "/")
	search, err := h.connect(endpoint)
	if err != nil {
		return nil, err
	}
	boards, err := h.connect(endpoint + "/_dashboards")
	if err != nil {
		search.Close()
		return nil, err
	}
	return &clients{patient{search, h.Pause}, dashboards{patient{boards, h.Pause}}}, nil
}

func (c *clients) close() {
	c.search.Close()
	c.dashboards.Close()
}

// patience is how often a request is sent that the domain refuses for a reason
// that passes. With the pause of 10 s it is two minutes.
const patience = 12

// patient is a client that waits for a domain which does not know its roles yet,
// as in the first minutes of its life and after a change of IAM's (401, 403), or
// whose security configuration another request is just changing (409). The
// client itself waits for one that does not answer.
type patient struct {
	*opensearch.Client
	pause time.Duration
}

func (p patient) Do(ctx context.Context, op, method, path string, header http.Header, body []byte) ([]byte, error) {
	var answer []byte
	err := p.until(ctx, func() (err error) {
		answer, err = p.Client.Do(ctx, op, method, path, header, body)
		return err
	})
	return answer, err
}

// send makes a request whose body is v as JSON.
func send(ctx context.Context, to objects.Client, op, method, path string, header http.Header, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = to.Do(ctx, op, method, path, header, body)
	return err
}

// until calls f until its error is none that passes. The last refusal says more
// than the end of the time in which there was one.
func (p patient) until(ctx context.Context, f func() error) error {
	for attempt := 1; ; attempt++ {
		err := f()
		if attempt == patience || !passing(err) || sleep(ctx, p.pause) != nil {
			return err
		}
	}
}

func passing(err error) bool {
	switch opensearch.Status(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict:
		return true
	}
	return false
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dashboards sends requests for the tenant that everybody shares. Without it a
// signed request falls into its sender's own tenant, which nobody else sees.
type dashboards struct{ patient }

func (d dashboards) Do(ctx context.Context, op, method, path string, header http.Header, body []byte) ([]byte, error) {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Securitytenant", "global")
	return d.patient.Do(ctx, op, method, path, header, body)
}
