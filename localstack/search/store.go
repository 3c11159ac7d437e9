package search

import (
	"errors"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/query"
	"taxistream/localstack/search/schema"
)

// store is all indexes and templates. Lock order: store, then index. What the
// catalog holds is written there before it holds here.
type store struct {
	dir          string // empty: nothing outlives the process
	maxIndexes   int
	maxTemplates int
	clock        func() time.Time
	stats        *counters
	usage        index.Usage

	mu        sync.RWMutex
	catalog   *catalog // nil without dir
	indexes   map[string]*index.Index
	aliases   map[string][]*index.Index // by alias, in the order of creation
	templates map[string]*template
	created   int64 // how many indexes ever, for their uuids
}

func (s *store) init(o Options, stats *counters) error {
	s.dir, s.maxIndexes, s.maxTemplates, s.clock, s.stats = o.Dir, o.MaxIndexes, o.MaxTemplates, o.Clock, stats
	s.usage.MaxBytes, s.usage.MaxRows = o.MaxBytes, o.MaxDocuments
	s.indexes = make(map[string]*index.Index)
	s.aliases = make(map[string][]*index.Index)
	s.templates = make(map[string]*template)
	if s.dir == "" {
		return nil
	}
	return s.open()
}

// target finds the index that a write to name goes to, and creates it if it may.
func (s *store) target(name string, create bool) (*index.Index, *fail.Error) {
	s.mu.RLock()
	ix, err := s.existing(name)
	s.mu.RUnlock()
	if ix != nil || err != nil {
		return ix, err
	}
	if !create {
		return nil, fail.NoSuchIndex(name)
	}
	return s.create(name, nil)
}

func (s *store) existing(name string) (*index.Index, *fail.Error) {
	if ix := s.indexes[name]; ix != nil {
		return ix, nil
	}
	switch of := s.aliases[name]; len(of) {
	case 0:
		return nil, nil
	case 1:
		return of[0], nil
	}
	return nil, fail.Illegalf("no write index is defined for alias [%s]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index", name)
}

// create makes an index from own, or where it is nil from the template that fits.
// Without own an index that is there by now is no error.
func (s *store) create(name string, own *definition) (*index.Index, *fail.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ix, err := s.existing(name); ix != nil || err != nil {
		if own != nil && err == nil {
			err = fail.Newf(http.StatusBadRequest, "resource_already_exists_exception", "index [%s/%s] already exists", ix.Name, ix.UUID)
			err.Index = name
		}
		return ix, err
	}
	if err := checkIndexName(name); err != nil {
		return nil, err
	}
	if len(s.indexes) >= s.maxIndexes {
		return nil, fail.Newf(http.StatusBadRequest, "validation_exception", "Validation Failed: 1: this action would add [1] total shards, but this store currently has [%d]/[%d] maximum shards open;", len(s.indexes), s.maxIndexes)
	}
	d := s.definitionFor(name, own)
	for _, alias := range d.aliases {
		if err := s.checkAlias(alias); err != nil {
			return nil, err
		}
	}
	saved := savedIndex{Name: name, UUID: "embedded" + strconv.FormatInt(s.created+1, 10), Created: s.clock().UnixMilli(), Aliases: d.aliases, Mapping: d.mapping.Raw}
	if err := s.save(change{Created: s.created + 1, Indexes: []savedIndex{saved}}); err != nil {
		return nil, err
	}
	s.created++
	ix, err := s.openIndex(saved, d.mapping)
	return ix, fail.Disk(err)
}

// openIndex makes an index known, with what its folder holds.
func (s *store) openIndex(saved savedIndex, m *schema.Mapping) (*index.Index, error) {
	dir := ""
	if s.dir != "" {
		dir = filepath.Join(s.dir, indexFolder, saved.UUID)
	}
	ix, err := index.Open(dir, m, &s.usage)
	if err != nil {
		return nil, err
	}
	ix.Name, ix.UUID, ix.Created = saved.Name, saved.UUID, saved.Created
	s.indexes[ix.Name] = ix
	s.setAliases(ix, saved.Aliases)
	return ix, nil
}

