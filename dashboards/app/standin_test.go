package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// standIn answers as the saved-objects API of OpenSearch Dashboards 2.x and 3.x
// does, and refuses what it refuses; docs/dashboards.md lists the cases. It can
// also fail as a server does that is not well.
type standIn struct {
	base    string // of the paths, such as /_dashboards
	user    string // basic authentication, if any
	stored  map[string]saved
	forget  bool // answer success and store nothing
	alter   bool // store something else
	down    int  // requests that are answered with 503 first
	imports int
	signed  []string // the Authorization header of each request
}

type saved struct {
	Type             string            `json:"type"`
	ID               string            `json:"id"`
	Attributes       map[string]any    `json:"attributes"`
	References       []reference       `json:"references"`
	MigrationVersion map[string]string `json:"migrationVersion"`
}

func (o saved) key() string { return o.Type + "/" + o.ID }

type reference struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.signed = append(s.signed, r.Header.Get("Authorization"))
	if user, _, _ := r.BasicAuth(); user != s.user {
		refuse(w, http.StatusUnauthorized, "Authentication Exception")
		return
	}
	if s.down > 0 {
		s.down--
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `OpenSearch Dashboards server is not ready yet`)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, s.base+"/api/saved_objects/")
	_, version := r.Header["Osd-Version"]
	_, xsrf := r.Header["Osd-Xsrf"]
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "Not Found")
	case r.Method == http.MethodPost && !version && !xsrf:
		refuse(w, http.StatusBadRequest, "Request must contain a osd-xsrf header.")
	case r.Method == http.MethodPost && path == "_import":
		s.receive(w, r)
	case r.Method == http.MethodGet:
		if o, ok := s.stored[path]; ok {
			reply(w, o)
			return
		}
		refuse(w, http.StatusNotFound, "Saved object ["+path+"] not found")
	default:
		refuse(w, http.StatusNotFound, "Not Found")
	}
}

// receive reads the form and its file.
func (s *standIn) receive(w http.ResponseWriter, r *http.Request) {
	s.imports++
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		refuse(w, http.StatusUnsupportedMediaType, "Unsupported Media Type")
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		refuse(w, http.StatusBadRequest, "[request body.file]: expected value of type [Stream] but got [undefined]")
		return
	}
	if extension := strings.ToLower(filepath.Ext(header.Filename)); extension != ".ndjson" {
		refuse(w, http.StatusBadRequest, "Invalid file extension "+extension)
		return
	}
	all, err := lines(file)
	if err != nil {
		refuse(w, http.StatusBadRequest, "Unexpected token in JSON")
		return
	}
	overwrite, _ := strconv.ParseBool(r.URL.Query().Get("overwrite"))
	s.take(w, all, overwrite)
}

func lines(file multipart.File) (all []saved, err error) {
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 10<<20)
	for scan.Scan() {
		if len(scan.Bytes()) == 0 {
			continue
		}
		var o saved
		if err := json.Unmarshal(scan.Bytes(), &o); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, scan.Err()
}

type failure struct {
	ID    string         `json:"id"`
	Type  string         `json:"type"`
	Error map[string]any `json:"error"`
}

// take stores a file's objects in the server's own three steps. An error of the
// second keeps all objects out, and yet those without one are counted as taken.
func (s *standIn) take(w http.ResponseWriter, all []saved, overwrite bool) {
	var failures []failure
	in := map[string]bool{}
	var known []saved
	for _, o := range all {
		if in[o.key()] {
			refuse(w, http.StatusBadRequest, "Non-unique import objects detected: ["+o.Type+":"+o.ID+"]")
			return
		}
		in[o.key()] = true
		if newest[o.Type] == "" {
			failures = append(failures, failure{o.ID, o.Type, map[string]any{"type": "unsupported_type"}})
			continue
		}
		known = append(known, o)
	}
	var free []saved
	keptOut := false
	for _, o := range known {
		if why := s.unfit(o, in, overwrite); why != nil {
			failures, keptOut = append(failures, failure{o.ID, o.Type, why}), true
			continue
		}
		free = append(free, o)
	}
	taken := len(free)
	if !keptOut {
		for _, o := range free {
			if why := tooNew(o); why != "" {
				refuse(w, http.StatusUnprocessableEntity, why)
				return
			}
		}
		for _, o := range free {
			if why := unmapped(o); why != "" {
				failures = append(failures, failure{o.ID, o.Type, map[string]any{"type": "unknown", "message": why, "statusCode": 400, "error": "Bad Request"}})
				taken--
				continue
			}
			s.store(o)
		}
	}
	reply(w, map[string]any{"success": len(failures) == 0, "successCount": taken, "errors": failures})
}

// unfit is why an object needs the user's word first. Only references to index
// patterns and searches are looked at: a panel that leads nowhere is taken.
func (s *standIn) unfit(o saved, in map[string]bool, overwrite bool) map[string]any {
	var missing []reference
	for _, r := range o.References {
		_, there := s.stored[r.Type+"/"+r.ID]
		if slices.Contains([]string{"index-pattern", "search"}, r.Type) && !there && !in[r.Type+"/"+r.ID] {
			missing = append(missing, reference{Type: r.Type, ID: r.ID})
		}
	}
	if len(missing) > 0 {
		return map[string]any{"type": "missing_references", "references": missing}
	}
	if _, there := s.stored[o.key()]; there && !overwrite {
		return map[string]any{"type": "conflict"}
	}
	return nil
}

func (s *standIn) store(o saved) {
	if s.alter {
		o.Attributes["title"] = "altered"
	}
	if !s.forget {
		s.stored[o.key()] = o
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "error": http.StatusText(status), "message": message})
}
