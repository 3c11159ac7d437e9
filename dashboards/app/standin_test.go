package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// standIn answers as the saved-objects API of OpenSearch Dashboards does, and
// refuses what it refuses: no osd-xsrf header, forms newer than its own,
// attributes that its strict mapping does not know, references that lead
// nowhere, existing ids without overwrite. docs/dashboards.md lists the cases.
type standIn struct {
	base    string // of the paths, such as /_dashboards
	user    string // basic authentication, if any
	stored  map[string]saved
	forget  bool // answer success and store nothing
	alter   bool // store something else
	down    int  // requests that are answered with 503 first
	imports int
}

type saved struct {
	Type             string            `json:"type"`
	ID               string            `json:"id"`
	Attributes       map[string]any    `json:"attributes"`
	References       []reference       `json:"references"`
	MigrationVersion map[string]string `json:"migrationVersion"`
}

type reference struct{ Name, Type, ID string }

// attributes are the strict mapping's, by type.
var attributes = map[string]string{
	"index-pattern": " fieldFormatMap fields intervalName notExpandable sourceFilters timeFieldName title type typeMeta ",
	"visualization": " description kibanaSavedObjectMeta savedSearchRefName title uiStateJSON version visState ",
	"dashboard":     " description hits kibanaSavedObjectMeta optionsJSON panelsJSON refreshInterval timeFrom timeRestore timeTo title version ",
}

// newest are the forms that 2.19 and 3.x bring forward to.
var newest = map[string]string{"index-pattern": "7.6.0", "visualization": "7.10.0", "dashboard": "7.9.3"}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if user, _, _ := r.BasicAuth(); user != s.user {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if s.down > 0 {
		s.down--
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `OpenSearch Dashboards server is not ready yet`)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, s.base+"/api/saved_objects/")
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"statusCode":404,"error":"Not Found","message":"Not Found"}`)
	case r.Method == http.MethodPost && r.Header.Get("osd-xsrf") == "":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"statusCode":400,"error":"Bad Request","message":"Request must contain a osd-xsrf header."}`)
	case r.Method == http.MethodPost && path == "_import":
		s.importAll(w, r)
	case r.Method == http.MethodGet:
		if o, ok := s.stored[path]; ok {
			_ = json.NewEncoder(w).Encode(o)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"statusCode":404,"error":"Not Found","message":"Saved object [%s] not found"}`, path)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

type failure struct {
	ID    string         `json:"id"`
	Type  string         `json:"type"`
	Error map[string]any `json:"error"`
}

func (s *standIn) importAll(w http.ResponseWriter, r *http.Request) {
	s.imports++
	file, _, err := r.FormFile("file")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"statusCode":400,"error":"Bad Request","message":"[request body.file]: expected value of type [Stream]"}`)
		return
	}
	overwrite, _ := strconv.ParseBool(r.URL.Query().Get("overwrite"))
	var all []saved
	var failures []failure
	there := map[string]bool{}
	for key := range s.stored {
		there[key] = true
	}
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var o saved
			if json.Unmarshal(line, &o) != nil {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"statusCode":400,"error":"Bad Request","message":"Unexpected token in JSON"}`)
				return
			}
			if why := s.refuse(o, overwrite); why != nil {
				failures = append(failures, failure{o.ID, o.Type, why})
			} else {
				all = append(all, o)
			}
			there[o.Type+"/"+o.ID] = true
		}
		if err == io.EOF {
			break
		}
	}
	taken := 0
	for _, o := range all {
		var missing []reference
		for _, ref := range o.References {
			if !there[ref.Type+"/"+ref.ID] {
				missing = append(missing, ref)
			}
		}
		if len(missing) > 0 {
			failures = append(failures, failure{o.ID, o.Type, map[string]any{"type": "missing_references", "references": missing}})
			continue
		}
		taken++
		if s.alter {
			o.Attributes["title"] = "altered"
		}
		if !s.forget {
			s.stored[o.Type+"/"+o.ID] = o
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": len(failures) == 0, "successCount": taken, "errors": failures})
}

// refuse is why an object is not taken, or nil.
func (s *standIn) refuse(o saved, overwrite bool) map[string]any {
	if newest[o.Type] == "" {
		return map[string]any{"type": "unsupported_type"}
	}
	if o.MigrationVersion[o.Type] > newest[o.Type] && len(o.MigrationVersion[o.Type]) >= len(newest[o.Type]) {
		return map[string]any{"type": "unknown", "message": "Document " + o.ID + " has property " + o.Type + " which belongs to a more recent version of OpenSearch Dashboards [" + o.MigrationVersion[o.Type] + "].", "statusCode": 422}
	}
	for name := range o.Attributes {
		if !strings.Contains(attributes[o.Type], " "+name+" ") {
			return map[string]any{"type": "unknown", "message": "strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [" + name + "] within [" + o.Type + "] is not allowed", "statusCode": 400}
		}
	}
	if _, ok := s.stored[o.Type+"/"+o.ID]; ok && !overwrite {
		return map[string]any{"type": "conflict"}
	}
	return nil
}
