package kinesis

import (
	"errors"
	"sort"
	"strconv"

	"taxistream/localstack/kinesis/protocol"
)

// putRecords answers PutRecords: each entry is stored or fails on its own.
func (s *Server) putRecords(c *call) *apiError {
	p := &c.put
	st, apiErr := s.readPut(c, p)
	if apiErr != nil {
		return apiErr
	}
	failed, apiErr := s.storeEntries(st, p, c.fault.FailEntries)
	if apiErr != nil {
		return apiErr
	}
	if c.protocol != protocol.JSON {
		return c.answer(s.putAnswer(st, p, failed))
	}
	out := append(c.out, `{"FailedRecordCount":`...)
	out = strconv.AppendInt(out, int64(failed), 10)
	out = append(out, `,"Records":[`...)
	for i := range p.entries {
		out = s.appendResult(out, st, p, &p.entries[i])
	}
	out[len(out)-1] = ']' // the comma after the last
	if p.encryption != "" {
		out = append(append(append(out, `,"EncryptionType":"`...), p.encryption...), '"')
	}
	c.out = append(out, '}')
	return nil
}

// putAnswer is what appendResult writes entry by entry, for a protocol that is not in a hurry.
func (s *Server) putAnswer(st *stream, p *putRequest, failed int) any {
	type result struct {
		ErrorCode      string `json:",omitempty"`
		ErrorMessage   string `json:",omitempty"`
		SequenceNumber string `json:",omitempty"`
		ShardId        string `json:",omitempty"`
	}
	results := make([]result, len(p.entries))
	for i := range p.entries {
		e := &p.entries[i]
		sh := p.open[e.shard]
		if e.outcome == outcomeStored {
			results[i] = result{SequenceNumber: sh.form.text(e.counter), ShardId: sh.id}
			continue
		}
		err := s.entryError(st, sh, e.outcome)
		results[i] = result{ErrorCode: err.code, ErrorMessage: err.message}
	}
	return struct {
		FailedRecordCount int
		Records           []result
		EncryptionType    string `json:",omitempty"`
	}{failed, results, p.encryption}
}

// appendResult writes the entry's element of the answer, a comma after it.
func (s *Server) appendResult(out []byte, st *stream, p *putRequest, e *putEntry) []byte {
	sh := p.open[e.shard]
	if e.outcome != outcomeStored {
		err := s.entryError(st, sh, e.outcome)
		out = append(out, `{"ErrorCode":"`...)
		out = append(out, err.code...)
		out = append(out, `","ErrorMessage":"`...)
		out = append(out, err.message...) // of letters that JSON takes as they are
		return append(out, `"},`...)
	}
	out = append(out, `{"SequenceNumber":"`...)
	out = sh.form.append(out, e.counter)
	out = append(out, `","ShardId":"`...)
	out = append(out, sh.id...)
	return append(out, `"},`...)
}

func (s *Server) entryError(st *stream, sh *shard, o outcome) *apiError {
	switch o {
	case outcomeFault:
		return internalFailure("Injected fault.")
	case outcomeUnwritten:
		return internalFailure("The record could not be written to the data folder: is its disk full?")
	}
	return throttled("Rate exceeded for shard %s in stream %s under account %s.", sh.id, st.name, s.options.Account)
}

// putRecord answers PutRecord. SequenceNumberForOrdering need only be a number of this
// stream: they grow strictly anyway.
func (s *Server) putRecord(c *call) *apiError {
	in := putRecordRequest{server: s}
	if apiErr := c.decode(&in); apiErr != nil {
		return apiErr
	}
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return apiErr
	}
	if after := in.SequenceNumberForOrdering; after != "" {
		if counter, _, ok := st.parseSequence(after); !ok || counter > st.counter.Load() {
			return invalid("ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.", after, st.name, s.options.Account)
		}
	}
	p := &c.put
	p.begin()
	p.add(&in.wireEntry)
	if apiErr := p.prepare(st.maxRecord()); apiErr != nil {
		return apiErr
	}
	if _, apiErr := s.storeEntries(st, p, 0); apiErr != nil {
		return apiErr
	}
	e := p.entries[0]
	sh := p.open[e.shard]
	if e.outcome != outcomeStored {
		return s.entryError(st, sh, e.outcome)
	}
	return c.answer(struct {
		SequenceNumber, ShardId string
		EncryptionType          string `json:",omitempty"`
	}{sh.form.text(e.counter), sh.id, p.encryption})
}

