package search

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"unsafe"

	"taxistream/internal/jsonscan"
	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
)

// action is one line of a bulk request with its document.
type action struct {
	index.Write
	op   string // index, create or delete
	name string // of the index
}

// maxID is the longest id, in bytes.
const maxID = 512

// newID is an id for a document that comes without one.
func newID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// parseBulk reads a bulk body. Sources point into it. name is the index of the
// path, for actions that name none; it may be empty.
func parseBulk(body []byte, name string) ([]action, *fail.Error) {
	if len(body) == 0 {
		return nil, fail.Newf(http.StatusBadRequest, "parse_exception", "request body is required")
	}
	if body[len(body)-1] != '\n' {
		return nil, fail.Illegalf(`The bulk request must be terminated by a newline [\n]`)
	}
	actions := make([]action, 0, bytes.Count(body, []byte{'\n'})/2)
	line := 0
	last := name
	for len(body) > 0 {
		var head []byte
		head, body = cutLine(body)
		line++
		if len(bytes.TrimSpace(head)) == 0 {
			continue
		}
		a := action{name: last} // so that equal names share their memory
		if !a.parseUsual(head) {
			a.name = name
			if err := a.parse(head, line); err != nil {
				return nil, err
			}
		}
		last = a.name
		if !a.Delete {
			if len(body) == 0 {
				return nil, fail.Illegalf("Malformed action/metadata line [%d], a source is missing after it", line)
			}
			a.Source, body = cutLine(body)
			line++
		}
		actions = append(actions, a)
	}
	return actions, validate(actions)
}

func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// parseUsual reads the one form that the pipeline writes. What it does not take
// may still be an action, and has changed nothing.
func (a *action) parseUsual(head []byte) bool {
	c := jsonscan.Cursor{Text: head}
	if !c.Take('{') || !c.Name(`"index"`) || !c.Take('{') || !c.Name(`"_index"`) {
		return false
	}
	name, ok := c.Plain()
	if !ok || !c.Take(',') || !c.Name(`"_id"`) {
		return false
	}
	id, ok := c.Plain()
	if !ok || !c.Take(',') || !c.Name(`"version"`) {
		return false
	}
	digits, ok := c.Number()
	if !ok || !c.Take(',') || !c.Name(`"version_type"`) {
		return false
	}
	kind, ok := c.Plain()
	if !ok || string(kind.Of(head)) != "external_gte" || !c.Take('}') || !c.Take('}') || !c.End() {
		return false
	}
	version, err := strconv.ParseInt(unsafeString(digits.Of(head)), 10, 64)
	if err != nil {
		return false
	}
	if string(name.Of(head)) != a.name {
		a.name = string(name.Of(head))
	}
	a.op, a.ID, a.Version, a.Versioned, a.Versioning = "index", string(id.Of(head)), version, true, index.ExternalGTE
	return true
}

func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parse reads any action line.
func (a *action) parse(head []byte, line int) *fail.Error {
	var ops map[string]json.RawMessage
	if err := json.Unmarshal(head, &ops); err != nil {
		return fail.Newf(http.StatusBadRequest, "json_parse_exception", "Malformed action/metadata line [%d]: %v", line, err)
	}
	if len(ops) != 1 {
		return fail.Illegalf("Malformed action/metadata line [%d], expected one action in a JSON object", line)
	}
	var raw json.RawMessage
	for a.op, raw = range ops {
	}
	switch a.op {
	case "index":
	case "create":
		a.Create = true
	case "delete":
		a.Delete = true
	case "update":
		return fail.Unsupportedf("the bulk action update (line %d)", line)
	default:
		return fail.Illegalf("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%s]", line, a.op)
	}
	var parameters map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &parameters) != nil {
		return fail.Illegalf("Malformed action/metadata line [%d], expected START_OBJECT", line)
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if err := a.parameter(name, jsonscan.Scalar(parameters[name]), line); err != nil {
			return err
		}
	}
	return nil
}

func (a *action) parameter(name, value string, line int) *fail.Error {
	switch name {
	case "_index":
		a.name = value
	case "_id":
		a.ID = value
	case "version", "_version":
		v, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fail.Illegalf("Action/metadata line [%d]: [version] is not a number: %s", line, value)
		}
		a.Version, a.Versioned = v, true
	case "version_type", "_version_type":
		return a.setVersionType(value)
	case "require_alias", "_require_alias":
		if value != "false" {
			return fail.Unsupportedf("require_alias in a bulk action (line %d)", line)
		}
	default:
		return fail.Unsupportedf("the parameter %s of a bulk action (line %d)", name, line)
	}
	return nil
}

func (a *action) setVersionType(name string) *fail.Error {
	known := map[string]index.Versioning{
		"internal": index.Internal, "external": index.External, "external_gt": index.External, "external_gte": index.ExternalGTE,
	}
	kind, ok := known[name]
	if !ok {
		return fail.Illegalf("No version type match [%s]", name)
	}
	a.Versioning = kind
	return nil
}

// validate checks what a real server checks before it writes any of the request.
func validate(actions []action) *fail.Error {
	if len(actions) == 0 {
		return fail.Newf(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: 1: no requests added;")
	}
	for i := range actions {
		a := &actions[i]
		why := a.invalid()
		if why == "" && a.name == "" {
			why = "index is missing"
		}
		if why != "" {
			return fail.Newf(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: %d: %s;", i+1, why)
		}
		if a.ID == "" {
			a.ID = newID()
		}
	}
	return nil
}

func (a *action) invalid() string {
	switch {
	case len(a.ID) > maxID:
		return "id [" + a.ID + "] is too long, must be no longer than 512 bytes but was: " + strconv.Itoa(len(a.ID))
	case a.ID == "" && (a.Delete || a.Create && a.Versioned):
		return "id is missing"
	case a.ID == "" && (a.Versioned || a.Versioning != index.Internal):
		return "an id must be provided if version type or value are set"
	case a.Versioning != index.Internal && !a.Versioned:
		return "illegal version value [-3], the version type needs one"
	case a.Version < 0:
		return "illegal version value [" + strconv.FormatInt(a.Version, 10) + "]"
	case a.Create && a.Versioning != index.Internal:
		return "create operations only support internal versioning. use index instead"
	case a.Versioning == index.Internal && a.Versioned:
		return "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead"
	}
	return ""
}
