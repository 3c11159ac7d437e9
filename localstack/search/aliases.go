package search

import (
	"encoding/json"
	"net/http"
	"slices"

	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/query"
)

// aliasAction is one action on aliases.
type aliasAction struct {
	Index     string   `json:"index"`
	Indices   []string `json:"indices"`
	Alias     string   `json:"alias"`
	Aliases   []string `json:"aliases"`
	MustExist *bool    `json:"must_exist"`
}

func (a *aliasAction) indexes() []string { return listOf(a.Index, a.Indices) }
func (a *aliasAction) aliases() []string { return listOf(a.Alias, a.Aliases) }

func listOf(one string, more []string) []string {
	if one != "" {
		more = append(slices.Clone(more), one)
	}
	return more
}

// postAliases answers POST on /_aliases: all actions or none.
func (s *Server) postAliases(r *request) (answer, *fail.Error) {
	var body struct {
		Actions []map[string]json.RawMessage `json:"actions"`
	}
	if err := fail.Strict(r.body, &body); err != nil {
		return answer{}, err
	}
	if len(body.Actions) == 0 {
		return answer{}, fail.Illegalf("No action specified")
	}
	return s.changeAliases(func(c *aliasChange) *fail.Error {
		for _, one := range body.Actions {
			if len(one) != 1 {
				return fail.Parsingf("Too many operations declared on operation entry")
			}
			for op, raw := range one {
				var a aliasAction
				if err := fail.Strict(raw, &a); err != nil {
					return err
				}
				if err := c.do(op, &a); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// changeAliases makes the changes that do gathers, all or none.
func (s *Server) changeAliases(do func(*aliasChange) *fail.Error) (answer, *fail.Error) {
	c := aliasChange{s: &s.store, next: make(map[*index.Index][]string)}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	err := do(&c)
	if err == nil {
		err = c.apply()
	}
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, acknowledged)
}

// putAlias answers PUT, POST and DELETE on /{index}/_alias/{alias}.
func (s *Server) putAlias(r *request) (answer, *fail.Error) {
	op := "add"
	if r.http.Method == http.MethodDelete {
		op = "remove"
	}
	if len(r.body) > 0 {
		if err := fail.Strict(r.body, &struct{}{}); err != nil {
			return answer{}, err
		}
	}
	return s.changeAliases(func(c *aliasChange) *fail.Error {
		return c.do(op, &aliasAction{Index: r.parts[0], Alias: r.parts[2]})
	})
}

// aliasChange gathers what actions do, under the store's lock.
type aliasChange struct {
	s      *store
	next   map[*index.Index][]string // aliases of the indexes that are changed
	remove []*index.Index
}

func (c *aliasChange) of(ix *index.Index) []string {
	if list, changed := c.next[ix]; changed {
		return list
	}
	return slices.Clone(ix.Aliases)
}

func (c *aliasChange) do(op string, a *aliasAction) *fail.Error {
	switch {
	case op != "add" && op != "remove" && op != "remove_index":
		return fail.Parsingf("[aliases] unknown field [%s]", op)
	case len(a.indexes()) == 0:
		return fail.Newf(http.StatusBadRequest, "x_content_parse_exception", "One of [index] or [indices] is required")
	case op != "remove_index" && len(a.aliases()) == 0:
		return fail.Newf(http.StatusBadRequest, "x_content_parse_exception", "One of [alias] or [aliases] is required")
	}
	for _, name := range a.indexes() {
		indexes, err := c.s.resolve(name, false)
		if err != nil {
			return err
		}
		if len(indexes) == 0 {
			return fail.NoSuchIndex(name)
		}
		switch {
		case op == "remove_index" && len(c.s.aliases[name]) > 0:
			return isAlias(name)
		case op == "remove_index":
			c.remove = append(c.remove, indexes...)
			continue
		}
		if err := c.change(op, indexes, a); err != nil {
			return err
		}
	}
	return nil
}

// change adds or removes the aliases of an action.
func (c *aliasChange) change(op string, indexes []*index.Index, a *aliasAction) *fail.Error {
	for _, alias := range a.aliases() {
		found := false
		for _, ix := range indexes {
			list := c.of(ix)
			before := len(list)
			if op == "remove" {
				list = slices.DeleteFunc(list, func(have string) bool { return query.MatchName(alias, have) })
				found = found || len(list) < before
			} else if err := c.s.checkAlias(alias); err != nil {
				return err
			} else if !slices.Contains(list, alias) {
				list = append(list, alias)
				slices.Sort(list)
			}
			c.next[ix] = list
		}
		if op == "remove" && !found && (a.MustExist == nil || *a.MustExist) {
			return fail.Newf(http.StatusNotFound, "aliases_not_found_exception", "aliases [%s] missing", alias)
		}
	}
	return nil
}

// apply makes the changes, which the catalog has as one.
func (c *aliasChange) apply() *fail.Error {
	var to change
	for ix, aliases := range c.next {
		if !slices.Contains(c.remove, ix) {
			saved := saveIndex(ix)
			saved.Aliases = aliases
			to.Indexes = append(to.Indexes, saved)
		}
	}
	for _, ix := range c.remove {
		to.NoIndexes = append(to.NoIndexes, ix.Name)
	}
	if err := c.s.save(to); err != nil {
		return err
	}
	for ix, aliases := range c.next {
		c.s.setAliases(ix, aliases)
	}
	return c.s.forget(c.remove)
}

func isAlias(name string) *fail.Error {
	return fail.Illegalf("The provided expression [%s] matches an alias, specify the corresponding concrete indices instead.", name)
}

// checkAlias refuses an alias that could be no index's.
func (s *store) checkAlias(alias string) *fail.Error {
	if s.indexes[alias] != nil {
		return fail.Newf(http.StatusBadRequest, "invalid_alias_name_exception", "Invalid alias name [%s]: an index or data stream exists with the same name as the alias", alias)
	}
	if err := checkIndexName(alias); err != nil && err.Reason != "" {
		return fail.Newf(http.StatusBadRequest, "invalid_alias_name_exception", "Invalid alias name [%s]: it is no name that an index could have", alias)
	}
	return nil
}
