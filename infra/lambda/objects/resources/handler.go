// Package resources holds the custom resources of an OpenSearch domain:
//
//	Custom::SearchObjects   index templates, their retention, the saved objects of the
//	                        dashboard, and that one lands on it after the login
//	Custom::SearchAccess    a role of the domain and its mapping to a role of IAM
//	Custom::SearchLogging   audit log and slow log, which are off in a new domain
//	Custom::SearchRoles     nothing: it waits until IAM's new roles are known everywhere
//
// Each is put in place by name, over what is there, and read back, so a request
// may come twice. The name holds the index prefix: with another prefix a second
// set stands beside the first until CloudFormation, at the end of the stack's
// update, deletes the first; a processor under the old prefix works until then.
//
// A deletion takes saved objects, roles and mappings away, never documents nor
// the templates that describe them and hold the rules they were made by. What is
// not there is deleted already.
package resources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"taxistream/infra/lambda/cloudformation"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// Connect makes a client of a server; the handler closes it.
type Connect func(url string) (*opensearch.Client, error)

// Handler handles events. It may be used by several goroutines.
type Handler struct {
	connect Connect
	// Resolve tells whether a host has an address; a domain that was deleted has none.
	Resolve func(ctx context.Context, host string) error
	// Pause is between attempts at a domain that does not know its roles yet.
	Pause time.Duration
	// Settle is the time after which a new role counts as known everywhere.
	Settle time.Duration
}

// New makes a Handler.
func New(connect Connect) *Handler {
	resolve := func(ctx context.Context, host string) error {
		_, err := net.DefaultResolver.LookupHost(ctx, host)
		return err
	}
	return &Handler{connect: connect, Resolve: resolve, Pause: 10 * time.Second, Settle: time.Minute}
}

// A resource is one that can be put in place and taken away, each time wholly.
type resource interface {
	// check finds what is wrong with the properties.
	check() error
	// id names what put makes.
	id() string
	put(ctx context.Context, c *clients) (map[string]string, error)
	// remove takes away what put made under an id. An unknown id is a success.
	remove(ctx context.Context, c *clients, id string) error
}

// common are the properties of all resources.
type common struct {
	Endpoint string // https://, of the domain
	Prefix   string // before every index name
}

func (c *common) check() error {
	if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" {
		return fmt.Errorf("the property Endpoint is %q: give the domain's https://", c.Endpoint)
	}
	return results.ValidatePrefix(c.Prefix)
}

// Handle does what an event asks for.
func (h *Handler) Handle(ctx context.Context, event cloudformation.Event) (cloudformation.Result, error) {
	if event.ResourceType == rolesKind {
		return h.settle(ctx, event)
	}
	r, endpoint, err := read(event.ResourceType, event.Properties)
	if event.RequestType == cloudformation.Delete {
		done := cloudformation.Result{PhysicalID: event.PhysicalResourceID}
		if err != nil {
			return done, nil // such a resource was never made
		}
		return done, h.delete(ctx, r, endpoint, event.PhysicalResourceID)
	}
	if err != nil {
		return cloudformation.Result{}, fmt.Errorf("%s %s: %w", event.RequestType, event.LogicalResourceID, err)
	}
	switch event.RequestType {
	case cloudformation.Create:
		return h.put(ctx, r, endpoint)
	case cloudformation.Update:
		result, err := h.put(ctx, r, endpoint)
		if err != nil && result.PhysicalID != event.PhysicalResourceID {
			// CloudFormation keeps the old id and will not know of the new one.
			err = errors.Join(err, h.delete(ctx, r, endpoint, result.PhysicalID))
			result.PhysicalID = event.PhysicalResourceID
		}
		return result, err
	}
	return cloudformation.Result{}, fmt.Errorf("request %q: not one of Create, Update and Delete", event.RequestType)
}

// rolesKind is a resource that waits for roles, and is nothing beside.
const rolesKind = "Custom::SearchRoles"

func (h *Handler) settle(ctx context.Context, event cloudformation.Event) (cloudformation.Result, error) {
	result := cloudformation.Result{PhysicalID: "taxi-trips-roles"}
	if event.RequestType == cloudformation.Delete {
		return result, nil
	}
	return result, sleep(ctx, h.Settle)
}

func (h *Handler) put(ctx context.Context, r resource, endpoint string) (cloudformation.Result, error) {
	result := cloudformation.Result{PhysicalID: r.id()}
	c, err := h.clients(endpoint)
	if err != nil {
		return result, err
	}
	defer c.close()
	result.Data, err = r.put(ctx, c)
	return result, err
}

func (h *Handler) delete(ctx context.Context, r resource, endpoint, id string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	var unknown *net.DNSError
	if err := h.Resolve(ctx, u.Hostname()); errors.As(err, &unknown) && unknown.IsNotFound {
		return nil // the domain is gone, and all in it
	}
	c, err := h.clients(endpoint)
	if err != nil {
		return err
	}
	defer c.close()
	return r.remove(ctx, c, id)
}

// read makes the resource of an event's properties.
func read(kind string, properties json.RawMessage) (resource, string, error) {
	var c common
	var r resource
	switch kind {
	case "Custom::SearchObjects":
		r = &objectSet{}
	case "Custom::SearchAccess":
		r = &access{}
	case "Custom::SearchLogging":
		r = &logging{}
	default:
		return nil, "", fmt.Errorf("resource type %q: not one of this function's", kind)
	}
	if err := errors.Join(json.Unmarshal(properties, &c), json.Unmarshal(properties, r)); err != nil {
		return nil, "", fmt.Errorf("properties of %s: %w", kind, err)
	}
	return r, c.Endpoint, errors.Join(c.check(), r.check())
}