// storeEntries stores the entries of one request and returns how many failed; share
// of them fail by injected fault.
func (s *Server) storeEntries(st *stream, p *putRequest, share float64) (failed int, apiErr *apiError) {
	if err := s.store.makeRoom(); err != nil {
		s.counts.refused.Add(1)
		if errors.Is(err, errDiskFull) {
			return 0, limitExceeded("%v", err)
		}
		return 0, internalFailure("%v", err)
	}
	if st.unsaved.Load() {
		if err := s.saveChanged(); err != nil {
			return 0, internalFailure("%v", err)
		}
	}
	now := s.now()
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone {
		return 0, s.noStream(st.name)
	}
	p.open = st.open // never changed, only replaced
	if st.accepted.KeyID != "" {
		p.encryption = encryptionKMS
	}
	p.route()
	segmentBytes := s.store.segmentBytes(len(st.open))
	for i, head := range p.heads {
		if head >= 0 {
			failed += s.appendTo(st, p.open[i], p, head, now, segmentBytes, share)
		}
	}
	return failed, nil
}

// route chains the entries of each open shard in their order.
func (p *putRequest) route() {
	for range p.open {
		p.heads = append(p.heads, -1)
	}
	for i := len(p.entries) - 1; i >= 0; i-- {
		e := &p.entries[i]
		at := sort.Search(len(p.open), func(n int) bool { return !p.open[n].last.less(e.hash) })
		e.shard, e.next = int32(at), p.heads[at]
		p.heads[at] = int32(i)
	}
}

// appendTo stores one shard's chain of entries and returns how many failed.
func (s *Server) appendTo(st *stream, sh *shard, p *putRequest, head int32, now int64, segmentBytes int, share float64) (failed int) {
	var stored, bytes int64
	sh.mu.Lock()
	defer sh.mu.Unlock()
	// Arrival times of a shard never go back, so that a time finds a place in it.
	arrival := max(now, sh.lastArrival)
	var text [24]byte
	seconds := protocol.Millis(arrival).AppendSeconds(text[:0])
	var err error
	for i := head; i >= 0; i = p.entries[i].next {
		e := &p.entries[i]
		e.counter = notStored
		if e.outcome = s.refuse(sh, e, now, share); e.outcome == outcomeStored && err == nil {
			if err = sh.append(p, e, st.counter.Add(1), seconds, arrival, segmentBytes); err != nil {
				e.counter = notStored
			}
		}
	}
	if err == nil {
		_ = sh.commit() // what it takes back shows in lastCounter
	}
	for i := head; i >= 0; i = p.entries[i].next {
		e := &p.entries[i]
		if e.outcome == outcomeStored && e.counter > sh.lastCounter {
			e.outcome = outcomeUnwritten
		}
		if e.outcome != outcomeStored {
			failed++
			continue
		}
		stored++
		bytes += int64(e.size)
	}
	s.counts.putRecords.Add(stored)
	s.counts.putBytes.Add(bytes)
	sh.wake()
	sh.trim(s.trimHorizon(st, now))
	return failed
}

// refuse says whether a fault or the shard's limits keep the entry out.
func (s *Server) refuse(sh *shard, e *putEntry, now int64, share float64) outcome {
	if share > 0 && s.faults.entryFails(share) {
		s.counts.faults.Add(1)
		return outcomeFault
	}
	if s.options.Limits && !sh.limits.put(e.bytes(), now) {
		s.counts.throttled.Add(1)
		return outcomeThrottled
	}
	return outcomeStored
}

// Around the members of a stored record.
const (
	recordTime     = `{"ApproximateArrivalTimestamp":`
	recordData     = `,"Data":"`
	recordKey      = `","PartitionKey":"`
	recordSequence = `","SequenceNumber":"`
	recordEnd      = `"},`
	recordFrame    = len(recordTime) + len(recordData) + len(recordKey) + len(recordSequence) + len(recordEnd) + sequenceLength
)

// append writes one record as GetRecords will answer it; mu is held. An error is of the
// data folder: none of the records since the last commit is stored.
func (sh *shard) append(p *putRequest, e *putEntry, counter uint64, seconds []byte, arrival int64, segmentBytes int) error {
	text, key := p.at(e.data), p.at(e.keyJSON)
	g, err := sh.room(recordFrame+len(seconds)+len(text)+len(key), segmentBytes)
	if err != nil {
		return err
	}
	e.counter = counter
	data := append(g.data, recordTime...)
	data = append(data, seconds...)
	data = append(data, recordData...)
	data = append(data, text...)
	data = append(data, recordKey...)
	data = append(data, key...)
	data = append(data, recordSequence...)
	data = sh.form.append(data, e.counter)
	g.data = append(data, recordEnd...)
	sh.add(g, e.counter, arrival, e.size)
	return nil
}
