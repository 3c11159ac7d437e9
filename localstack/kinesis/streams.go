package kinesis

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// stream is one stream's shards, open and closed, and its settings.
type stream struct {
	number    uint64 // told apart from a stream of the same name before or after
	name, arn string
	createdMs int64
	readyMs   int64 // end of CREATING
	counter   atomic.Uint64
	dir       string      // its folder, if it has one
	unsaved   atomic.Bool // what the folder says of the stream is not all

	mu             sync.RWMutex // puts and reads hold it shared, reshards exclusively
	shards         []*shard     // all, by number
	open           []*shard     // by hash key
	updatedMs      int64        // end of UPDATING
	retentionHours int
	recordSize     int // the largest record, bytes
	mode           string
	tags           map[string]string
	accepted       accepted
	consumers      map[string]*consumer // by name
	gone           bool
	onDisk         []byte // what stream.json holds
}

var streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)

const (
	statusCreating = "CREATING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
)

// status is the stream's state; its lock is held.
func (s *Server) status(st *stream) string {
	switch {
	case !s.reached(st.readyMs):
		return statusCreating
	case !s.reached(st.updatedMs):
		return statusUpdating
	}
	return statusActive
}

// streamSettings are what CreateStream may choose.
type streamSettings struct {
	shards     int
	recordSize int
	mode       string
	tags       map[string]string
}

// CreateStream makes a stream of the given number of shards. It is an error
// if the name is taken or a limit of the options would be passed.
func (s *Server) CreateStream(name string, shards int) error {
	if !streamName.MatchString(name) || shards < 1 {
		return fmt.Errorf("create stream %q of %d shards: a name is of %s, and shards are 1 or more", name, shards, streamName)
	}
	if err := s.create(name, streamSettings{shards: shards, recordSize: DefaultRecordSize, mode: modeProvisioned}); err != nil {
		return fmt.Errorf("create stream %q of %d shards: %w", name, shards, err)
	}
	return nil
}

func (s *Server) create(name string, settings streamSettings) *apiError {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.streams[name]; taken {
		return inUse("Stream %s under account %s already exists.", name, s.options.Account)
	}
	if len(s.streams) >= s.options.MaxStreams {
		return limitExceeded("This embedded server holds at most %d streams; delete one or raise MaxStreams.", s.options.MaxStreams)
	}
	if err := s.shardRoom(settings.shards); err != nil {
		return err
	}
	s.nextStream++
	s.lastCreated = max(s.lastCreated+1, now)
	st := &stream{
		number: s.nextStream, name: name, arn: s.arnOf(name), createdMs: s.lastCreated,
		readyMs: until(now, s.options.CreateDelay), recordSize: settings.recordSize,
		retentionHours: int(s.options.Retention.Hours()), mode: settings.mode,
		tags: maps.Clone(settings.tags),
	}
	if st.tags == nil {
		st.tags = map[string]string{}
	}
	st.consumers = map[string]*consumer{}
	if err := s.makeFolder(st); err != nil {
		return internalFailure("make the stream's folder: %v", err)
	}
	starts := evenStarts(settings.shards)
	for i, first := range starts {
		last := lastHashKey
		if i+1 < len(starts) {
			last = starts[i+1].previous()
		}
		st.open = append(st.open, st.addShard(s.store, first, last, now))
	}
	if err := st.save(); err != nil {
		return internalFailure("%v", err)
	}
	s.streams[name], s.byNumber[st.number] = st, st
	return nil
}

// openShards counts those of all streams; Server.mu is held.
func (s *Server) openShards() int {
	n := 0
	for _, st := range s.streams {
		st.mu.RLock()
		n += len(st.open)
		st.mu.RUnlock()
	}
	return n
}

// shardRoom says whether n more open shards are allowed; Server.mu is held.
func (s *Server) shardRoom(n int) *apiError {
	open := s.openShards()
	if open+n <= s.options.MaxShards {
		return nil
	}
	return limitExceeded("This request would exceed the shard limit for the account %s in %s. Current shard count for the account: %d. Limit: %d. Number of additional shards that would have resulted from this request: %d. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
		s.options.Account, s.options.Region, open, s.options.MaxShards, n)
}

