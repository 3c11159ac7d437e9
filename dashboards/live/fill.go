package live

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// fillRetry is the time between attempts to read earlier results.
const fillRetry = 5 * time.Second

// fill reads the last day from the store. It tries until it succeeds or ctx ends.
func (s *Server) fill(ctx context.Context) {
	for {
		err := s.fillOnce(ctx)
		state := filled
		if err != nil {
			state = unreachable
		}
		s.mu.Lock()
		s.filled = state
		s.mu.Unlock()
		if err == nil || ctx.Err() != nil {
			return
		}
		s.o.Notify("control room: read earlier results: " + err.Error())
		select {
		case <-ctx.Done():
			return
		case <-time.After(fillRetry):
		}
	}
}

func (s *Server) fillOnce(ctx context.Context) error {
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		index := s.o.Prefix + alias
		if err := s.o.Store.Refresh(ctx, index); err != nil && !opensearch.NotFound(err) {
			return err
		}
		newest, any, err := results.WindowEdge(ctx, s.o.Store, index, true)
		if err != nil {
			return err
		}
		if !any {
			continue
		}
		after := max(newest, s.edgeNow()) - s.o.Keep.Milliseconds()
		query := fmt.Appendf(nil, `{"range":{"`+results.FieldWindowStart+`":{"gt":%d,"format":"epoch_millis"}}}`, after)
		scan := opensearch.Scan{Index: index, Query: query, Sort: results.UniqueSort(alias), Fields: []string{results.FieldSumDuration, results.FieldMinDuration, results.FieldMaxDuration}, PageSize: 5000}
		if err := s.fillAlias(ctx, scan); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) edgeNow() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.edge, -maxTime)
}

// fillAlias reads ids and versions, and of airport trips their minutes, which is all but
// the cells' shapes; of each page first the shape of each new cell, from one of its documents.
func (s *Server) fillAlias(ctx context.Context, scan opensearch.Scan) error {
	page := make([]opensearch.Hit, 0, scan.PageSize)
	flush := func() error {
		if err := s.fetchShapes(ctx, scan.Index, page); err != nil {
			return err
		}
		for _, h := range page {
			s.take(h)
		}
		page = page[:0]
		return nil
	}
	for h, err := range s.o.Store.All(ctx, scan) {
		if page = append(page, h); err == nil && len(page) == cap(page) {
			err = flush()
		}
		if err != nil {
			return err
		}
	}
	return flush()
}

// fetchShapes reads one hotspot of each cell that is not known yet.
func (s *Server) fetchShapes(ctx context.Context, index string, page []opensearch.Hit) error {
	missing := make(map[string]string) // id of a document by cell
	s.mu.Lock()
	for _, h := range page {
		if d, ok := results.ParseID(h.ID); ok && d.Airport == "" {
			if _, known := s.cells.number[d.Cell]; !known {
				missing[d.Cell] = h.ID
			}
		}
	}
	s.mu.Unlock()
	for some := range slices.Chunk(slices.Sorted(maps.Keys(missing)), 1000) {
		ids := make([]string, len(some))
		for i, cell := range some {
			ids[i] = missing[cell]
		}
		query, err := json.Marshal(map[string]any{"ids": map[string]any{"values": ids}})
		if err != nil {
			return err
		}
		hits, err := s.o.Store.Search(ctx, opensearch.SearchRequest{Index: index, Query: query, Size: len(ids), Fields: []string{results.FieldBoundary}})
		if err != nil {
			return err
		}
		for _, h := range hits {
			s.take(h)
		}
	}
	return nil
}
