package resources

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taxistream/dashboards/objects"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// objectSet is the dashboard of an index prefix, and the templates of the indexes that it shows.
type objectSet struct {
	common
	From, To string // time range of the dashboard; From "": that of the generated day
	// KeepMonths is how long documents are kept, 0: for ever.
	KeepMonths string
}

// objectsID begins the id of a set; the index prefix follows.
const objectsID = "taxi-trips-objects:"

func (o *objectSet) id() string { return objectsID + o.Prefix }

func (o *objectSet) check() error {
	if n, err := strconv.Atoi(o.KeepMonths); err != nil || n < 0 {
		return fmt.Errorf("the property KeepMonths is %q: give a number of months, or 0", o.KeepMonths)
	}
	_, err := o.build()
	return err
}

func (o *objectSet) build() ([]objects.Object, error) {
	all := objects.Build(o.Prefix)
	if o.From != "" {
		if err := objects.Between(all, o.From, o.To); err != nil {
			return nil, fmt.Errorf("the properties From and To: %w", err)
		}
	}
	return all, nil
}

func (o *objectSet) put(ctx context.Context, c *clients) (map[string]string, error) {
	all, err := o.build()
	if err != nil {
		return nil, err
	}
	err = c.search.until(ctx, func() error {
		// Empty, not nil: OpenSearch refuses a _meta of null.
		return results.PutTemplates(ctx, c.search.Client, o.Prefix, map[string]string{}, nil)
	})
	if err != nil {
		return nil, err
	}
	for _, alias := range results.Aliases() {
		if err := verifyTemplate(ctx, c, o.Prefix+alias); err != nil {
			return nil, err
		}
	}
	if err := objects.Import(ctx, c.dashboards, all); err != nil {
		return nil, err
	}
	data := map[string]string{"Address": address(c.dashboards.Endpoint(), o.Prefix)}
	if data["Landing"], err = told("the dashboard of all", land(ctx, c, o.Prefix)); err != nil {
		return nil, err
	}
	data["Retention"], err = told(o.KeepMonths+" months, of rejects 1", o.retain(ctx, c))
	if o.KeepMonths == "0" {
		data["Retention"] = "for ever"
	}
	return data, err
}

// told is what an output says of a step without which a deployment is still one: what
// it did, or why the domain refuses it.
func told(done string, err error) (string, error) {
	if refused(err) {
		return err.Error(), nil
	}
	return done, err
}

// retain puts the policies that delete old months, or takes them away.
func (o *objectSet) retain(ctx context.Context, c *clients) error {
	months, err := strconv.Atoi(o.KeepMonths)
	if err != nil {
		return err
	}
	if months == 0 {
		return release(ctx, c, o.Prefix)
	}
	return results.PutRetention(ctx, c.search.Client, o.Prefix, months)
}

// release deletes the policies of a prefix. Indexes that they manage already are let go
// first: a policy that manages one would go on with the copy that the index has.
func release(ctx context.Context, c *clients, prefix string) error {
	for _, alias := range results.Aliases() {
		const ism = "/_plugins/_ism/"
		for _, step := range []struct{ op, method, path string }{
			{"let go the indexes of", http.MethodPost, ism + "remove/" + url.PathEscape(prefix+alias+"-*")},
			{"delete policy", http.MethodDelete, ism + "policies/" + url.PathEscape(prefix+alias)},
		} {
			_, err := c.search.Client.Do(ctx, step.op+" "+prefix+alias, step.method, step.path, nil, nil)
			if err != nil && !opensearch.NotFound(err) {
				return err
			}
		}
	}
	return nil
}

// verifyTemplate reads a template back: without it an index would take any field.
func verifyTemplate(ctx context.Context, c *clients, name string) error {
	var there opensearch.Template
	err := c.search.until(ctx, func() (err error) {
		there, err = c.search.Template(ctx, name)
		return err
	})
	if err == nil && !slices.Equal(there.Patterns, []string{name + "-*"}) {
		err = fmt.Errorf("read template %s back: it is not what was put: look for another writer, or choose another index prefix", name)
	}
	return err
}

// address opens the dashboard in the tenant that it was put into.
func address(endpoint, prefix string) string {
	return strings.Replace(objects.Address(endpoint, prefix), "#", "?security_tenant=global#", 1)
}

// remove deletes the saved objects, the dashboard first, so that none is left
// whose parts are gone. Templates stay with the documents that they describe.
func (o *objectSet) remove(ctx context.Context, c *clients, id string) error {
	prefix, ok := strings.CutPrefix(id, objectsID)
	if !ok {
		return nil
	}
	all := objects.Build(prefix)
	slices.Reverse(all)
	for _, object := range all {
		path := "/api/saved_objects/" + object.Type + "/" + url.PathEscape(object.ID)
		_, err := c.dashboards.Do(ctx, "delete "+object.Type+" "+object.ID, http.MethodDelete, path, http.Header{"Osd-Xsrf": {"true"}}, nil)
		if err != nil && !opensearch.NotFound(err) {
			return err
		}
	}
	if err := takeOff(ctx, c, prefix); err != nil && !refused(err) {
		return err
	}
	if err := release(ctx, c, prefix); err != nil && !refused(err) {
		return err
	}
	return nil
}
