package search

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// store is all indexes and templates. Lock order: store, then index.
type store struct {
	limit        int64
	maxIndexes   int
	maxTemplates int
	clock        func() time.Time
	stats        *counters
	bytes        atomic.Int64 // of all documents

	mu        sync.RWMutex
	indexes   map[string]*index
	aliases   map[string][]*index // by alias, in the order of creation
	templates map[string]*template
	created   int64 // how many indexes ever, for their uuids
}

func (s *store) init(o Options, stats *counters) {
	s.limit, s.maxIndexes, s.maxTemplates, s.clock, s.stats = o.MaxBytes, o.MaxIndexes, o.MaxTemplates, o.Clock, stats
	s.indexes = make(map[string]*index)
	s.aliases = make(map[string][]*index)
	s.templates = make(map[string]*template)
}

// target finds the index that a write to name goes to, and creates it if it may.
func (s *store) target(name string, create bool) (*index, *apiError) {
	s.mu.RLock()
	ix, err := s.existing(name)
	s.mu.RUnlock()
	if ix != nil || err != nil {
		return ix, err
	}
	if !create {
		return nil, noSuchIndex(name)
	}
	return s.create(name, nil)
}

func (s *store) existing(name string) (*index, *apiError) {
	if ix := s.indexes[name]; ix != nil {
		return ix, nil
	}
	switch of := s.aliases[name]; len(of) {
	case 0:
		return nil, nil
	case 1:
		return of[0], nil
	}
	return nil, illegalf("no write index is defined for alias [%s]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index", name)
}

// create makes an index from own, or where it is nil from the template that fits.
// Without own an index that is there by now is no error.
func (s *store) create(name string, own *definition) (*index, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ix, err := s.existing(name); ix != nil || err != nil {
		if own != nil && err == nil {
			err = failf(http.StatusBadRequest, "resource_already_exists_exception", "index [%s/%s] already exists", ix.name, ix.uuid)
			err.index = name
		}
		return ix, err
	}
	if err := checkIndexName(name); err != nil {
		return nil, err
	}
	if len(s.indexes) >= s.maxIndexes {
		return nil, failf(http.StatusBadRequest, "validation_exception", "Validation Failed: 1: this action would add [1] total shards, but this store currently has [%d]/[%d] maximum shards open;", len(s.indexes), s.maxIndexes)
	}
	d := s.definitionFor(name, own)
	for _, alias := range d.aliases {
		if s.indexes[alias] != nil {
			return nil, failf(http.StatusBadRequest, "invalid_alias_name_exception", "Invalid alias name [%s]: an index or data stream exists with the same name as the alias", alias)
		}
	}
	s.created++
	ix := &index{
		name: name, mapping: d.mapping, aliases: d.aliases, created: s.clock().UnixMilli(),
		uuid: "embedded" + strconv.FormatInt(s.created, 10), total: &s.bytes, slots: make(map[string]int32),
	}
	s.indexes[name] = ix
	for _, alias := range d.aliases {
		s.aliases[alias] = append(s.aliases[alias], ix)
	}
	return ix, nil
}

// definitionFor joins what the request says with the best template.
func (s *store) definitionFor(name string, own *definition) *definition {
	d := &definition{mapping: &mapping{raw: []byte("{}"), dynamic: "true"}}
	var best *template
	for _, known := range slices.Sorted(maps.Keys(s.templates)) {
		if t := s.templates[known]; t.matches(name) && (best == nil || t.priority > best.priority) {
			best = t
		}
	}
	if best != nil {
		d = &best.definition
	}
	if own == nil {
		return d
	}
	joined := definition{mapping: own.mapping, aliases: slices.Concat(d.aliases, own.aliases)}
	if string(own.mapping.raw) == "{}" {
		joined.mapping = d.mapping
	}
	slices.Sort(joined.aliases)
	joined.aliases = slices.Compact(joined.aliases)
	return &joined
}

// delete removes an index. Writers that hold it find it removed.
func (s *store) delete(ix *index) {
	delete(s.indexes, ix.name)
	for _, alias := range ix.aliases {
		s.aliases[alias] = slices.DeleteFunc(s.aliases[alias], func(x *index) bool { return x == ix })
		if len(s.aliases[alias]) == 0 {
			delete(s.aliases, alias)
		}
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.removed = true
	s.stats.deleted.Add(ix.live)
	ix.grow(-ix.bytes)
	ix.docs, ix.columns, ix.slots = nil, nil, nil
}

func checkIndexName(name string) *apiError {
	why := ""
	switch {
	case name == "" || name == "." || name == "..":
		why = "must not be empty, '.' or '..'"
	case strings.ToLower(name) != name:
		why = "must be lowercase"
	case strings.ContainsAny(name, "\\/*?\"<>| ,#:"):
		why = "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?, #, :]"
	case strings.ContainsAny(name[:1], "_-+"):
		why = "must not start with '_', '-', or '+'"
	case len(name) > 255:
		why = "index name is too long"
	default:
		return nil
	}
	e := failf(http.StatusBadRequest, "invalid_index_name_exception", "Invalid index name [%s], %s", name, why)
	e.index = name
	return e
}

// resolve lists the indexes of an expression (names, aliases, * patterns, commas),
// each once, by name. The caller holds the store's lock.
func (s *store) resolve(expression string, ignoreUnavailable bool) ([]*index, *apiError) {
	found := make(map[string]*index)
	for _, name := range strings.Split(expression, ",") {
		if name == "_all" || name == "" {
			name = "*"
		}
		if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "<") {
			return nil, unsupportedf("the index expression %q", name)
		}
		before := len(found)
		for known, ix := range s.indexes {
			if matchName(name, known) {
				found[known] = ix
			}
		}
		for alias, of := range s.aliases {
			if matchName(name, alias) {
				for _, ix := range of {
					found[ix.name] = ix
				}
			}
		}
		if missing := len(found) == before && s.indexes[name] == nil && len(s.aliases[name]) == 0; missing && !strings.Contains(name, "*") && !ignoreUnavailable {
			return nil, noSuchIndex(name)
		}
	}
	out := make([]*index, 0, len(found))
	for _, ix := range found {
		out = append(out, ix)
	}
	slices.SortFunc(out, func(a, b *index) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

// matchName matches a pattern of which only * is special.
func matchName(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == name
	}
	return glob(pattern, name)
}

// glob matches * with any run of characters. Names hold no slash and no bracket
// that path.Match would take for its own; those that do are matched by hand.
func glob(pattern, name string) bool {
	if !strings.ContainsAny(pattern+name, `/[?\`) {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	}
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	for i := len(first); i <= len(name); i++ {
		if glob(rest, name[i:]) {
			return true
		}
	}
	return false
}
