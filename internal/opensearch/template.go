package opensearch

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"
)

// Template is what is known of an index template that is there.
type Template struct {
	Patterns []string          `json:"index_patterns"`
	Version  int               `json:"version"`
	Meta     map[string]string `json:"_meta"`
}

// Template reads one. One that is not there is an error for which NotFound holds.
func (c *Client) Template(ctx context.Context, name string) (Template, error) {
	op := "read template " + name
	body, err := c.call(ctx, &request{op: op, method: http.MethodGet, of: bodiless(opensearchapi.IndexTemplateGetReq{IndexTemplates: name})})
	if err != nil {
		return Template{}, err
	}
	var there struct {
		Templates []struct {
			Body Template `json:"index_template"`
		} `json:"index_templates"`
	}
	switch err := json.Unmarshal(body, &there); {
	case err != nil:
		return Template{}, &Error{Op: op, Server: c.base, Err: err, Hint: "delete the template, or choose another -index-prefix"}
	case len(there.Templates) == 0:
		return Template{}, &Error{Op: op, Server: c.base, Status: http.StatusNotFound}
	}
	return there.Templates[0].Body, nil
}

// PutTemplate puts one. With create one that is there is not overwritten: the
// error is one of status 400.
func (c *Client) PutTemplate(ctx context.Context, name string, body []byte, create bool) error {
	var only *bool
	if create {
		only = &create
	}
	_, err := c.call(ctx, &request{op: "put template " + name, method: http.MethodPut, body: body, of: func(b io.Reader) stock {
		return opensearchapi.IndexTemplateCreateReq{IndexTemplate: name, Body: b, Params: opensearchapi.IndexTemplateCreateParams{Create: only}}
	}})
	return err
}
