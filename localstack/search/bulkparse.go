package search

import (
	"bytes"
	"net/http"
	"strconv"
	"sync/atomic"

	"taxistream/internal/jsonscan"
)

// action is one line of a bulk request with its document.
type action struct {
	write
	op    string // index, create or delete
	index string
}

// maxID is the longest id, in bytes.
const maxID = 512

// autoIDs numbers documents that come without an id.
var autoIDs atomic.Int64

// parseBulk reads a bulk body. Sources point into it. index is the one of the
// path, for actions that name none; it may be empty.
func parseBulk(body []byte, index string) ([]action, *apiError) {
	if len(body) == 0 {
		return nil, failf(http.StatusBadRequest, "parse_exception", "request body is required")
	}
	if body[len(body)-1] != '\n' {
		return nil, illegalf(`The bulk request must be terminated by a newline [\n]`)
	}
	actions := make([]action, 0, bytes.Count(body, []byte{'\n'})/2)
	line := 0
	for len(body) > 0 {
		var head []byte
		head, body = cutLine(body)
		line++
		if len(bytes.TrimSpace(head)) == 0 {
			continue
		}
		if len(actions) == cap(actions) {
			actions = append(actions, action{})[:len(actions)]
		}
		actions = actions[:len(actions)+1]
		a := &actions[len(actions)-1]
		*a = action{index: index}
		if n := len(actions); n > 1 && index == "" {
			a.index = actions[n-2].index // so that equal names share their memory
		}
		named, err := a.parse(head, line)
		if err != nil {
			return nil, err
		}
		if !named {
			a.index = index
		}
		if !a.delete {
			if len(body) == 0 {
				return nil, illegalf("Malformed action/metadata line [%d], a source is missing after it", line)
			}
			a.source, body = cutLine(body)
			line++
		}
	}
	return actions, validate(actions)
}

func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	line, rest = b[:i], b[i+1:]
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// parse reads the action line and tells whether it names an index.
func (a *action) parse(head []byte, line int) (named bool, failed *apiError) {
	if a.parseUsual(head) {
		return true, nil
	}
	return a.parseAny(head, line)
}

// parseUsual reads the one form that the pipeline writes. What it does not take
// may still be an action, and has changed nothing.
func (a *action) parseUsual(head []byte) bool {
	rest, ok := bytes.CutPrefix(head, []byte(`{"index":{"_index":"`))
	if !ok {
		return false
	}
	index, rest, ok := cutPlain(rest, `","_id":"`)
	if !ok {
		return false
	}
	id, rest, ok := cutPlain(rest, `","version":`)
	if !ok {
		return false
	}
	_, digits := jsonscan.Digits(rest, 0, 0)
	if string(rest[digits:]) != `,"version_type":"external_gte"}}` || rest[0] == '0' && digits > 1 {
		return false
	}
	version, err := strconv.ParseInt(unsafeString(rest[:digits]), 10, 64)
	if err != nil {
		return false
	}
	if string(index) != a.index {
		a.index = string(index)
	}
	a.op, a.id, a.version, a.versioned, a.versioning = "index", string(id), version, true, versionExternalGTE
	return true
}

// cutPlain cuts at the end of a string that is plain, of which the quote is gone.
func cutPlain(b []byte, end string) (text, rest []byte, ok bool) {
	for i, c := range b {
		if c == '"' {
			rest, ok = bytes.CutPrefix(b[i:], []byte(end))
			return b[:i], rest, ok
		}
		if c < ' ' || c > '~' || c == '\\' {
			break
		}
	}
	return nil, nil, false
}

func (a *action) parseAny(head []byte, line int) (named bool, failed *apiError) {
	ops := 0
	err := jsonscan.Object(head, func(key []byte, from, to int) error {
		ops++
		switch string(key) {
		case "index":
			a.op = "index"
		case "create":
			a.op, a.create = "create", true
		case "delete":
			a.op, a.delete = "delete", true
		case "update":
			failed = unsupportedf("the bulk action update (line %d)", line)
			return failed
		default:
			failed = illegalf("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%s]", line, key)
			return failed
		}
		if head[from] != '{' {
			failed = illegalf("Malformed action/metadata line [%d], expected START_OBJECT", line)
			return failed
		}
		_, err := jsonscan.Members(head, from, 1, func(key []byte, from, to int) error {
			if string(key) == "_index" {
				named = true
			}
			failed = a.parameter(key, head[from:to], line)
			if failed != nil {
				return failed
			}
			return nil
		})
		return err
	})
	if failed == nil && err != nil {
		failed = failf(http.StatusBadRequest, "json_parse_exception", "Malformed action/metadata line [%d]: %v", line, err)
	}
	if failed == nil && ops != 1 {
		failed = illegalf("Malformed action/metadata line [%d], expected one action in a JSON object", line)
	}
	return named, failed
}

func (a *action) parameter(key, raw []byte, line int) *apiError {
	switch string(key) {
	case "_index":
		if text := plainBytes(raw); string(text) != a.index {
			a.index = plain(raw)
		}
	case "_id":
		a.id = plain(raw)
	case "version", "_version":
		v, err := strconv.ParseInt(unsafeString(plainBytes(raw)), 10, 64)
		if err != nil {
			return illegalf("Action/metadata line [%d]: [version] is not a number: %s", line, raw)
		}
		a.version, a.versioned = v, true
	case "version_type", "_version_type":
		if string(raw) == `"external_gte"` { // the one that the pipeline writes, without a copy
			a.versioning = versionExternalGTE
			return nil
		}
		return a.setVersionType(plain(raw))
	default:
		return unsupportedf("the parameter %s of a bulk action (line %d)", key, line)
	}
	return nil
}

// plainBytes is what stands between the quotes of a scalar, escapes and all.
func plainBytes(raw []byte) []byte {
	if len(raw) > 1 && raw[0] == '"' {
		return raw[1 : len(raw)-1]
	}
	return raw
}

func (w *write) setVersionType(name string) *apiError {
	switch name {
	case "internal":
		w.versioning = versionInternal
	case "external", "external_gt":
		w.versioning = versionExternal
	case "external_gte":
		w.versioning = versionExternalGTE
	default:
		return illegalf("No version type match [%s]", name)
	}
	return nil
}

// validate checks what a real server checks before it writes any of the request.
func validate(actions []action) *apiError {
	if len(actions) == 0 {
		return failf(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: 1: no requests added;")
	}
	for i := range actions {
		a := &actions[i]
		why := a.invalid()
		if why == "" && a.index == "" {
			why = "index is missing"
		}
		if why != "" {
			return failf(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: %d: %s;", i+1, why)
		}
		if a.id == "" {
			a.id = "auto-" + strconv.FormatInt(autoIDs.Add(1), 10)
		}
	}
	return nil
}

func (w *write) invalid() string {
	switch {
	case len(w.id) > maxID:
		return "id [" + w.id + "] is too long, must be no longer than 512 bytes but was: " + strconv.Itoa(len(w.id))
	case w.id == "" && (w.delete || w.create && w.versioned):
		return "id is missing"
	case w.id == "" && (w.versioned || w.versioning != versionInternal):
		return "an id must be provided if version type or value are set"
	case w.versioning != versionInternal && !w.versioned:
		return "illegal version value [-3], the version type needs one"
	case w.version < 0:
		return "illegal version value [" + strconv.FormatInt(w.version, 10) + "]"
	case w.create && w.versioning != versionInternal:
		return "create operations only support internal versioning. use index instead"
	case w.versioning == versionInternal && w.versioned:
		return "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead"
	}
	return ""
}
