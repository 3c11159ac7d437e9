package kinesis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"taxistream/internal/durable"
)

// Below Options.Data lies server.json, and for each stream a folder named by its number:
// stream.json, and the files of its shards (log.go). What a stream is made of is
// written before it is answered or used, so that no record is in a shard that the
// folder does not know of; a folder without stream.json was being made or removed.

const dataVersion = 1

type savedServer struct {
	Version    int    `json:"version"`
	NextStream uint64 `json:"next_stream"` // no number is given twice: iterators and tokens name it
	// LastCreatedMs is the newest stream's time of creation; older programs did not note it.
	LastCreatedMs int64 `json:"last_created_ms,omitempty"`
}

type savedStream struct {
	Version        int               `json:"version"`
	Name           string            `json:"name"`
	ARN            string            `json:"arn"`
	CreatedMs      int64             `json:"created_ms"`
	ReadyMs        int64             `json:"ready_ms"`
	RecordSize     int               `json:"record_size"`
	RetentionHours int               `json:"retention_hours"`
	Mode           string            `json:"mode"`
	Tags           map[string]string `json:"tags"`
	Accepted       accepted          `json:"accepted"`
	Shards         []savedShard      `json:"shards"` // by number
	Consumers      []savedConsumer   `json:"consumers,omitempty"`
}

type savedConsumer struct {
	Name      string            `json:"name"`
	CreatedMs int64             `json:"created_ms"`
	ReadyMs   int64             `json:"ready_ms"`
	Tags      map[string]string `json:"tags,omitempty"`
}

type savedShard struct {
	First        string `json:"first_hash_key"`
	Last         string `json:"last_hash_key"`
	Parents      []int  `json:"parents,omitempty"` // the second is the adjacent one of a merge
	StartCounter uint64 `json:"start"`
	EndCounter   uint64 `json:"end,omitempty"`
	CreatedMs    int64  `json:"created_ms"`
	ClosedMs     int64  `json:"closed_ms,omitempty"`
}

// save writes what the stream is made of, if that has changed; st.mu is held exclusively.
func (st *stream) save() error {
	if st.dir == "" || st.gone {
		return nil
	}
	text, err := json.MarshalIndent(st.saved(), "", " ")
	if err != nil {
		return fmt.Errorf("save stream %s: %w", st.name, err)
	}
	if bytes.Equal(text, st.onDisk) {
		return nil
	}
	st.unsaved.Store(true)
	if err := durable.Replace(filepath.Join(st.dir, "stream.json"), text); err != nil {
		return fmt.Errorf("save stream %s: %w", st.name, err)
	}
	st.onDisk = text
	st.unsaved.Store(false)
	return nil
}

func (st *stream) saved() savedStream {
	v := savedStream{
		Version: dataVersion, Name: st.name, ARN: st.arn, CreatedMs: st.createdMs, ReadyMs: st.readyMs,
		RecordSize: st.recordSize, RetentionHours: st.retentionHours, Mode: st.mode, Tags: st.tags, Accepted: st.accepted,
	}
	for _, sh := range st.shards {
		one := savedShard{
			First: sh.first.String(), Last: sh.last.String(), StartCounter: sh.startCounter, EndCounter: sh.endCounter,
			CreatedMs: sh.createdMs, ClosedMs: sh.closedMs,
		}
		for _, parent := range []*shard{sh.parent, sh.adjacentParent} {
			if parent != nil {
				one.Parents = append(one.Parents, parent.number)
			}
		}
		v.Shards = append(v.Shards, one)
	}
	for _, name := range slices.Sorted(maps.Keys(st.consumers)) {
		c := st.consumers[name]
		v.Consumers = append(v.Consumers, savedConsumer{c.name, c.createdMs, c.readyMs, c.tags})
	}
	return v
}