// addShard makes the stream's next shard; mu is held or the stream unknown yet.
func (st *stream) addShard(store *store, first, last hashKey, now int64) *shard {
	sh := st.newShard(store, first, last)
	sh.startCounter, sh.createdMs = st.counter.Add(1), now
	return sh
}

func (st *stream) newShard(store *store, first, last hashKey) *shard {
	number := len(st.shards)
	sh := &shard{
		number: number, id: shardID(number), first: first, last: last,
		form: newSequenceForm(st.createdMs, number), store: store,
	}
	if st.dir != "" {
		sh.log = &shardLog{name: st.shardName(number)}
	}
	st.shards = append(st.shards, sh)
	return sh
}

// shardNumber reads a shard's identifier as the service does: what stands behind its
// first "-", or all of it, is the number. It is false for what cannot be one.
func shardNumber(id string) (int, bool) {
	digits := id
	if _, behind, dashed := strings.Cut(id, "-"); dashed {
		digits, _, _ = strings.Cut(behind, "-")
		digits = cmp.Or(digits, id)
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), err == nil
}

// numberAfter is the last shard that a listing leaves out, -1 if the id is none.
func numberAfter(id string) int {
	if n, ok := shardNumber(id); ok {
		return n
	}
	return -1
}

// shard returns the shard of a number; mu is held.
func (st *stream) shard(number int) *shard {
	if number >= len(st.shards) {
		return nil
	}
	return st.shards[number]
}

func (s *Server) noStream(name string) *apiError {
	return notFound("Stream %s under account %s not found.", name, s.options.Account)
}

// noShard is the answer to an identifier that is none, before any stream is looked for.
func (s *Server) noShard(id string, ref streamRef) *apiError {
	return notFound("Could not find shard %s in stream %s under account %s.", id, ref.name(), s.options.Account)
}

func (s *Server) arnOf(name string) string {
	return "arn:aws:kinesis:" + s.options.Region + ":" + s.options.Account + ":stream/" + name
}

// streamRef is how requests name a stream: by either or both.
type streamRef struct {
	StreamName string `check:"unless=StreamARN len=1..128 pattern=name"`
	StreamARN  string `check:"len=1..2048 pattern=stream"`
}

// name is the name in either.
func (ref streamRef) name() string {
	_, name, _ := strings.Cut(ref.StreamARN, ":stream/")
	return cmp.Or(ref.StreamName, name)
}

// stream finds the stream of a request. It may be in any state.
func (s *Server) stream(ref streamRef) (*stream, *apiError) {
	if byARN := (streamRef{StreamARN: ref.StreamARN}).name(); ref.StreamARN != "" && ref.StreamName != "" && byARN != ref.StreamName {
		return nil, invalid("StreamName %s and StreamARN %s name different streams.", ref.StreamName, ref.StreamARN)
	}
	s.mu.RLock()
	st := s.streams[ref.name()]
	s.mu.RUnlock()
	if st == nil {
		return nil, s.noStream(ref.name())
	}
	return st, nil
}

// ready finds the stream of a request that needs its records or shards.
func (s *Server) ready(ref streamRef) (*stream, *apiError) {
	st, err := s.stream(ref)
	if err != nil {
		return nil, err
	}
	if s.options.CreateDelay > 0 && !s.reached(st.readyMs) {
		return nil, notFound("Stream %s under account %s not found: it is in CREATING.", st.name, s.options.Account)
	}
	return st, nil
}

// remove deletes a stream, unless it has consumers that are not to go with it, and frees
// its records at once.
func (s *Server) remove(ref streamRef, consumersToo bool) *apiError {
	st, err := s.stream(ref)
	if err != nil {
		return err
	}
	st.mu.RLock()
	consumers := len(st.consumers)
	st.mu.RUnlock()
	if consumers > 0 && !consumersToo {
		return inUse("Stream %s under account %s has %d consumers: deregister them, or set EnforceConsumerDeletion.", st.name, s.options.Account, consumers)
	}
	s.mu.Lock()
	if s.streams[st.name] == st {
		delete(s.streams, st.name)
		delete(s.byNumber, st.number)
	}
	s.mu.Unlock()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.gone = true
	for _, sh := range st.shards {
		sh.drop()
	}
	if st.dir == "" {
		return nil
	}
	if err := removeFolder(st.dir); err != nil {
		return internalFailure("remove the stream's folder: %v", err)
	}
	return nil
}

func (s *Server) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.streams))
}
