package search

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taxistream/localstack/search/fail"
	"taxistream/localstack/search/index"
	"taxistream/localstack/search/query"
)

// Version is the OpenSearch version whose shapes the store answers in.
const Version = "2.19.6"

func jsonAnswer(status int, v any) (answer, *fail.Error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, fail.Newf(http.StatusInternalServerError, "exception", "%v", err)
	}
	return answer{status: status, body: body}, nil
}

type tree = map[string]any

var acknowledged = tree{"acknowledged": true}

func (s *Server) info(*request) (answer, *fail.Error) {
	return jsonAnswer(http.StatusOK, tree{
		"name": "embedded", "cluster_name": "embedded-results-store", "cluster_uuid": "embedded",
		"version": tree{
			"distribution": "opensearch", "number": Version, "build_type": "embedded", "build_hash": "unknown",
			"build_date": "unknown", "build_snapshot": false, "lucene_version": "9.12.3",
			"minimum_wire_compatibility_version": "7.10.0", "minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "The OpenSearch Project: https://opensearch.org/",
	})
}

func (s *Server) putIndexTemplate(r *request) (answer, *fail.Error) {
	t, err := parseTemplate(r.parts[1], r.body)
	if err != nil {
		return answer{}, err
	}
	if err := s.store.putTemplate(t, r.flag("create")); err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, acknowledged)
}

func (s *Server) getIndexTemplate(r *request) (answer, *fail.Error) {
	pattern := "*"
	if len(r.parts) > 1 {
		pattern = r.parts[1]
	}
	list := make([]tree, 0)
	for _, t := range s.store.findTemplates(pattern) {
		list = append(list, tree{"name": t.name, "index_template": t.raw})
	}
	if len(list) == 0 && strings.Contains(pattern, "*") && pattern != "*" {
		return jsonAnswer(http.StatusNotFound, tree{"index_templates": list})
	}
	if len(list) == 0 && pattern != "*" {
		return answer{}, fail.Newf(http.StatusNotFound, "resource_not_found_exception", "index template matching [%s] not found", pattern)
	}
	return jsonAnswer(http.StatusOK, tree{"index_templates": list})
}

func (s *Server) deleteIndexTemplate(r *request) (answer, *fail.Error) {
	found := s.store.findTemplates(r.parts[1])
	if len(found) == 0 {
		return answer{}, fail.Newf(http.StatusNotFound, "index_template_missing_exception", "index_template [%s] missing", r.parts[1])
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var names []string
	for _, t := range found {
		names = append(names, t.name)
	}
	if err := s.store.save(change{NoTemplates: names}); err != nil {
		return answer{}, err
	}
	for _, name := range names {
		delete(s.store.templates, name)
	}
	return jsonAnswer(http.StatusOK, acknowledged)
}

func (s *Server) putIndex(r *request) (answer, *fail.Error) {
	d, err := parseDefinition(r.body)
	if err != nil {
		return answer{}, err
	}
	if _, err := s.store.create(r.parts[0], &d); err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, tree{"acknowledged": true, "shards_acknowledged": true, "index": r.parts[0]})
}

// deleteIndexes deletes by name or pattern. An alias is no index here, as in OpenSearch.
func (s *Server) deleteIndexes(r *request) (answer, *fail.Error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	patterns := strings.Split(r.parts[0], ",")
	for _, name := range patterns {
		if len(s.store.aliases[name]) > 0 {
			return answer{}, isAlias(name)
		}
	}
	indexes, err := s.store.resolve(r.parts[0], r.flag("ignore_unavailable"))
	if err != nil {
		return answer{}, err
	}
	indexes = slices.DeleteFunc(indexes, func(ix *index.Index) bool { // a pattern means no aliases here
		return !slices.ContainsFunc(patterns, func(p string) bool { return p == "_all" || query.MatchName(p, ix.Name) })
	})
	if err := s.store.delete(indexes); err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, acknowledged)
}

// describe answers GET on an index, its mapping, its aliases.
func (s *Server) describe(r *request) (answer, *fail.Error) {
	parts := r.parts
	if parts[0] == "_alias" || parts[0] == "_aliases" {
		parts = append([]string{"*"}, parts...)
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	indexes, err := s.store.resolve(parts[0], r.flag("ignore_unavailable"))
	if err != nil {
		return answer{}, err
	}
	out := make(tree)
	for _, ix := range indexes {
		aliases := make(tree)
		for _, alias := range ix.Aliases {
			if len(parts) < 3 || query.MatchName(parts[2], alias) {
				aliases[alias] = tree{}
			}
		}
		switch {
		case len(parts) == 1:
			settings := tree{"index": tree{
				"creation_date": strconv.FormatInt(ix.Created, 10), "number_of_shards": "1", "number_of_replicas": "0",
				"uuid": ix.UUID, "provided_name": ix.Name,
			}}
			out[ix.Name] = tree{"aliases": aliases, "mappings": ix.Mapping().Raw, "settings": settings}
		case parts[1] == "_mapping":
			out[ix.Name] = tree{"mappings": ix.Mapping().Raw}
		case len(parts) < 3 || len(aliases) > 0:
			out[ix.Name] = tree{"aliases": aliases}
		}
	}
	if len(out) == 0 && len(parts) == 3 {
		return jsonAnswer(http.StatusNotFound, tree{"error": "alias [" + parts[2] + "] missing", "status": http.StatusNotFound})
	}
	return jsonAnswer(http.StatusOK, out)
}

// refresh has nothing to do but to say that the indexes exist.
func (s *Server) refresh(r *request) (answer, *fail.Error) {
	var b []byte
	err := s.withIndexes(r.expression(), r.query, func(indexes []*index.Index) *fail.Error {
		b = append(query.AppendShards([]byte("{"), len(indexes)), '}')
		return nil
	})
	return answer{status: http.StatusOK, body: b}, err
}

func (s *Server) health(*request) (answer, *fail.Error) {
	s.store.mu.RLock()
	n := len(s.store.indexes)
	s.store.mu.RUnlock()
	return jsonAnswer(http.StatusOK, tree{
		"cluster_name": "embedded-results-store", "status": "green", "timed_out": false,
		"number_of_nodes": 1, "number_of_data_nodes": 1, "discovered_master": true, "discovered_cluster_manager": true,
		"active_primary_shards": n, "active_shards": n, "relocating_shards": 0, "initializing_shards": 0,
		"unassigned_shards": 0, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0,
		"number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	})
}