// saveChanged saves every stream that was changed.
func (s *Server) saveChanged() error {
	if s.options.Data == "" {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all error
	for _, st := range s.streams {
		st.mu.Lock()
		all = errors.Join(all, st.save())
		st.mu.Unlock()
	}
	return all
}

// changes says whether an operation may change what a stream is made of.
func changes(operation string) bool {
	for _, reads := range []string{"Get", "List", "Describe", "PutRecord", "Subscribe"} {
		if strings.HasPrefix(operation, reads) {
			return false
		}
	}
	return true
}

// makeFolder makes the folder of a new stream; Server.mu is held.
func (s *Server) makeFolder(st *stream) error {
	if s.options.Data == "" {
		return nil
	}
	text, err := json.Marshal(savedServer{dataVersion, s.nextStream, s.lastCreated})
	if err == nil {
		err = durable.Replace(filepath.Join(s.options.Data, "server.json"), text)
	}
	if err == nil {
		st.dir = s.folder(st.number)
		err = os.MkdirAll(st.dir, 0o755)
	}
	return err
}

func (s *Server) folder(number uint64) string {
	return filepath.Join(s.options.Data, strconv.FormatUint(number, 10))
}

// removeFolder removes a stream's folder, what it is made of first.
func removeFolder(dir string) error {
	if err := os.Remove(filepath.Join(dir, "stream.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}

// load reads back the streams of the data folder.
func (s *Server) load() error {
	if s.options.Data == "" {
		return nil
	}
	if err := os.MkdirAll(s.options.Data, 0o755); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var server savedServer
	path := filepath.Join(s.options.Data, "server.json")
	if err := readSaved(path, &server); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.nextStream, s.lastCreated = server.NextStream, server.LastCreatedMs
	entries, err := os.ReadDir(s.options.Data)
	if err != nil {
		return fmt.Errorf("read the data folder: %w", err)
	}
	for _, e := range entries {
		number, err := strconv.ParseUint(e.Name(), 10, 64)
		if err != nil || !e.IsDir() {
			continue
		}
		if err := s.loadStream(number); err != nil {
			return err
		}
		s.nextStream = max(s.nextStream, number)
	}
	return nil
}

func (s *Server) loadStream(number uint64) error {
	dir := s.folder(number)
	var v savedStream
	err := readSaved(filepath.Join(dir, "stream.json"), &v)
	if errors.Is(err, fs.ErrNotExist) {
		return removeFolder(dir)
	}
	if err != nil {
		return err
	}
	files, err := pairs(dir)
	if err != nil {
		return fmt.Errorf("read back stream %s: %w", v.Name, err)
	}
	st := &stream{
		number: number, dir: dir, name: v.Name, arn: v.ARN, createdMs: v.CreatedMs, readyMs: v.ReadyMs,
		recordSize: v.RecordSize, retentionHours: v.RetentionHours, mode: v.Mode, tags: v.Tags, accepted: v.Accepted,
		consumers: map[string]*consumer{},
	}
	if err := st.restore(s.store, v.Shards); err != nil {
		return fmt.Errorf("read back stream %s: %s: %w", v.Name, filepath.Join(dir, "stream.json"), err)
	}
	for _, c := range v.Consumers {
		st.consumers[c.Name] = newConsumer(c.Name, c.CreatedMs, c.ReadyMs, c.Tags)
	}
	horizon := s.trimHorizon(st, s.now())
	for _, sh := range st.shards {
		notify := func(text string) { s.options.Notify("stream " + v.Name + ", " + text) }
		if err := sh.load(files[sh.number], notify); err != nil {
			return fmt.Errorf("read back stream %s: %w", v.Name, err)
		}
		sh.trim(horizon)
		st.counter.Store(max(st.counter.Load(), sh.startCounter, sh.endCounter, sh.lastCounter))
	}
	s.streams[st.name], s.byNumber[number] = st, st
	s.lastCreated = max(s.lastCreated, st.createdMs)
	return nil
}

// restore makes the shards, without records.
func (st *stream) restore(store *store, saved []savedShard) error {
	for number, v := range saved {
		first, ok := parseHashKey(v.First)
		last, ok2 := parseHashKey(v.Last)
		if !ok || !ok2 {
			return fmt.Errorf("shard %d has the hash keys %q and %q, which are none", number, v.First, v.Last)
		}
		sh := st.newShard(store, first, last)
		sh.startCounter, sh.endCounter, sh.createdMs, sh.closedMs = v.StartCounter, v.EndCounter, v.CreatedMs, v.ClosedMs
		for i, parent := range v.Parents {
			if parent < 0 || parent >= number || i > 1 {
				return fmt.Errorf("shard %d has the parents %v", number, v.Parents)
			}
			p := st.shards[parent]
			p.children = append(p.children, sh)
			if i == 0 {
				sh.parent = p
			} else {
				sh.adjacentParent = p
			}
		}
		if sh.open() {
			st.open = append(st.open, sh)
		}
	}
	slices.SortFunc(st.open, func(a, b *shard) int {
		if a.first.less(b.first) {
			return -1
		}
		return 1
	})
	return nil
}

// pairs lists the numbers of each shard's pairs of files, ascending, and removes half
// ones: a pair is begun with its records and removed with its index first.
func pairs(dir string) (map[int][]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	found := map[int][]int{}
	for name := range names {
		base, ending, _ := strings.Cut(name, ".")
		other := map[string]string{"records": "index", "index": "records"}[ending]
		var shard, number int
		if _, err := fmt.Sscanf(base, "%d-%d", &shard, &number); err != nil || other == "" {
			continue
		}
		if !names[base+"."+other] {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		} else if ending == "index" {
			found[shard] = append(found[shard], number)
		}
	}
	for _, numbers := range found {
		slices.Sort(numbers)
	}
	return found, nil
}
