package objects

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Client sends a request to OpenSearch Dashboards; *opensearch.Client does it.
// path begins with a slash. A status other than 2xx is an error.
type Client interface {
	Do(ctx context.Context, op, method, path string, header http.Header, body []byte) ([]byte, error)
}

// answer is what the import API says.
type answer struct {
	Success      bool `json:"success"`
	SuccessCount int  `json:"successCount"`
	Errors       []struct {
		ID    string `json:"id"`
		Type  string `json:"type"`
		Error struct {
			Type       string      `json:"type"`
			Message    string      `json:"message"`
			References []Reference `json:"references"`
		} `json:"error"`
	} `json:"errors"`
}

// xsrf is what Dashboards wants to see in every writing request.
var xsrf = http.Header{"Osd-Xsrf": {"true"}}

// Import puts objects in place, over those that are there, and reads each back:
// an import can answer success and have stored something else, or nothing.
// Doing it again changes nothing.
func Import(ctx context.Context, c Client, all []Object) error {
	body, contentType, err := form(Encode(all))
	if err != nil {
		return fmt.Errorf("import objects: %w", err)
	}
	header := xsrf.Clone()
	header.Set("Content-Type", contentType)
	text, err := c.Do(ctx, "import objects", http.MethodPost, "/api/saved_objects/_import?overwrite=true", header, body)
	if err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("import objects: the answer is not that of OpenSearch Dashboards (%w): check the endpoint, with its /_dashboards on AWS", err)
	}
	var failed []error
	for _, e := range a.Errors {
		what := e.Error.Type
		if e.Error.Message != "" {
			what += ": " + e.Error.Message
		}
		for _, r := range e.Error.References {
			what += fmt.Sprintf(" (%s %s)", r.Type, r.ID)
		}
		failed = append(failed, fmt.Errorf("import %s %s: %s", e.Type, e.ID, what))
	}
	if len(failed) == 0 && (!a.Success || a.SuccessCount != len(all)) {
		failed = append(failed, fmt.Errorf("import objects: %d of %d were taken, and no error says why", a.SuccessCount, len(all)))
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	return verify(ctx, c, all)
}

func form(ndjson []byte) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "taxi-trips.ndjson")
	if err == nil {
		_, err = part.Write(ndjson)
	}
	if err == nil {
		err = w.Close() // only then is the body whole
	}
	return b.Bytes(), w.FormDataContentType(), err
}

// verify reads every object back.
func verify(ctx context.Context, c Client, all []Object) error {
	for _, want := range all {
		text, err := c.Do(ctx, "read "+want.Type+" "+want.ID+" back", http.MethodGet, "/api/saved_objects/"+want.Type+"/"+want.ID, nil, nil)
		if err != nil {
			return err
		}
		var got Object
		if err := json.Unmarshal(text, &got); err != nil {
			return fmt.Errorf("read %s %s back: %w", want.Type, want.ID, err)
		}
		if what := difference(got, want); what != "" {
			return fmt.Errorf("read %s %s back: %s is not what was imported: import again, or look for another writer", want.Type, want.ID, what)
		}
	}
	return nil
}

// difference names what of an object is not as it should be. A server may add
// attributes of its own.
func difference(got, want Object) string {
	var plain Object // numbers and lists as JSON reads them
	if err := json.Unmarshal([]byte(text(want)), &plain); err != nil {
		return err.Error()
	}
	for _, name := range slices.Sorted(maps.Keys(plain.Attributes)) {
		if !reflect.DeepEqual(got.Attributes[name], plain.Attributes[name]) {
			return "the attribute " + name
		}
	}
	missing := map[Reference]bool{}
	for _, r := range plain.References {
		missing[r] = true
	}
	for _, r := range got.References {
		delete(missing, r)
	}
	if len(missing) > 0 {
		return "the list of references"
	}
	return ""
}

// Address is where a browser finds a prefix's dashboard.
func Address(endpoint, prefix string) string {
	return strings.TrimRight(endpoint, "/") + "/app/dashboards#/view/" + DashboardID(prefix)
}