// setAliases gives an index other aliases.
func (s *store) setAliases(ix *index.Index, aliases []string) {
	for _, alias := range ix.Aliases {
		s.aliases[alias] = slices.DeleteFunc(s.aliases[alias], func(x *index.Index) bool { return x == ix })
		if len(s.aliases[alias]) == 0 {
			delete(s.aliases, alias)
		}
	}
	ix.Aliases = aliases
	for _, alias := range aliases {
		s.aliases[alias] = append(s.aliases[alias], ix)
	}
}

// extend gives an index the fields that a document brought.
func (s *store) extend(ix *index.Index, added []schema.NewField) *fail.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := ix.Extend(added, func(m *schema.Mapping) *fail.Error {
		if s.indexes[ix.Name] != ix {
			return nil // it was deleted a moment ago
		}
		saved := saveIndex(ix)
		saved.Mapping = m.Raw
		return s.save(change{Indexes: []savedIndex{saved}})
	})
	return err
}

// definitionFor joins what the request says with the best template.
func (s *store) definitionFor(name string, own *definition) *definition {
	empty, _ := schema.Parse(nil)
	d := &definition{mapping: empty}
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
	if string(own.mapping.Raw) == "{}" {
		joined.mapping = d.mapping
	}
	slices.Sort(joined.aliases)
	joined.aliases = slices.Compact(joined.aliases)
	return &joined
}

// delete removes indexes. Writers that hold one find it removed.
func (s *store) delete(list []*index.Index) *fail.Error {
	var names []string
	for _, ix := range list {
		names = append(names, ix.Name)
	}
	if err := s.save(change{NoIndexes: names}); err != nil {
		return err
	}
	return s.forget(list)
}

// forget removes indexes that the catalog does not have any more.
func (s *store) forget(list []*index.Index) *fail.Error {
	for _, ix := range list {
		delete(s.indexes, ix.Name)
		s.setAliases(ix, nil)
		n, err := ix.Remove()
		s.stats.deleted.Add(n)
		if err != nil {
			return fail.Disk(err)
		}
	}
	return nil
}

// sync returns once the disk has everything that is to outlive the process.
func (s *store) sync() error {
	if s.dir == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := []error{s.catalog.Sync()}
	for _, ix := range s.indexes {
		errs = append(errs, ix.Sync())
	}
	return errors.Join(errs...)
}

func checkIndexName(name string) *fail.Error {
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
	e := fail.Newf(http.StatusBadRequest, "invalid_index_name_exception", "Invalid index name [%s], %s", name, why)
	e.Index = name
	return e
}

// resolve lists the indexes of an expression (names, aliases, * patterns, commas),
// each once, by name. The caller holds the store's lock.
func (s *store) resolve(expression string, ignoreUnavailable bool) ([]*index.Index, *fail.Error) {
	found := make(map[string]*index.Index)
	for _, name := range strings.Split(expression, ",") {
		if name == "_all" || name == "" {
			name = "*"
		}
		if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "<") {
			return nil, fail.Unsupportedf("the index expression %q", name)
		}
		before := len(found)
		for known, ix := range s.indexes {
			if query.MatchName(name, known) {
				found[known] = ix
			}
		}
		for alias, of := range s.aliases {
			if query.MatchName(name, alias) {
				for _, ix := range of {
					found[ix.Name] = ix
				}
			}
		}
		missing := len(found) == before && s.indexes[name] == nil && len(s.aliases[name]) == 0
		if missing && !strings.Contains(name, "*") && !ignoreUnavailable {
			return nil, fail.NoSuchIndex(name)
		}
	}
	out := slices.Collect(maps.Values(found))
	slices.SortFunc(out, func(a, b *index.Index) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
