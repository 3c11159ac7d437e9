package kinesis

type retentionRequest struct {
	streamRef
	RetentionPeriodHours int `check:"required range=1.."`
}

// The service keeps records for a day to a year.
const (
	leastRetentionHours = 24
	mostRetentionHours  = 8760
)

func (s *Server) increaseRetention(in *retentionRequest) (any, *apiError) {
	return nil, s.changeRetention(in, func(now int) *apiError {
		if in.RetentionPeriodHours < now {
			return in.refuse("shorter", now, "Decrease")
		}
		return nil
	})
}

func (s *Server) decreaseRetention(in *retentionRequest) (any, *apiError) {
	return nil, s.changeRetention(in, func(now int) *apiError {
		if in.RetentionPeriodHours > now {
			return in.refuse("longer", now, "Increase")
		}
		return nil
	})
}

func (in *retentionRequest) refuse(than string, now int, other string) *apiError {
	return invalid("Requested retention period (%d hours) for stream %s can not be %s than existing retention period (%d hours). Use %sRetentionPeriod API.",
		in.RetentionPeriodHours, in.name(), than, now, other)
}

func (s *Server) changeRetention(in *retentionRequest, check func(now int) *apiError) *apiError {
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return apiErr
	}
	if in.RetentionPeriodHours < leastRetentionHours {
		return invalid("Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short.", leastRetentionHours, in.RetentionPeriodHours)
	}
	if in.RetentionPeriodHours > mostRetentionHours {
		return invalid("Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long.", mostRetentionHours, in.RetentionPeriodHours)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if apiErr := check(st.retentionHours); apiErr != nil {
		return apiErr
	}
	st.retentionHours = in.RetentionPeriodHours
	return nil
}

// change runs f with the stream's lock held, if the stream is ACTIVE, and lets it be
// UPDATING for a while.
func (s *Server) change(ref streamRef, f func(st *stream) *apiError) *apiError {
	st, apiErr := s.stream(ref)
	if apiErr != nil {
		return apiErr
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if apiErr := s.active(st); apiErr != nil {
		return apiErr
	}
	if apiErr := f(st); apiErr != nil {
		return apiErr
	}
	st.updatedMs = until(s.now(), s.options.UpdateDelay)
	return nil
}

// active says why a stream cannot be changed; its lock is held.
func (s *Server) active(st *stream) *apiError {
	if st.gone {
		return s.noStream(st.name)
	}
	if status := s.status(st); status != statusActive {
		return inUse("Stream %s under account %s not ACTIVE, instead in state %s", st.name, s.options.Account, status)
	}
	return nil
}

type arnRef struct {
	StreamARN string `check:"required len=1..2048 pattern=stream"`
}

type streamModeRequest struct {
	arnRef
	StreamModeDetails streamMode `check:"required"`
}

// updateStreamMode changes what the mode says and permits; shards stay as they are.
func (s *Server) updateStreamMode(in *streamModeRequest) (any, *apiError) {
	return nil, s.change(streamRef{StreamARN: in.StreamARN}, func(st *stream) *apiError {
		st.mode = in.StreamModeDetails.StreamMode
		return nil
	})
}

type recordSizeRequest struct {
	arnRef
	MaxRecordSizeInKiB int `check:"required range=1024..10240"`
}

func (s *Server) updateRecordSize(in *recordSizeRequest) (any, *apiError) {
	return nil, s.change(streamRef{StreamARN: in.StreamARN}, func(st *stream) *apiError {
		st.recordSize = in.MaxRecordSizeInKiB << 10
		return nil
	})
}
